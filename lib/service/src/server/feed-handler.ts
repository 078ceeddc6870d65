import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescMessage, DescMethodServerStreaming, MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { createMethodSerializationLookup, type MethodSerializationLookup } from "@connectrpc/connect/protocol";
import { endStreamToJson } from "@connectrpc/connect/protocol-connect";
import type { Logger } from "pino";
import { createEnvelopeReader, endFlag, toEnvelope } from "../feeds/envelope.ts";
import type { Feed, FeedReader, OpenFeed } from "../feeds/feed.ts";
import { createPreframer } from "../feeds/preframe.ts";
import { drained, maxWaitingBytes } from "../feeds/waiting.ts";
import { limits } from "../limits.ts";
import { protocolOptions } from "./protocol-options.ts";
import { drainBody, readWholeBody } from "./request-body.ts";
import type { RequestHandler } from "./request-handler.ts";
import { endUnread } from "./unread.ts";

/** What plain streams are served from. */
export type FeedHandlerOptions = {
  readonly feeds: readonly Feed[];
  readonly openFeed: OpenFeed;
  readonly log: Logger;
};

type Rpc = {
  readonly method: DescMethodServerStreaming;
  readonly messages: MethodSerializationLookup<DescMessage, DescMessage>;
};
type Format = {
  readonly contentType: string;
  readonly isBinary: boolean;
  readonly frame: ReturnType<typeof createPreframer>;
};

const formats = new Map<string | undefined, Format>(
  [
    {
      contentType: "application/connect+json",
      isBinary: false,
      frame: createPreframer(({ json }) => toEnvelope(json)),
    },
    {
      contentType: "application/connect+proto",
      isBinary: true,
      frame: createPreframer(({ binary }) => toEnvelope(binary)),
    },
  ].map((format) => [format.contentType, format]),
);

const closeMs = 5_000;

/**
 * Serves plain Connect streams over HTTP/1.1 from feeds: what they send is encoded once for all who receive it. False for a
 * request that is unusual in any way, and then it is connect-node's.
 */
export function createFeedHandler({ feeds, openFeed, log }: FeedHandlerOptions): RequestHandler {
  const byPath = new Map<string | undefined, Rpc>(
    feeds.map(({ rpc: method }) => {
      const { jsonOptions } = protocolOptions;
      const messages = createMethodSerializationLookup(method, undefined, jsonOptions, protocolOptions);
      return [`/${method.parent.typeName}/${method.name}`, { method, messages }];
    }),
  );
  return (req, res) => {
    const rpc = byPath.get(req.url);
    const format = formats.get(req.headers["content-type"]);
    if (!rpc || !format || !isPlain(req)) return false;
    serve(rpc, format, req, res, openFeed, log).catch((error) => {
      log.error({ err: error, url: req.url }, "A stream could not be answered.");
      res.destroy();
    });
    return true;
  };
}

function isPlain({ method, httpVersion, headers }: IncomingMessage): boolean {
  return (
    method === "POST" &&
    httpVersion === "1.1" &&
    headers["connect-timeout-ms"] === undefined &&
    (headers["connect-content-encoding"] ?? "identity") === "identity" &&
    (headers["content-encoding"] ?? "identity") === "identity"
  );
}

async function serve(
  { method, messages }: Rpc,
  format: Format,
  req: IncomingMessage,
  res: ServerResponse,
  openFeed: OpenFeed,
  log: Logger,
): Promise<void> {
  const startMs = performance.now();
  const traceparent = req.headers.traceparent?.toString();
  const reader = createReader(res, format);
  let input: MessageInitShape<DescMessage>;
  try {
    input = messages.getI(format.isBinary).parse(await readOnlyMessage(req));
  } catch (reason) {
    const error = ConnectError.from(reason);
    endUnread({ method, traceparent, startMs }, error, log);
    reader.end(error);
    return drainBody(req);
  }
  let opened: Disposable | undefined;
  res.once("close", () => opened?.[Symbol.dispose]());
  try {
    const token = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? "")?.[1] ?? "";
    opened = await openFeed(method, { token, input, traceparent }, reader);
    if (res.destroyed) opened[Symbol.dispose]();
  } catch (error) {
    reader.end(ConnectError.from(error));
  }
}

function createReader(res: ServerResponse, { contentType, frame }: Format): FeedReader {
  const begin = () => {
    if (!res.headersSent) res.writeHead(200, { "content-type": contentType });
  };
  return {
    write(taken) {
      if (res.writableEnded || res.writableLength > maxWaitingBytes) return false;
      begin();
      res.write(frame(taken));
      return true;
    },
    drained: () => drained(res),
    end(error) {
      if (res.writableEnded) return;
      begin();
      const end = endStreamToJson(new Headers(), error, protocolOptions.jsonOptions);
      res.end(toEnvelope(Buffer.from(JSON.stringify(end)), endFlag));
      // Whoever does not read does not hold the connection for ever.
      setTimeout(() => res.destroy(), closeMs).unref();
    },
  };
}

/** The message of a request that has exactly one. */
async function readOnlyMessage(req: IncomingMessage): Promise<Uint8Array> {
  const body = Buffer.from(await readWholeBody(req, limits.readMaxBytes));
  const [first, ...others] = createEnvelopeReader(limits.readMaxBytes)(body);
  const isWhole =
    first !== undefined && first.flags === 0 && others.length === 0 && body.length === 5 + first.payload.length;
  if (!isWhole) throw new ConnectError("The request is not one message in an envelope.", Code.InvalidArgument);
  return first.payload;
}
