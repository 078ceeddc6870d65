import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openEmbeddedPostgres } from "@lyceum/database";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { type Figure, quantile } from "./figure.ts";
import { type Caller, openCaller } from "./open-caller.ts";
import { runPgbench } from "./pgbench.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";

const sends = 400;
const rounds = 5;
const messagesPerRound = 40;
const firstListeners = 100;
const word = '"text":"bench ';

/** S7 and S9: how soon a message is at its listeners, how many deliveries a second, and what an idle listener costs. */
export async function benchLive(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  try {
    await using program = await startProgram(home, { LYCEUM_LOG: "warn" });
    const ada = await signUp(program.url, "Ada");
    const { room } = await ada.post("/v1/rooms", { kind: "ROOM_KIND_GROUP", title: "Bench" });
    const delays = await measureDelays(program.url, ada, room.id);
    const commitMs = await measureCommit(home);
    const figures: Figure[] = [0.5, 0.99].map((q) => ({
      id: "S7",
      name: `send → delivered over WebSocket, less one commit, p${q * 100}`,
      value: Math.max(0, quantile(delays, q) - commitMs),
      unit: "ms",
      bound: q === 0.5 ? "<= 3" : "<= 25",
      note: `${sends} sends one after the other; p${q * 100} with the commit ${quantile(delays, q).toFixed(2)} ms, one commit ${commitMs.toFixed(2)} ms`,
    }));
    for (const subscribers of [500, 2_000]) figures.push(...(await measureFanOut(program, ada, room.id, subscribers)));
    for (const kind of ["SSE", "Connect"] as const) figures.push(await measureIdleStreams(program, ada, kind));
    return figures;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function measureDelays(url: string, person: Person, roomId: string): Promise<number[]> {
  let heard = () => {};
  const listener = await openRawSocket(socketUrl(url), auth(person), word, () => heard());
  using caller = openCaller(url);
  await sleep(300);
  const delays: number[] = [];
  for (let at = 0; at < sends; at += 1) {
    const delivered = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const start = performance.now();
    const sent = sendOne(caller, person, roomId);
    await delivered;
    delays.push(performance.now() - start);
    await sent;
    await sleep(5);
  }
  listener.socket.destroy();
  return delays;
}

/** One durable INSERT by one client, in milliseconds, by pgbench on a Postgres like the one that is embedded. */
async function measureCommit(home: string): Promise<number> {
  await using postgres = await openEmbeddedPostgres({ folder: join(home, "bare") });
  const url = await postgres.urlOf("bench");
  const setUp = join(home, "table.sql");
  const insert = join(home, "insert.sql");
  writeFileSync(setUp, "create table bare (id uuid primary key, text text);\n");
  writeFileSync(
    insert,
    "insert into bare values (gen_random_uuid(), 'The quick brown fox jumps over the lazy dog.');\n",
  );
  await runPgbench(url, ["-t", "1", "-f", setUp]);
  return 1_000 / (await runPgbench(url, ["-c", "1", "-t", "1000", "-M", "prepared", "-f", insert]));
}

async function measureFanOut(program: Program, person: Person, roomId: string, subscribers: number): Promise<Figure[]> {
  const bare = fork(join(import.meta.dirname, "ws-server.ts"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [{ url }] = (await once(bare, "message")) as [{ url: string }];
  let counted = 0;
  const count = () => {
    counted += 1;
  };
  const open = () => openRawSocket(socketUrl(program.url), auth(person), word, count);
  using caller = openCaller(program.url);
  // The first listeners and messages bring what the process holds for any number of them.
  const first = await openMany(firstListeners, open);
  await Promise.all(Array.from({ length: messagesPerRound }, () => sendOne(caller, person, roomId)));
  await sleep(1_000);
  const before = readRss(program.process);
  const listeners = await openMany(subscribers, open);
  await sleep(2_000);
  const idleKiB = (readRss(program.process) - before) / 1024 / subscribers;
  for (const { socket } of first) socket.destroy();
  const peers = await openMany(subscribers, () => openRawSocket(url, undefined, word, count));
  const text = JSON.stringify({
    cursor: "c".repeat(34),
    message: { id: randomUUID(), roomId, text: `bench ${"x".repeat(500)}` },
  });
  const perSecond = { lyceum: [] as number[], bare: [] as number[] };
  const expected = subscribers * messagesPerRound;
  const timed = async (begin: () => unknown) => {
    counted = 0;
    const start = performance.now();
    begin();
    while (counted < expected) {
      if (performance.now() - start > 60_000)
        throw new Error(`Only ${counted} of ${expected} deliveries came in a minute.`);
      await sleep(2);
    }
    return expected / ((performance.now() - start) / 1_000);
  };
  for (let round = 0; round <= rounds; round += 1) {
    const lyceum = await timed(() => {
      for (let at = 0; at < messagesPerRound; at += 1) void sendOne(caller, person, roomId);
    });
    const peer = await timed(() => bare.send({ text, times: messagesPerRound }));
    // The first round warms up.
    if (round === 0) continue;
    perSecond.lyceum.push(lyceum);
    perSecond.bare.push(peer);
  }
  for (const { socket } of [...listeners, ...peers]) socket.destroy();
  bare.disconnect();
  await sleep(1_000);
  return [
    {
      id: "S9",
      name: `deliveries to ${subscribers} WebSockets, durable sends included`,
      value: quantile(perSecond.lyceum),
      unit: "/s",
      ratio: quantile(perSecond.lyceum) / quantile(perSecond.bare),
      bound: ">= 0.8",
      note: `bare ws ${quantile(perSecond.bare).toFixed(0)}/s; ${messagesPerRound} messages a round, ${rounds} interleaved rounds, clients on the same two cores`,
    },
    {
      id: "S9",
      name: `an idle WebSocket of ${subscribers}`,
      value: idleKiB,
      unit: "KiB",
      bound: "<= 16",
      note: `growth of the process's resident memory after the first ${firstListeners}, kernel buffers left out`,
    },
  ];
}

async function measureIdleStreams(program: Program, person: Person, kind: "SSE" | "Connect"): Promise<Figure> {
  const subscribers = 500;
  const before = readRss(program.process);
  const requests = await openMany(subscribers, () => openStream(program.url, person, kind));
  await sleep(2_000);
  const idleKiB = (readRss(program.process) - before) / 1024 / subscribers;
  for (const one of requests) one.destroy();
  await sleep(1_000);
  const bound = kind === "SSE" ? "<= 24" : "<= 40";
  return {
    id: "S9",
    name: `an idle ${kind} stream of ${subscribers}`,
    value: idleKiB,
    unit: "KiB",
    bound,
    note: "as above",
  };
}

function openStream(url: string, { token }: Person, kind: "SSE" | "Connect"): Promise<{ destroy(): void }> {
  const body = Buffer.from([0, 0, 0, 0, 2, ...Buffer.from("{}")]);
  const target = kind === "SSE" ? "/v1/events" : "/lyceum.chat.v1.ChatService/Subscribe";
  return new Promise((resolve, reject) => {
    const req = request(`${url}${target}`, {
      method: kind === "SSE" ? "GET" : "POST",
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        ...(kind === "SSE" ? { accept: "text/event-stream" } : { "content-type": "application/connect+json" }),
      },
    });
    req.on("error", reject);
    req.on("response", (res) => {
      res.resume();
      res.on("error", () => {});
      resolve(req);
    });
    req.end(kind === "SSE" ? undefined : body);
  });
}

/** Twenty at a time, so that no queue of connections overflows. */
async function openMany<T extends RawSocket | { destroy(): void }>(
  count: number,
  open: () => Promise<T>,
): Promise<T[]> {
  const opened: T[] = [];
  while (opened.length < count) {
    opened.push(...(await Promise.all(Array.from({ length: Math.min(20, count - opened.length) }, open))));
  }
  return opened;
}

function readRss({ pid }: ChildProcess): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

const socketUrl = (url: string) => `${url.replace("http", "ws")}/v1/ws`;
const auth = ({ token }: Person) => JSON.stringify({ type: "auth", token, cursor: "" });

function sendOne(caller: Caller, { token }: Person, roomId: string): Promise<void> {
  const message = { roomId, clientId: randomUUID(), text: "bench The quick brown fox jumps over the lazy dog." };
  return caller.call("lyceum.chat.v1.ChatService/SendMessage", token, message);
}
