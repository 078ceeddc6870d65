import { Command } from "commander";
import type { Io } from "../io.ts";
import { openCli } from "../open-cli.ts";

export const signOutCommand = (io: Io): Command =>
  new Command("sign-out").description("end the session, here and at the Lyceum").action(async (_, command: Command) => {
    const { lyceum, output, deployment } = openCli(io, command);
    const person = lyceum.session.current();
    await lyceum.session.signOut();
    output.record({ url: deployment.url, signedOut: person !== undefined });
    output.line(person ? `Signed out of ${deployment.url}.` : `Nobody was signed in to ${deployment.url}.`);
  });
