import { Argument, Command } from "commander";
import type { Io } from "../io.ts";
import { runOperator } from "./run-operator.ts";

export const roleCommand = (io: Io): Command =>
  new Command("role")
    .description("make a person user, moderator or admin; it ends their sessions")
    .argument("<email>", "the address of their account")
    .addArgument(new Argument("<role>", "what they are from now on").choices(["user", "moderator", "admin"]))
    .action((email: string, role: string, _options: object, command: Command) =>
      runOperator(io, command, async ({ output, operate }) => {
        const said = await operate("identity", "setRole", [email, role]);
        output.record({ email, role });
        output.line(said);
      }),
    );
