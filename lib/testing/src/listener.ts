import { setTimeout as sleep } from "node:timers/promises";
import type { Json, Person } from "./person.ts";

/** A person's open WebSocket, which comes back with its cursor whenever it is lost. */
export type Listener = AsyncDisposable & {
  /** What was heard, durable changes once each: SubscribeResponses as JSON. */
  readonly heard: Json[];
  /** Codes with which connections were closed, first to last. */
  readonly closed: number[];
  /** Resolves once it is live. */
  ready(): Promise<void>;
};

const durable = ["message", "messageEdited", "messageDeleted", "reaction", "membership", "pin"];
const finalCodes = [4400, 4401];

/** Listens to everything in the person's rooms, as a client from outside: the first frame signs in. */
export function listen(url: string, person: Person): Listener {
  const heard: Json[] = [];
  const closed: number[] = [];
  const lastChange = new Map<string, bigint>();
  let cursor = "";
  let socket: WebSocket | undefined;
  let stopped = false;
  let live = Promise.withResolvers<void>();

  function take(frame: Json): void {
    cursor = frame.cursor || cursor;
    if (frame.ready) live.resolve();
    const name = durable.find((event) => event in frame);
    if (name) {
      const { roomId, change } = frame[name];
      if (BigInt(change) <= (lastChange.get(roomId) ?? 0n)) return;
      lastChange.set(roomId, BigInt(change));
    }
    heard.push(frame);
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const code = await connect();
      live = Promise.withResolvers();
      closed.push(code);
      if (finalCodes.includes(code)) return;
      await sleep(50);
    }
  }

  const connect = () =>
    new Promise<number>((resolve) => {
      socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`);
      socket.onopen = () => socket?.send(JSON.stringify({ type: "auth", token: person.token, cursor }));
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(String(data));
        if (!("type" in frame)) take(frame);
      };
      socket.onerror = () => {};
      socket.onclose = ({ code }) => resolve(code);
    });

  const running = run();
  return {
    heard,
    closed,
    ready: () => live.promise,
    async [Symbol.asyncDispose]() {
      stopped = true;
      socket?.close();
      await running;
    },
  };
}
