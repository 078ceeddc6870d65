/** `npm run migrations -- <service> <what_changes>`: writes the migration that turns the last schema into today's `schema.ts`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, runTool } from "./run-tool.ts";

const [service = "", name = ""] = process.argv.slice(2);
const folder = `services/${service}/src`;
if (!name || !existsSync(join(root, folder, "schema.ts"))) {
  console.error("Usage: npm run migrations -- <service> <what_changes>, for a service with a src/schema.ts");
  process.exit(2);
}
const args = [
  "--dialect",
  "postgresql",
  "--schema",
  `${folder}/schema.ts`,
  "--out",
  `${folder}/migrations`,
  "--name",
  name,
];
process.exit(runTool("drizzle-kit", ["generate", ...args], { stdio: "inherit" }).status ?? 1);
