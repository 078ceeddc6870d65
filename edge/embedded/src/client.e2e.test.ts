import { randomBytes } from "node:crypto";
import { connect, createServer } from "node:net";
import { chatService } from "@lyceum/chat";
import { createLyceum, createMemoryUploadStore, type Lyceum, RoomKind, type Subscription } from "@lyceum/client";
import { filesService } from "@lyceum/files";
import { gatewayService } from "@lyceum/gateway";
import { identityService } from "@lyceum/identity";
import { profileService } from "@lyceum/profile";
import { type Apart, startApart } from "@lyceum/testing/start-apart.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

/** The client against a gateway that can be ended and started again, and services that stay. */
let program: Apart;
let ada: Lyceum;
let bob: Lyceum;

beforeAll(async () => {
  program = await startApart([gatewayService], [identityService, profileService, filesService, chatService]);
  [ada, bob] = await Promise.all([signUp("ada"), signUp("bob")]);
}, 120_000);
afterAll(() => program?.[Symbol.asyncDispose]());

async function signUp(name: string, baseUrl = program.url): Promise<Lyceum> {
  const lyceum = createLyceum({ baseUrl });
  await lyceum.session.signUp({ email: `${name}@example.org`, password: "correct horse battery", displayName: name });
  return lyceum;
}

const soon = { timeout: 20_000 };

/** Follows, and keeps the seq of every message of a room as it is told. */
function follow(lyceum: Lyceum, hasSocket = true) {
  const told: bigint[] = [];
  const resets: string[] = [];
  const socket = globalThis.WebSocket;
  // biome-ignore lint/suspicious/noExplicitAny: a browser behind a proxy that lets no sockets through
  if (!hasSocket) delete (globalThis as any).WebSocket;
  const subscription: Subscription = lyceum.subscribe({
    onResponse({ event }) {
      if (event.case === "message") told.push(event.value.seq);
      if (event.case === "reset") resets.push(event.value.reason);
    },
  });
  globalThis.WebSocket = socket;
  return { told, resets, subscription };
}

test("no message is lost or doubled while the gateway is ended and started again, over sockets and streams", async () => {
  const bobsId = bob.session.current()?.userId ?? "";
  const { room } = await ada.chat.createRoom({ kind: RoomKind.GROUP, title: "Tides", memberIds: [bobsId] });
  const followers = [follow(ada), follow(bob), follow(bob, false)];
  await expect.poll(() => followers.every(({ subscription }) => subscription.state === "live"), soon).toBe(true);

  let sent = 0;
  const say = async (lyceum: Lyceum) => {
    sent += 1;
    const text = `message ${sent}`;
    // As a page does: the same clientId until it is answered.
    for (let tries = 0; tries < 900; tries += 1) {
      const message = { roomId: room?.id ?? "", clientId: text, text };
      if (await lyceum.chat.sendMessage(message).catch(() => undefined)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("It could not be sent.");
  };
  const talk = async (count: number) => {
    for (let index = 0; index < count; index += 1) await say(index % 2 ? bob : ada);
  };
  await talk(4);
  const talking = talk(20);
  await program.restartGateway();
  await talking;
  await talk(4);

  const { messages } = await bob.chat.listMessages({ roomId: room?.id ?? "", pageSize: 250 });
  expect(messages.filter(({ text }) => text).map(({ text }) => text)).toHaveLength(28);
  const seqs = messages.map(({ seq }) => seq).filter((seq) => seq > (messages[0]?.seq ?? 0n) + 1n);
  for (const { told, resets } of followers) {
    await expect.poll(() => told.at(-1), soon).toBe(seqs.at(-1));
    expect(told.filter((seq) => seqs.includes(seq))).toEqual(seqs);
    expect(resets).toEqual([]);
  }
  for (const { subscription } of followers) subscription.close();
}, 90_000);

test("a cursor of another home begins anew and says so", async () => {
  const resets: string[] = [];
  using subscription = ada.subscribe({
    cursor: "of another home",
    onResponse: ({ event }) => event.case === "reset" && resets.push(event.value.reason),
  });
  await expect.poll(() => subscription.state, soon).toBe("live");
  expect(resets).toEqual(["DAMAGED"]);
});

test("a session that is revoked ends its subscription", async () => {
  const eve = await signUp("eve");
  const ends: string[] = [];
  const other = createLyceum({ baseUrl: program.url });
  await other.session.signIn({ email: "eve@example.org", password: "correct horse battery" });
  using subscription = other.subscribe({ onResponse: () => {}, onEnd: ({ message }) => ends.push(message) });
  await expect.poll(() => subscription.state, soon).toBe("live");
  await eve.identity.revokeSession({ sessionId: other.session.current()?.sessionId ?? "" });
  await expect.poll(() => subscription.state, soon).toBe("ended");
  expect(ends).toHaveLength(1);
  expect(other.session.current()).toBeUndefined();
});

/** A way to `target` that cuts as many connections as `cuts` says, each after so many bytes from the client. */
async function openBadWay(target: string, cuts: number[]) {
  const { port } = new URL(target);
  const way = createServer((client) => {
    const server = connect(Number(port), "127.0.0.1");
    let passed = 0;
    client.on("data", (bytes: Buffer) => {
      passed += bytes.length;
      if (passed > 100_000 && cuts.length > 0 && passed > (cuts[0] ?? 0)) {
        cuts.shift();
        client.resetAndDestroy();
        server.end();
      }
    });
    client.pipe(server).pipe(client);
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on("error", end).on("close", end);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => way.once("listening", resolve));
  return { url: `http://127.0.0.1:${(way.address() as { port: number }).port}`, way };
}

test("an upload that is cut 20 times and left by its page once arrives whole", async () => {
  const bytes = randomBytes(12_000_000);
  const cuts = Array.from({ length: 20 }, (_, index) => 200_000 + (index % 5) * 100_000);
  const { url, way } = await openBadWay(program.url, cuts);
  const uploads = createMemoryUploadStore();
  const open = async () => {
    const lyceum = createLyceum({ baseUrl: url, uploads });
    await lyceum.session.signIn({ email: "ada@example.org", password: "correct horse battery" });
    return lyceum;
  };
  const page = new AbortController();
  const leave = (share: number) => share > 0.3 && page.abort();
  const first = (await open()).startUpload(new Blob([bytes]), {
    name: "sea.bin",
    onProgress: leave,
    signal: page.signal,
  });
  await expect(first.file).rejects.toThrow();

  const shares: number[] = [];
  const again = await open();
  const file = await again.startUpload(new Blob([bytes]), {
    name: "sea.bin",
    onProgress: (share) => shares.push(share),
  }).file;
  expect(cuts).toEqual([]);
  expect(shares[0]).toBeGreaterThan(0.1);
  const content = await again.fetchContent(file.id);
  expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
  expect((await again.files.listFiles({})).files.map(({ name }) => name)).toEqual(["sea.bin"]);
  way.close();
}, 90_000);
