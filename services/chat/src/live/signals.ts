import { randomBytes } from "node:crypto";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { EventLog } from "@lyceum/events";
import { SubscribeResponseSchema } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { createFrame, type LiveEvent } from "./frame.ts";
import type { Audience } from "./hub.ts";

/** What the processes of chat tell each other. All of it may be lost: changes are in the log, the rest does no harm. */
export type Heard =
  /** These rooms have changed, these people came into rooms. */
  | { readonly kind: "changed"; readonly roomIds: readonly string[]; readonly userIds: readonly string[] }
  /** Something that is not durable. */
  | { readonly kind: "told"; readonly audience: Audience; readonly event: LiveEvent }
  /** These people listen to a process now, or no longer do. */
  | {
      readonly kind: "present";
      readonly userIds: readonly string[];
      readonly online: boolean;
      readonly process: string;
    }
  /** A process lives; one that has just begun asks the others who is there. */
  | { readonly kind: "alive"; readonly asks: boolean; readonly process: string };

export type Signals = AsyncDisposable & {
  /** Says it to the other processes. */
  say(what: SaidKind): void;
};

type WithoutProcess<T> = T extends unknown ? Omit<T, "process"> : never;
type SaidKind = WithoutProcess<Heard>;

const topic = "chat";

/** Opens the way to the other processes; what this one says is not heard here. */
export async function openSignals(events: EventLog, onHeard: (heard: Heard) => void): Promise<Signals> {
  const self = randomBytes(6).toString("base64url");
  const hearing = await events.onSignal(topic, (from, bytes) => {
    if (from !== self) onHeard(read(from, bytes));
  });
  return {
    say: (what) => void events.signal(topic, self, write(what)).catch(() => {}),
    [Symbol.asyncDispose]: () => Promise.resolve(hearing[Symbol.asyncDispose]()),
  };
}

/** A line of JSON, and after it the response that is told, in binary. */
function write(said: SaidKind): Uint8Array {
  if (said.kind !== "told") return Buffer.from(`${JSON.stringify(said)}\n`);
  const { event, ...head } = said;
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    toBinary(SubscribeResponseSchema, createFrame("", event).response),
  ]);
}

function read(process: string, bytes: Uint8Array): Heard {
  const end = bytes.indexOf(10);
  const head = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString());
  if (head.kind !== "told") return { ...head, process };
  return { ...head, event: fromBinary(SubscribeResponseSchema, bytes.subarray(end + 1)).event };
}
