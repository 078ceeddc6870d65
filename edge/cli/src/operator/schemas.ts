import { resolve } from "node:path";
import { Command } from "commander";
import { ToldError } from "../failure.ts";
import type { Io } from "../io.ts";
import { runOperator } from "./run-operator.ts";

export const schemasCommand = (io: Io): Command =>
  new Command("schemas").description("the events' schemas: check").addCommand(checkCommand(io));

const checkCommand = (io: Io): Command =>
  new Command("check")
    .description(
      "whether the committed schemas and the installation's registry can live with every .avsc; changes nothing",
    )
    .option("--folder <path>", "where lyceum/<service>/v1/*.avsc are; the proto folder of this checkout if left out")
    .action(({ folder }: { folder?: string }, command: Command) =>
      runOperator(io, command, async ({ operator, output }) => {
        const [{ checkSchemas }, { readSchemas }] = await Promise.all([
          import("@lyceum/events"),
          import("./read-schemas.ts"),
        ]);
        const { files, base } = await readSchemas(folder && resolve(io.cwd, folder));
        const { registry } = await operator.openEvents();
        const schemas = await checkSchemas(registry, files);
        const refused = schemas.filter(({ standing }) => standing === "refused");
        output.record({ base: base ?? null, schemas });
        for (const schema of schemas) {
          if (schema.standing === "refused") output.line(`${schema.subject} (${schema.by}): ${schema.reason}`);
        }
        const count = (wanted: string) => schemas.filter(({ standing }) => standing === wanted).length;
        output.line(`${count("registered")} registered, ${count("new")} new, ${refused.length} refused.`);
        output.line(base ? `Compared with ${base.slice(0, 9)}, too.` : "There is no history here to compare with.");
        if (refused.length > 0) throw new ToldError();
      }),
    );
