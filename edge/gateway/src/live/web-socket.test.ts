import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { createSockets } from "./web-socket.ts";

let stack = new DisposableStack();
afterEach(() => {
  stack.dispose();
  stack = new DisposableStack();
});

/** A client of sockets that are this patient. */
async function connect(
  patience: { authenticateMs?: number; silentMs?: number; aliveMs?: number },
  { autoPong = true, hasCookie = false } = {},
) {
  const asked: (string | undefined)[] = [];
  const source = {
    feed: () => new Promise<never>(() => {}),
    credentials: {
      hasCookie: () => hasCookie,
      tokenFor: async (token: string | undefined) => {
        asked.push(token);
        return "";
      },
    },
  };
  const sockets = stack.use(createSockets(source, new AbortController().signal, patience));
  const server = createServer().on("upgrade", sockets.accept).listen(0, "127.0.0.1");
  stack.defer(() => server.close());
  await once(server, "listening");
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/ws`, { autoPong });
  stack.defer(() => client.terminate());
  const closed = new Promise<number>((resolve) => client.once("close", resolve));
  await once(client, "open");
  return { client, closed, asked };
}

test("a client that does not say who it is in time is closed with 4400", async () => {
  const { closed } = await connect({ authenticateMs: 20 });
  expect(await closed).toBe(4400);
});

test("a client with a cookie may keep silent, or leave the token out; with a token it is who that says", async () => {
  const silent = await connect({ authenticateMs: 10, silentMs: 20 }, { hasCookie: true });
  await vi.waitFor(() => expect(silent.asked).toEqual([undefined]));
  for (const token of [undefined, "t"]) {
    const { client, asked } = await connect({ silentMs: 5_000 }, { hasCookie: true });
    client.send(JSON.stringify({ type: "auth", token }));
    await vi.waitFor(() => expect(asked).toEqual([token]));
  }
});

test("a client that answers no ping is cut, one that does stays", async () => {
  const gone = await connect({ aliveMs: 30 }, { autoPong: false });
  expect(await gone.closed).toBe(1006);
  const alive = await connect({ aliveMs: 30 });
  for (let pings = 0; pings < 3; pings += 1) await once(alive.client, "ping");
  expect(alive.client.readyState).toBe(WebSocket.OPEN);
});
