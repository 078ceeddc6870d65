import { createLyceum, type Lyceum, type SignedIn } from "@lyceum/client";
import type { Command } from "commander";
import { type Deployment, openDeployment } from "./deployment.ts";
import { SignedOutError } from "./failure.ts";
import type { Io } from "./io.ts";
import { createOutput, type Output } from "./output.ts";

/** What every command has. */
export type GlobalOptions = { readonly url?: string; readonly json?: true };

/** What a command works with. */
export type Cli = {
  readonly io: Io;
  readonly deployment: Deployment;
  readonly lyceum: Lyceum;
  readonly output: Output;
  /** Who is signed in; throws if nobody is. */
  signedIn(): SignedIn;
};

/** Opens what the options of a command name. Nothing is sent yet. */
export function openCli(io: Io, command: Command): Cli {
  const { url, json } = command.optsWithGlobals<GlobalOptions>();
  const deployment = openDeployment(io.variables, url);
  const { session: storage, uploads } = deployment;
  const lyceum = createLyceum({ baseUrl: deployment.url, storage, uploads });
  return {
    io,
    deployment,
    lyceum,
    output: createOutput(io, json === true),
    signedIn() {
      const person = lyceum.session.current();
      if (person) return person;
      throw new SignedOutError(`Nobody is signed in to ${deployment.url}. Sign in first: lyceum sign-in`);
    },
  };
}
