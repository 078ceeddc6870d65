import { Command } from "commander";
import type { Io } from "../io.ts";
import { runOperator } from "./run-operator.ts";

export const rotateKeysCommand = (io: Io): Command =>
  new Command("rotate-keys")
    .description("have access tokens signed with a new key; those signed before stay good until they end")
    .action((_options: object, command: Command) =>
      runOperator(io, command, async ({ output, operate }) => {
        const said = await operate("identity", "rotateSigningKey", []);
        output.record({ requested: true });
        output.line(said);
      }),
    );
