import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { create, type DescMethodServerStreaming, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { endStreamFromJson } from "@connectrpc/connect/protocol-connect";
import type { ServiceName } from "../define-service.ts";
import { fail } from "../errors.ts";
import { limits } from "../limits.ts";
import { serviceNameOf } from "../service-name.ts";
import { createEnvelopeReader, type Envelope, endFlag, toEnvelope } from "./envelope.ts";
import type { FeedCall, FeedFrame, FeedReader, OpenFeed } from "./feed.ts";

/** Opens the feeds of services in other processes: their Connect streams, whose JSON is handed on unparsed. */
export function createRemoteFeeds(urlOf: (name: ServiceName) => string | undefined): OpenFeed {
  const agent = new Agent({ keepAlive: true });
  return async (rpc, call, reader) => {
    const name = serviceNameOf(rpc.parent);
    const url = urlOf(name);
    if (!url) throw new ConnectError(`${name} does not run here, and its address is not known.`, Code.Unimplemented);
    const req = request(`${url}/${rpc.parent.typeName}/${rpc.name}`, {
      method: "POST",
      agent,
      headers: headersOf(call),
    });
    const stream = openStream(rpc, req, reader);
    req.end(toEnvelope(Buffer.from(toJsonString(rpc.input, create(rpc.input, call.input)))));
    return stream;
  };
}

function headersOf({ token, traceparent }: FeedCall): Record<string, string> {
  return {
    "content-type": "application/connect+json",
    "connect-protocol-version": "1",
    ...(token && { authorization: `Bearer ${token}` }),
    ...(traceparent && { traceparent }),
  };
}

/** Resolves with the first frame, rejects if the stream fails before it. */
function openStream(rpc: DescMethodServerStreaming, req: ClientRequest, reader: FeedReader): Promise<Disposable> {
  const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
  let isOpen = false;
  let isOver = false;
  const close = () => {
    isOver = true;
    req.destroy();
  };
  const begin = () => {
    isOpen = true;
    resolve({ [Symbol.dispose]: close });
  };
  const end = (error: ConnectError) => {
    if (isOver) return;
    close();
    if (isOpen) reader.end(error);
    else reject(error);
  };
  const take = ({ flags, payload }: Envelope) => {
    if (isOver) return;
    if (flags === endFlag) return end(endStreamFromJson(payload).error ?? ended());
    if (flags !== 0) return end(unreadable());
    if (!reader.write(toFrame(rpc, Buffer.from(payload)))) return end(tooSlow());
    begin();
  };
  const read = async (res: IncomingMessage) => {
    if (res.statusCode !== 200) throw unreadable();
    const readEnvelopes = createEnvelopeReader(limits.writeMaxBytes);
    for await (const chunk of res) {
      for (const envelope of readEnvelopes(chunk)) take(envelope);
      // What was missed comes in bulk, and waits at its source while the client reads slowly.
      if (chunk.length >= bulkBytes && !isOver) await reader.drained();
    }
  };
  req.once("response", (res) =>
    read(res).then(
      () => end(ended()),
      (error) => end(away(error)),
    ),
  );
  req.on("error", (error) => end(away(error)));
  return promise;
}

function toFrame(rpc: DescMethodServerStreaming, json: Buffer): FeedFrame {
  const [, cursor, event] = head.exec(json.toString("latin1", 0, 512)) ?? [];
  if (cursor === undefined || event === undefined) throw unreadable();
  let binary: Uint8Array | undefined;
  return {
    event,
    cursor,
    json,
    get binary() {
      binary ??= toBinary(rpc.output, fromJsonString(rpc.output, json.toString(), { ignoreUnknownFields: true }));
      return binary;
    },
  };
}

/** Sockets are read in pieces of 64 KiB, if there is so much. */
const bulkBytes = 48 * 1024;

/** As our own services begin a response: its fields come in the order of their numbers. */
const head = /^\{"cursor":"([\w-]*)","(\w+)":/;

const away = (cause: unknown) => {
  if (cause instanceof ConnectError) return cause;
  const error = fail(
    Code.Unavailable,
    "UNREACHABLE",
    "A part of Lyceum cannot be reached now. Connect again to go on.",
  );
  error.cause = cause;
  return error;
};
const ended = () => fail(Code.Unavailable, "RESTARTING", "The stream has ended. Connect again to go on.");
const unreadable = () => new ConnectError("What a part of Lyceum answers cannot be read.", Code.Internal);
const tooSlow = () => fail(Code.ResourceExhausted, "TOO_SLOW", "Too much waits to be read. Connect again to go on.");
