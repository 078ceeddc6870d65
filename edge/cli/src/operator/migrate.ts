import { Command } from "commander";
import type { Io } from "../io.ts";
import { runOperator } from "./run-operator.ts";

export const migrateCommand = (io: Io): Command =>
  new Command("migrate")
    .description("bring all databases up to date, before new processes start")
    .option("--dry-run", "only say what is missing")
    .action((options: { dryRun?: true }, command: Command) =>
      runOperator(io, command, async ({ operator, output, loadServices }) => {
        const { migrateAll } = await import("@lyceum/service");
        const dryRun = options.dryRun === true;
        const onDatabase = (name: string) => output.progress(`${name}…`);
        const done = await migrateAll(operator, await loadServices(), { dryRun, onDatabase });
        output.record({ dryRun, databases: done });
        for (const { database, migrations } of done) {
          for (const { name } of migrations) output.line(`${database}: ${name}${dryRun ? " is missing" : ""}`);
        }
        if (done.every(({ migrations }) => migrations.length === 0)) output.line("All databases are up to date.");
      }),
    );
