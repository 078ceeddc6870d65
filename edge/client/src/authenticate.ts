import { type DescMethod, getOption, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse, type Transport } from "@connectrpc/connect";
import { rule } from "@lyceum/gen/proto/lyceum/access/v1/access_pb.ts";
import { problemOf } from "./problem.ts";
import type { LyceumSession } from "./session.ts";

/** Unary calls end after this long unless the caller says otherwise; streams live as long as they are read. */
const defaultTimeoutMs = 30_000;

/**
 * Sends the session's access token with every call, and a refused call once more with a renewed one. A stream counts as
 * refused only before its first message.
 */
export function authenticate(transport: Transport, session: LyceumSession): Transport {
  return {
    unary: (method, signal, timeoutMs = defaultTimeoutMs, header, input, contextValues) =>
      withToken(session, method, header, (headers) =>
        transport.unary(method, signal, timeoutMs, headers, input, contextValues),
      ),
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const messages: MessageInitShape<typeof method.input>[] = [];
      for await (const message of input) messages.push(message);
      return withToken(session, method, header, async (headers) =>
        begun(await transport.stream(method, signal, timeoutMs, headers, replay(messages), contextValues)),
      );
    },
  };
}

async function withToken<T>(
  session: LyceumSession,
  method: DescMethod,
  header: HeadersInit | undefined,
  call: (headers: Headers) => Promise<T>,
): Promise<T> {
  const headers = new Headers(header);
  if (getOption(method, rule).public) return call(headers);
  return retryRefused(session, (token) => {
    if (token) headers.set("authorization", `Bearer ${token}`);
    return call(headers);
  });
}

/** Runs `call` with a token, and once more with its successor if it is refused as unauthenticated. */
export async function retryRefused<T>(
  session: LyceumSession,
  call: (token: string | undefined) => Promise<T>,
): Promise<T> {
  const token = await session.accessToken();
  try {
    return await call(token);
  } catch (error) {
    if (!token || !isTokenRefused(ConnectError.from(error))) throw error;
    const successor = await session.renew(token);
    if (!successor) throw error;
    return call(successor);
  }
}

/** A wrong password, code or passkey, such as one that proves again who calls, is no reason to renew the token and to guess once more. */
function isTokenRefused(error: ConnectError): boolean {
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
