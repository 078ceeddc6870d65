/** Runs one named check or build of the checkout with the tools in `node_modules/.bin`: `npm run lint` and its like. */
import { runTool } from "./run-tool.ts";

const sources = ["edge", "services", "lib", "gen", "bench", "eval"];

const tasks: Record<string, [tool: string, ...args: string[]][]> = {
  lint: [["biome", "check", "--error-on-warnings", "."]],
  format: [
    ["biome", "check", "--write", "."],
    ["buf", "format", "-w", "--path", "proto/lyceum"],
  ],
  "lint:proto": [
    ["buf", "lint"],
    ["buf", "format", "--diff", "--exit-code", "--path", "proto/lyceum"],
  ],
  typecheck: [["tsc", "-p", "."]],
  boundaries: [["depcruise", "--config", ".dependency-cruiser.cjs", ...sources]],
  "dead-code": [["knip"]],
  build: [["vite", "build", "--logLevel", "warn", "edge/web"]],
};

const [name = "", ...rest] = process.argv.slice(2);
const commands = tasks[name];
if (!commands) {
  console.error(`There is no task ${name}. Known: ${Object.keys(tasks).join(", ")}`);
  process.exit(2);
}
for (const [tool, ...args] of commands) {
  const { status } = runTool(tool, [...args, ...rest], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
