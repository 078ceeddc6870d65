import type { Entrance, MfaChallenge } from "@lyceum/client";
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

/** Goes on from where a sign-up or sign-in has led, asking for a code where one is needed. */
export async function goIn(cli: Cli, entrance: Entrance): Promise<void> {
  if (entrance.state === "mail-sent") {
    cli.output.record({ verificationRequired: true });
    cli.output.line("A mail is on its way. Follow its link, then sign in.");
    return;
  }
  if (entrance.state === "second-factor") await completeMfa(cli, entrance.challenge);
  welcome(cli);
}

async function completeMfa({ io, lyceum }: Cli, { token }: MfaChallenge): Promise<void> {
  const code = await promptLine(
    io,
    "Code of your authenticator app, or a recovery code: ",
    "A code is asked for: sign in at a terminal.",
  );
  const isTotp = /^[\d\s]{6,8}$/.test(code.trim());
  const proof = isTotp
    ? ({ case: "totpCode", value: code.trim() } as const)
    : ({ case: "recoveryCode", value: code.trim() } as const);
  lyceum.session.enter(await lyceum.identity.completeMfa({ challengeToken: token, proof }));
}

/** Tells that someone is signed in, and makes their Lyceum the one that is spoken to. */
function welcome({ deployment, lyceum, output }: Cli): void {
  deployment.choose();
  const { email, userId } = lyceum.session.current() ?? {};
  output.record({ url: deployment.url, userId, email });
  output.line(`Signed in to ${deployment.url} as ${email}.`);
}
