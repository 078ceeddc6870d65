import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceName } from "@lyceum/service";
import { signUp } from "@lyceum/testing/person.ts";
import type { Figure } from "../figure.ts";
import { countFigure, startDeployment } from "./deployment.ts";

const order: readonly ServiceName[] = ["identity", "profile", "files", "chat", "ingest", "rag"];
const callers = 8;

/** F2: every service behind the gateway is restarted in order, one after the other, under calls that are safe to repeat. */
export async function faultRolling(): Promise<Figure[]> {
  await using deployment = await startDeployment("scaled");
  const { url, scaled } = deployment;
  const person = await signUp(url);
  const paths = ["/v1/account", "/v1/profiles/me", "/v1/files", "/v1/rooms", "/v1/documents", "/v1/auth/sessions"];
  let stopped = false;
  let calls = 0;
  const failed = new Map<string, number>();
  const unavailable = { calls: 0 };
  const load = Array.from({ length: callers }, async (_, caller) => {
    for (let at = caller; !stopped; at += 1) {
      const path = paths[at % paths.length] as string;
      const status = await retried(() => person.fetch(path));
      calls += 1;
      if (status !== 200) failed.set(`${path} ${status}`, (failed.get(`${path} ${status}`) ?? 0) + 1);
      await sleep(5);
    }
  });
  const stopsMs: number[] = [];
  for (const name of order) {
    const start = performance.now();
    await scaled?.restart(name);
    stopsMs.push(performance.now() - start);
    await sleep(500);
  }
  stopped = true;
  await Promise.all(load);
  const note = `${calls} calls, ${unavailable.calls} repeated, while ${order.join(", ")} restarted; failed: ${[...failed].map(([what, count]) => `${what} × ${count}`).join("; ") || "none"}`;
  return [
    countFigure(
      "F2",
      "calls that failed although they were repeated for 15 s",
      [...failed.values()].reduce((sum, one) => sum + one, 0),
      note,
    ),
    {
      id: "F2",
      name: "restart of a service until ready, the longest",
      value: Math.max(...stopsMs) / 1_000,
      unit: "s",
      bound: "<= 30",
      note: "stop within 15 s, then start",
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
