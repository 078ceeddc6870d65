import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "./failure.ts";
import type { Io } from "./io.ts";

/** Asks for a line. Throws where nobody is there to answer; `otherwise` says what to give instead. */
export function promptLine(io: Io, question: string, otherwise: string): Promise<string> {
  return prompt(io, question, otherwise, io.stderr);
}

/** Asks for a line that is not shown as it is typed. */
export async function promptSecret(io: Io, question: string, otherwise: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const secret = await prompt(io, question, otherwise, nowhere);
  io.stderr.write("\n");
  return secret;
}

async function prompt(io: Io, question: string, otherwise: string, echo: Writable): Promise<string> {
  if (!io.stdin.isTTY) throw new UsageError(otherwise);
  // Written by us, so that it is seen where the typing is not.
  io.stderr.write(question);
  const lines = createInterface({ input: io.stdin, output: echo, terminal: true });
  const interrupted = new AbortController();
  lines.once("SIGINT", () => interrupted.abort());
  lines.once("close", () => interrupted.abort());
  try {
    return await lines.question("", { signal: interrupted.signal });
  } catch {
    throw new UsageError("Nothing was entered.");
  } finally {
    lines.close();
  }
}
