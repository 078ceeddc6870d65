import { Command } from "commander";
import { goIn, readEmail, readPassword } from "../credentials.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { type Cli, openCli } from "../open-cli.ts";

export const signUpCommand = (io: Io): Command =>
  new Command("sign-up")
    .description("make an account and sign in to it")
    .option("--email <address>", "your e-mail address; asked for if left out")
    .option("--name <name>", "how others see you; the address up to its @ if left out")
    .action(async ({ email, name }: { email?: string; name?: string }, command: Command) => {
      const cli = openCli(io, command);
      const account = { email: await readEmail(cli, email), displayName: name ?? "" };
      await goIn(cli, await cli.lyceum.session.signUp({ ...account, password: await readNewPassword(cli) }));
    });

/** Typed twice, since what is typed is not seen. */
async function readNewPassword(cli: Cli): Promise<string> {
  const password = await readPassword(cli);
  if (cli.io.variables.LYCEUM_PASSWORD !== undefined) return password;
  if ((await readPassword(cli, "Again: ")) !== password) throw new UsageError("The two passwords differ: try again.");
  return password;
}
