import type { Cli } from "./open-cli.ts";
import { promptLine, promptSecret } from "./prompt.ts";

/** The address given, or asked for. */
export async function readEmail({ io }: Cli, given: string | undefined): Promise<string> {
  return given ?? (await promptLine(io, "E-mail: ", "Say who you are with --email."));
}

/** LYCEUM_PASSWORD, or what is typed without being shown. */
export async function readPassword({ io }: Cli, question = "Password: "): Promise<string> {
  return io.variables.LYCEUM_PASSWORD ?? (await promptSecret(io, question, "Give the password in LYCEUM_PASSWORD."));
}

/** Tells that someone is signed in, and makes their Lyceum the one that is spoken to. */
export function welcome({ deployment, lyceum, output }: Cli): void {
  deployment.choose();
  const { email, userId } = lyceum.session.current() ?? {};
  output.record({ url: deployment.url, userId, email });
  output.line(`Signed in to ${deployment.url} as ${email}.`);
}
