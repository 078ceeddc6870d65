import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedPostgres } from "@lyceum/database";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { startProgram } from "@lyceum/testing/start-program.ts";
import { type Figure, quantile } from "./figure.ts";
import { openCaller } from "./open-caller.ts";
import { runPgbench } from "./pgbench.ts";

const rounds = 5;
const clients = 16;
const sendsPerRound = 4_000;
const roomCount = 8;
const sendMessage = "lyceum.chat.v1.ChatService/SendMessage";

/** S8: durable sends per second through the whole product, against bare INSERTs of the same size by pgbench on the same Postgres. */
export async function benchSends(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  try {
    await using postgres = await openEmbeddedPostgres({ folder: join(home, "postgres") });
    const names = ["identity", "profile", "files", "chat", "ingest", "rag"];
    const env: Record<string, string> = { EVENTS_DATABASE_URL: await postgres.urlOf("events") };
    for (const name of names) env[`${name.toUpperCase()}_DATABASE_URL`] = await postgres.urlOf(name);
    await using program = await startProgram(join(home, "lyceum"), { ...env, LYCEUM_LOG: "warn" });
    const person = await signUp(program.url);
    const roomIds: string[] = [];
    for (let count = 0; count < roomCount; count++) {
      roomIds.push((await person.post("/v1/rooms", { kind: "ROOM_KIND_GROUP", title: "Bench" })).room.id);
    }
    const bench = await openBareTable(await postgres.urlOf("bench"), home);
    const perSecond = { bare: [] as number[], lyceum: [] as number[] };
    await send(program.url, person, roomIds);
    for (let round = 0; round < rounds; round++) {
      perSecond.bare.push(await bench());
      perSecond.lyceum.push(await send(program.url, person, roomIds));
    }
    return [
      {
        id: "S8",
        name: "durable sends",
        value: quantile(perSecond.lyceum),
        unit: "/s",
        ratio: quantile(perSecond.lyceum) / quantile(perSecond.bare),
        bound: ">= 0.5",
        note: `pgbench ${quantile(perSecond.bare).toFixed(0)} INSERTs/s; ${clients} clients each, fsync on, ${rounds} interleaved rounds`,
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** A table of rows as large as messages; the answer inserts into it from as many clients and says how many came a second. */
async function openBareTable(url: string, folder: string): Promise<() => Promise<number>> {
  const script = join(folder, "insert.sql");
  writeFileSync(
    script,
    `insert into bare (id, room_id, seq, sender_id, text, create_time)
     values (gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(), 'The quick brown fox jumps over the lazy dog.', now());\n`,
  );
  const setUp = join(folder, "table.sql");
  writeFileSync(
    setUp,
    "create table bare (id uuid primary key, room_id uuid, seq bigint, sender_id uuid, text text, create_time timestamptz);\n",
  );
  await runPgbench(url, ["-t", "1", "-f", setUp]);
  const options = ["-c", `${clients}`, "-t", `${sendsPerRound / clients}`, "-M", "prepared", "-f", script];
  return () => runPgbench(url, options);
}

/** Sends from as many clients, each waiting for its answer; says how many were answered a second. */
async function send(url: string, person: Person, roomIds: readonly string[]): Promise<number> {
  using caller = openCaller(url);
  const start = performance.now();
  let left = sendsPerRound;
  const client = async () => {
    while (left-- > 0) {
      const roomId = roomIds[left % roomIds.length] as string;
      const message = { roomId, clientId: `${start} ${left}`, text: "The quick brown fox jumps over the lazy dog." };
      await caller.call(sendMessage, person.token, message);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return sendsPerRound / ((performance.now() - start) / 1_000);
}
