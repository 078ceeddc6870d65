import { type DescMethod, getOption, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse, type Transport } from "@connectrpc/connect";
import { rule } from "@lyceum/gen/proto/lyceum/access/v1/access_pb.ts";
import { problemOf } from "./problem.ts";
import type { LyceumSession, Proof } from "./session.ts";

/** Unary calls end after this long unless the caller says otherwise; streams live as long as they are read. */
const defaultTimeoutMs = 30_000;

/**
 * Sends what proves the session with every call, and a refused call once more renewed. A stream counts as
 * refused only before its first message.
 */
export function authenticate(transport: Transport, session: LyceumSession): Transport {
  return {
    unary: (method, signal, timeoutMs = defaultTimeoutMs, header, input, contextValues) =>
      withProof(session, method, header, (headers) =>
        transport.unary(method, signal, timeoutMs, headers, input, contextValues),
      ),
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const messages: MessageInitShape<typeof method.input>[] = [];
      for await (const message of input) messages.push(message);
      return withProof(session, method, header, async (headers) =>
        begun(await transport.stream(method, signal, timeoutMs, headers, replay(messages), contextValues)),
      );
    },
  };
}

async function withProof<T>(
  session: LyceumSession,
  method: DescMethod,
  header: HeadersInit | undefined,
  call: (headers: Headers) => Promise<T>,
): Promise<T> {
  const headers = new Headers(header);
  if (getOption(method, rule).public) return call(headers);
  return retryRefused(session, (proof) => {
    for (const [name, value] of Object.entries(proof?.headers ?? {})) headers.set(name, value);
    return call(headers);
  });
}

/** Runs `call` with what proves who calls, and once more with its successor if it is refused as unauthenticated. */
export async function retryRefused<T>(
  session: LyceumSession,
  call: (proof: Proof | undefined) => Promise<T>,
): Promise<T> {
  const proof = await session.proof();
  try {
    return await call(proof);
  } catch (error) {
    if (!proof || !isProofRefused(ConnectError.from(error))) throw error;
    const successor = await session.renew(proof);
    if (!successor) throw error;
    return call(successor);
  }
}

/** A wrong password, code or passkey, such as one that proves again who calls, is no reason to renew the session and to guess once more. */
function isProofRefused(error: ConnectError): boolean {
  return error.code === Code.Unauthenticated && !wrongProofs.has(problemOf(error).reason);
}

const wrongProofs: ReadonlySet<string> = new Set(["INVALID_CREDENTIALS", "INVALID_CODE", "PASSKEY_REFUSED"]);

/** The stream once its first message is there, so that a refusal is thrown here. */
// biome-ignore lint/suspicious/noExplicitAny: the messages pass through unread
async function begun<S extends StreamResponse<any, any>>(response: S): Promise<S> {
  const messages = response.message[Symbol.asyncIterator]();
  const first = await messages.next();
  return { ...response, message: prepend(first, messages) };
}

async function* prepend<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* replay<T>(messages: readonly T[]): AsyncGenerator<T> {
  yield* messages;
}
