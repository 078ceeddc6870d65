import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "@lyceum/testing/listener.ts";
import { type Person, signInAgain, signUp } from "@lyceum/testing/person.ts";
import { type Figure, quantile } from "../figure.ts";
import { type Mode, startDeployment } from "./deployment.ts";

const rounds = 10;

/** F10: how long after a sign-out HTTP, WebSocket, SSE and streams of that session still live. */
export async function faultSignOut(mode: Mode): Promise<Figure[]> {
  await using deployment = await startDeployment(mode);
  const { url } = deployment;
  const person = await signUp(url);
  const took: Record<"HTTP" | "WebSocket" | "SSE" | "stream", number[]> = {
    HTTP: [],
    WebSocket: [],
    SSE: [],
    stream: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    const session = await signInAgain(url, person);
    const socket = listen(url, session);
    await socket.ready();
    const events = await openStream(`${url}/v1/events`, session, "text/event-stream");
    const stream = await openStream(`${url}/v1/documents:watch`, session, "application/x-ndjson");
    const started = performance.now();
    await fetch(`${url}/v1/auth/sign-out`, {
      method: "POST",
      headers: { authorization: `Bearer ${session.token}`, "content-type": "application/json" },
      body: "{}",
    });
    await Promise.all([
      until(() => socket.closed.length > 0, started, took.WebSocket),
      until(() => events.isOver(), started, took.SSE),
      until(() => stream.isOver(), started, took.stream),
      until(
        async () => {
          const res = await fetch(`${url}/v1/files`, { headers: { authorization: `Bearer ${session.token}` } });
          return res.status === 401;
        },
        started,
        took.HTTP,
      ),
    ]);
    await socket[Symbol.asyncDispose]();
  }
  return Object.entries(took).map(([name, times]) => ({
    id: "F10",
    name: `${name} cut after sign-out, the longest`,
    value: quantile(times, 1) / 1_000,
    unit: "s",
    bound: "<= 2",
    note: `${mode}; ${rounds} sessions, median ${quantile(times).toFixed(0)} ms`,
  }));
}

async function openStream(address: string, { token }: Person, accept: string) {
  const res = await fetch(address, { headers: { authorization: `Bearer ${token}`, accept } });
  if (!res.ok || !res.body) throw new Error(`${address}: ${res.status}`);
  let over = false;
  (async () => {
    for await (const _ of res.body as ReadableStream<Uint8Array>);
  })()
    .catch(() => {})
    .finally(() => {
      over = true;
    });
  return { isOver: () => over };
}

async function until(holds: () => boolean | Promise<boolean>, started: number, took: number[]): Promise<void> {
  while (!(await holds()) && performance.now() - started < 30_000) await sleep(5);
  took.push(performance.now() - started);
}
