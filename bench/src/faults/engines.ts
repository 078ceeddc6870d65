import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startQdrantReference } from "@lyceum/testing/engines/qdrant.ts";
import { relayTo } from "@lyceum/testing/engines/relayed.ts";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import type { SlowEngine } from "@lyceum/testing/scaled.ts";
import { startModel, type TestModel } from "@lyceum/testing/start-model.ts";
import type { Figure } from "../figure.ts";
import { countFigure, type Deployment, type Mode, startDeployment } from "./deployment.ts";

const slowByMs = 500;
const catchUpMs = 60_000;
/** No call may take longer to say that something is away: an RPC 30 s, a statement of another call 33 s. */
const deadlineMs = 35_000;

type Outage = { readonly engine: string; readonly begin: () => Promise<() => Promise<void>> };

/** Which engines are away, or slow by half a second, and how long. */
export type EngineFault = {
  /** A part of the engine's name. */
  readonly only: string | undefined;
  readonly slow: boolean;
  readonly forMs: number;
};

/** F5: each engine, or the one named, is away or slow; what was acknowledged meanwhile must come true within 60 s after. */
export async function faultEngines(mode: Mode, { only, slow, forMs }: EngineFault): Promise<Figure[]> {
  await using starting = new AsyncDisposableStack();
  const qdrant = mode === "scaled" ? await openQdrant(starting) : undefined;
  const model = starting.use(await startModel());
  const slowModel = slow ? await openSlow("the model", model.url, starting) : undefined;
  const slowQdrant = slow && qdrant ? await openSlow(qdrant.outage.engine, qdrant.url, starting) : undefined;
  const env = {
    ...(qdrant && { RAG_QDRANT_URL: slowQdrant?.url ?? qdrant.url }),
    RAG_MODEL_URL: slowModel?.url ?? model.url,
    RAG_MODEL_NAME: "test",
  };
  await using deployment = await startDeployment(mode, env, slow);
  const person = await signUp(deployment.url);
  const { room } = await person.post("/v1/rooms", { kind: "ROOM_KIND_GROUP", title: "Faults", memberIds: [] });
  const figures: Figure[] = [];
  await person.settled(await person.upload("tides.md", "# Tides\n\nSpring tides happen at new and full moon.\n"));
  const all = slow
    ? [...listSlow(deployment), slowQdrant?.outage, slowModel?.outage]
    : [...listOutages(deployment), qdrant?.outage, outageOf(model)];
  const outages = all
    .filter((outage) => outage !== undefined)
    .filter(({ engine }) => !only || engine.toLowerCase().includes(only));
  for (const outage of outages) figures.push(...(await suffer(outage, slow ? "slow" : "away", forMs, person, room.id)));
  return figures;
}

/** What Lyceum itself starts; in one process its engines are reached by no port. */
function listSlow({ scaled }: Deployment): Outage[] {
  if (!scaled) return [];
  const slowness = (engine: string, name: SlowEngine) => ({
    engine,
    begin: async () => {
      scaled.delay(name, slowByMs);
      return async () => scaled.delay(name, 0);
    },
  });
  return [
    slowness("Kafka", "kafka"),
    slowness("the schema registry", "registry"),
    slowness("S3", "s3"),
    slowness("Postgres", "postgres"),
  ];
}

/** What is reached by another URL from now on, so that it can be slow. */
async function openSlow(
  engine: string,
  target: string,
  starting: AsyncDisposableStack,
): Promise<{ url: string; outage: Outage }> {
  const { relay, url } = await relayTo(target);
  starting.use(relay);
  const begin = async () => {
    relay.delay(slowByMs / 2);
    return async () => relay.delay(0);
  };
  return { url, outage: { engine, begin } };
}

function listOutages({ scaled, program }: Deployment): Outage[] {
  const { engines } = scaled ?? {};
  if (!engines) return [{ engine: "Postgres", begin: () => freezePostgres(program()?.process.pid ?? 0) }];
  return [
    { engine: "Kafka", begin: () => engines.crash("kafka") },
    { engine: "the schema registry", begin: () => engines.crash("registry") },
    { engine: "S3", begin: () => engines.crash("s3") },
    { engine: "Postgres", begin: () => freezePostgres(process.pid) },
  ];
}

/** A model that answers nothing but that it cannot. */
function outageOf(model: TestModel): Outage {
  const begin = async () => {
    const { answer } = model;
    model.answer = () => ({ status: 503 });
    return async () => {
      model.answer = answer;
    };
  };
  return { engine: "the model", begin };
}

