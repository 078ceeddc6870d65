import type { DescMessage, DescMethodServerStreaming, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";

/**
 * One response of a feed, encoded once for all who receive it. The same object reaches every reader, so what is made of it may
 * be kept by its identity; nobody changes its bytes.
 */
export type FeedFrame = {
  /** The chosen field of its oneof in JSON's spelling, such as `messageEdited`. */
  readonly event: string;
  /** Resume with it. */
  readonly cursor: string;
  /** The whole response as proto3 JSON in UTF-8. */
  readonly json: Uint8Array;
  /** The whole response in the binary format. */
  readonly binary: Uint8Array;
};

/** Where a feed writes. Nothing here throws, and only `drained` waits. */
export type FeedReader = {
  /** Takes a frame. False if too much waits for the client already: the frame was not taken, and the feed ends. */
  write(frame: FeedFrame): boolean;
  /** Resolves when little waits for the client. Asked between pages of what was missed, which may be long. */
  drained(): Promise<void>;
  /** Nothing more comes, and why. */
  end(error: ConnectError): void;
};

/** Another way to a server-streaming RPC: it pushes frames instead of making messages for each reader. */
export type Feed = {
  readonly rpc: DescMethodServerStreaming;
  /** Begins to write for a person, perhaps before it resolves, until it is disposed of. They were let in, the input is valid. */
  open(userId: string, input: unknown, reader: FeedReader): Promise<Disposable>;
};

/** What a feed is opened with. */
export type FeedCall<I extends DescMessage = DescMessage> = {
  /** The caller's access token, without `Bearer`. */
  readonly token: string | undefined;
  readonly input: MessageInitShape<I>;
  readonly traceparent?: string | undefined;
};

/**
 * Opens the feed of an RPC for whoever holds the token: until it is disposed of, the session ends or the process stops. Rejects
 * with what the RPC would fail with.
 */
export type OpenFeed = <I extends DescMessage>(
  rpc: DescMethodServerStreaming<I>,
  call: FeedCall<I>,
  reader: FeedReader,
) => Promise<Disposable>;

/** Types the feed of one RPC. */
export function defineFeed<I extends DescMessage>(
  rpc: DescMethodServerStreaming<I>,
  open: (userId: string, input: MessageShape<I>, reader: FeedReader) => Promise<Disposable>,
): Feed {
  return { rpc, open: (userId, input, reader) => open(userId, input as MessageShape<I>, reader) };
}
