import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ServiceName, serviceNames } from "@lyceum/service";
import { signUp } from "@lyceum/testing/person.ts";
import type { Figure } from "../figure.ts";
import { countFigure, startDeployment } from "./deployment.ts";
import { runSuite } from "./suite.ts";

const order: readonly ServiceName[] = ["identity", "profile", "files", "chat", "ingest", "rag", "gateway"];
const callers = 8;

/** F2: every service is restarted in order, one after the other, under calls that are safe to repeat; then GOAWAY alone. */
export async function faultRolling(): Promise<Figure[]> {
  return [
    ...(await restartAll()),
    ...(await runSuite("F2", "GOAWAY every 5th of 2,000 calls", "embedded", ["lib/service/src/clients/restart"])),
  ];
}

async function restartAll(): Promise<Figure[]> {
  await using deployment = await startDeployment("scaled");
  const { url, scaled, home } = deployment;
  const person = await signUp(url);
  const { room } = await person.post("/v1/rooms", { kind: "ROOM_KIND_GROUP", title: "Faults", memberIds: [] });
  const readSeq = async () =>
    Number((await person.json(`/v1/rooms/${room.id}/messages?pageSize=1`)).messages.at(-1)?.seq ?? 0);
  const seqBefore = await readSeq();
  const paths = ["/v1/account", "/v1/profiles/me", "/v1/files", "/v1/rooms", "/v1/documents", "/v1/auth/sessions"];
  let stopped = false;
  let calls = 0;
  let sent = 0;
  const failed = new Map<string, number>();
  const unavailable = { calls: 0 };
  const note = (what: string, status: number) => {
    calls += 1;
    if (status !== 200) failed.set(`${what} ${status}`, (failed.get(`${what} ${status}`) ?? 0) + 1);
  };
  const read = async (at: number) => {
    const path = paths[at % paths.length] as string;
    note(path, await retried(() => person.fetch(path)));
  };
  const send = async () => {
    const body = JSON.stringify({ clientId: randomUUID(), text: "rolling" });
    const headers = { "content-type": "application/json" };
    const post = () => person.fetch(`/v1/rooms/${room.id}/messages`, { method: "POST", headers, body });
    note("send", await retried(post));
    sent += 1;
  };
  const load = Array.from({ length: callers }, async (_, caller) => {
    for (let at = caller; !stopped; at += 1) {
      await (at % 7 === 0 ? send() : read(at));
      await sleep(5);
    }
  });
  const stopsMs: number[] = [];
  for (const name of order) {
    const { stopMs } = (await scaled?.restart(name)) ?? { stopMs: Number.NaN };
    stopsMs.push(stopMs);
    await sleep(500);
  }
  stopped = true;
  await Promise.all(load);
  const kept = (await readSeq()) - seqBefore;
  const uncaught = await countUncaught(home);
  const total = `${calls} calls, ${unavailable.calls} repeated, while ${order.join(", ")} restarted`;
  const failures = [...failed].map(([what, count]) => `${what} × ${count}`).join("; ") || "none";
  return [
    countFigure(
      "F2",
      "calls that failed although they were repeated for 15 s",
      [...failed.values()].reduce((sum, one) => sum + one, 0),
      `${total}; failed: ${failures}`,
    ),
    countFigure("F2", "messages lost or doubled", Math.abs(kept - sent), `${sent} sent, ${kept} kept`),
    countFigure("F2", "errors that nobody caught", uncaught, ""),
    {
      id: "F2",
      name: "end of a service, the longest",
      value: Math.max(...stopsMs) / 1_000,
      unit: "s",
      bound: "<= 15",
      note: "",
    },
  ];

  /** As a client does with an answer that says `unavailable` and when to come again. */
  async function retried(call: () => Promise<Response>): Promise<number> {
    for (const deadline = Date.now() + 15_000; ; ) {
      const status = await call().then(
        async (res) => {
          await res.arrayBuffer();
          return res.status;
        },
        () => 503,
      );
      if (![502, 503].includes(status) || Date.now() > deadline) return status;
      unavailable.calls += 1;
      await sleep(100);
    }
  }
}

/** How many processes have said that they end because of a bug. */
async function countUncaught(home: string): Promise<number> {
  const logs = await Promise.all(serviceNames.map((name) => readFile(join(home, `${name}.log`), "utf8")));
  return logs.reduce((sum, log) => sum + (log.match(/because of a bug/g) ?? []).length, 0);
}