/** What stands in for Qdrant, which is in no registry, stopped and started as that would be. */
async function openQdrant(starting: AsyncDisposableStack): Promise<{ url: string; outage: Outage }> {
  const folder = await mkdtemp(join(tmpdir(), "lyceum-qdrant-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  let running = await startQdrantReference(folder);
  starting.defer(() => running[Symbol.asyncDispose]());
  const { url } = running;
  const begin = async () => {
    await running.kill();
    return async () => {
      running = await startQdrantReference(folder, Number(new URL(url).port));
    };
  };
  return { url, outage: { engine: "Qdrant (its reference)", begin } };
}

/** Postgres takes no step, as on a machine that hangs. */
async function freezePostgres(above: number): Promise<() => Promise<void>> {
  const pids = listBelow(above).filter((pid) => /postgres/.test(readCommand(pid)));
  for (const pid of pids) signal(pid, "SIGSTOP");
  return async () => {
    for (const pid of pids) signal(pid, "SIGCONT");
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

function listBelow(pid: number): number[] {
  const text = execFileSync("ps", ["-o", "pid=", "--ppid", `${pid}`], { encoding: "utf8" }).trim();
  const children = text ? text.split(/\s+/).map(Number) : [];
  return children.flatMap((child) => [child, ...tryListBelow(child)]);
}

function tryListBelow(pid: number): number[] {
  try {
    return listBelow(pid);
  } catch {
    return [];
  }
}

function readCommand(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "args=", "-p", `${pid}`], { encoding: "utf8" });
  } catch {
    return "";
  }
}

async function suffer(
  { engine, begin }: Outage,
  manner: "away" | "slow",
  forMs: number,
  person: Person,
  roomId: string,
): Promise<Figure[]> {
  const files: string[] = [];
  const messages: string[] = [];
  const outcomes = new Map<string, number>();
  let untyped = 0;
  let longest = { tookMs: 0, ended: "" };
  const attempt = async (name: string, call: () => Promise<void>) => {
    const start = performance.now();
    const outcome = await call().then(
      () => "ok",
      (error: Error) => error.message,
    );
    const tookMs = performance.now() - start;
    const kind =
      outcome === "ok"
        ? "ok"
        : /"code":\s*"unavailable"|"code":\s*"deadline_exceeded"/.test(outcome)
          ? "unavailable"
          : "other";
    if (kind === "other") {
      untyped += 1;
      console.error(`${engine}: ${name}: ${outcome.slice(0, 300)}`);
    }
    const ended = `${name} ${kind}`;
    outcomes.set(ended, (outcomes.get(ended) ?? 0) + 1);
    if (tookMs > longest.tookMs) longest = { tookMs, ended };
  };
  console.error(`${engine} is ${manner} for ${forMs / 1_000} s…`);
  const back = await begin();
  // Whoever calls next does not wait for those who hang.
  const attempts: Promise<void>[] = [];
  for (const end = Date.now() + forMs; Date.now() < end; await sleep(2_000)) {
    attempts.push(
      attempt("upload", async () => {
        files.push(
          await person.upload("outage.md", `# Outage\n\nWritten while ${engine} was ${manner}: ${randomUUID()}.\n`),
        );
      }),
      attempt("message", async () => {
        const text = `while ${engine} was ${manner} ${randomUUID()}`;
        await person.post(`/v1/rooms/${roomId}/messages`, { clientId: randomUUID(), text });
        messages.push(text);
      }),
      attempt("search", async () => void (await person.post("/v1/search", { query: "outage" }))),
      attempt("ask", () => askOrFail(person)),
      attempt("account", async () => void (await person.json("/v1/account"))),
    );
  }
  await back();
  await Promise.all(attempts);
  const start = performance.now();
  let late = 0;
  for (const file of files) {
    const left = Math.max(1, catchUpMs - (performance.now() - start));
    const document = await settle(person, file, left);
    if (document !== "DOCUMENT_STATE_READY") late += 1;
  }
  const caughtUpS = (performance.now() - start) / 1_000;
  const { messages: kept } = await person.json(`/v1/rooms/${roomId}/messages?pageSize=250`);
  const texts = new Set(kept.map(({ text }: { text: string }) => text));
  const lost = messages.filter((text) => !texts.has(text)).length;
  const note = [...outcomes].map(([what, count]) => `${what} ${count}`).join(", ");
  return [
    countFigure("F5", `${engine} ${manner}: answers neither good nor typed unavailable`, untyped, note),
    countFigure(
      "F5",
      `${engine} ${manner}: acknowledged uploads not READY 60 s after`,
      late,
      `${files.length} uploads; caught up in ${caughtUpS.toFixed(1)} s`,
    ),
    countFigure("F5", `${engine} ${manner}: acknowledged messages lost`, lost, `${messages.length} messages`),
    {
      id: "F5",
      name: `${engine} ${manner}: the longest call`,
      value: longest.tookMs / 1_000,
      unit: "s",
      bound: `<= ${deadlineMs / 1_000}`,
      note: longest.ended,
    },
  ];
}

/** Fails with what the stream says has failed. */
async function askOrFail(person: Person): Promise<void> {
  const last = (await person.ask("When do spring tides happen?")).at(-1);
  if (last?.event !== "done") throw new Error(JSON.stringify(last?.data));
}

async function settle(person: Person, fileId: string, withinMs: number): Promise<string> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(200)) {
    const document = await person.json(`/v1/documents/${fileId}`).then(
      (answer) => answer.document,
      () => undefined,
    );
    if (/READY|FAILED/.test(document?.state)) return document.state;
  }
  return "LATE";
}
