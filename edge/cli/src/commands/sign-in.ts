import { Command } from "commander";
import { goIn, readEmail, readPassword } from "../credentials.ts";
import type { Io } from "../io.ts";
import { openCli } from "../open-cli.ts";

export const signInCommand = (io: Io): Command =>
  new Command("sign-in")
    .description("sign in with your e-mail address and password (or LYCEUM_PASSWORD)")
    .option("--email <address>", "your e-mail address; asked for if left out")
    .action(async ({ email }: { email?: string }, command: Command) => {
      const cli = openCli(io, command);
      const account = { email: await readEmail(cli, email), password: await readPassword(cli) };
      await goIn(cli, await cli.lyceum.session.signIn(account));
    });
