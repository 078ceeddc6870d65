import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Operator, openOperator } from "@lyceum/service";
import type { Figure } from "../figure.ts";
import { countFigure, startDeployment } from "./deployment.ts";

const rounds = 5;

/** F18: secrets and texts that people send, looked for in logs, spans, parked events and the bodies of errors. */
export async function faultCanaries(): Promise<Figure[]> {
  await using collector = await startCollector();
  const errors: string[] = [];
  const canaries = new Map<string, string>();
  const plant = (kind: string) => {
    const canary = `canary-${randomUUID()}`;
    canaries.set(canary, kind);
    return canary;
  };
  const env = { LYCEUM_LOG: "trace", OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_METRIC_EXPORT_INTERVAL: "1000" };
  await using deployment = await startDeployment("embedded", env);
  const send = async (path: string, body: unknown, token?: string) => {
    const res = await fetch(`${deployment.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await res.text();
    if (!res.ok) errors.push(text);
    return res.ok ? JSON.parse(text) : undefined;
  };
  await using operator = openOperator(deployment.program()?.operator ?? {});
  await poison(operator);
  for (let round = 0; round < rounds; round += 1) await leakEverywhere(send, plant);
  await sleep(6_000);
  const places = {
    logs: deployment.program()?.output() ?? "",
    spans: collector.received(),
    "dead letters": await readParked(operator),
    "error bodies": errors.join("\n"),
  };
  return Object.entries(places).map(([place, text]) => {
    const found = [...canaries].filter(([canary]) => text.includes(canary)).map(([, kind]) => kind);
    const note = `${canaries.size} planted, ${text.length} bytes searched${found.length > 0 ? `; found: ${[...new Set(found)].join(", ")}` : ""}`;
    // Where nothing was written nothing was proved.
    return countFigure("F18", `canaries in ${place}`, text.length === 0 ? canaries.size : found.length, note);
  });
}

/** Tables that events of sign-ups and of new rooms are applied to. */
const poisoned = { profile: "jobs", rag: "room_members", files: "room_members" } as const;
const services = Object.keys(poisoned) as (keyof typeof poisoned)[];

/** Has the handlers of these services fail from now on, with a row that Postgres refuses. */
async function poison(operator: Operator): Promise<void> {
  for (const service of services) {
    const { sql } = await operator.openDatabaseOf(service);
    await sql`alter table ${sql(poisoned[service])} add constraint poisoned check (false) not valid`;
  }
}

/** All that is kept of the events that could not be applied, and why; empty unless every service has parked some. */
async function readParked(operator: Operator): Promise<string> {
  const kept = await Promise.all(
    services.map(async (service) => {
      const { sql } = await operator.openDatabaseOf(service);
      const rows = await sql<{ text: string }[]>`
        select parked_events::text || encode(body, 'escape') as text from parked_events where error is not null`;
      return rows.map(({ text }) => text).join("\n");
    }),
  );
  return kept.includes("") ? "" : kept.join("\n");
}

type Send = (
  path: string,
  body: unknown,
  token?: string,
) => Promise<{ session?: { accessToken: string }; room?: { id: string } } | undefined>;

/** Sends a canary wherever a password, a token or a text may go, in calls that succeed and in ones that fail. */
async function leakEverywhere(send: Send, plant: (kind: string) => string): Promise<void> {
  const email = `${randomUUID()}@example.org`;
  const password = plant("password");
  const joined = await send("/v1/auth/sign-up", { email, password, displayName: plant("display name") });
  const token = joined?.session?.accessToken ?? "";
  await send("/v1/auth/sign-up", { email, password: plant("password of a taken address") });
  await send("/v1/auth/sign-in", { email, password: plant("wrong password") });
  await send("/v1/auth/sign-in", `{"email":"${email}","password":"${plant("password in broken JSON")}"`);
  await send("/v1/auth/sign-in", { email, password, deviceToken: plant("device token") });
  await send("/v1/auth/refresh", { refreshToken: plant("refresh token") });
  await send("/v1/auth/reset-password", { token: plant("link's token"), newPassword: plant("new password") });
  await send("/v1/auth/verify-email", { token: plant("link's token") });
  await send("/v1/auth/sign-in-with-code", { challenge: plant("challenge"), code: "12345678" });
  await send(
    "/v1/auth/change-password",
    { currentPassword: plant("current password"), newPassword: plant("new password") },
    token,
  );
  await send("/v1/rooms", { kind: "ROOM_KIND_GROUP", title: "Room" }, plant("bearer token"));
  const made = await send("/v1/rooms", { kind: "ROOM_KIND_GROUP", title: plant("room's title") }, token);
  const messages = `/v1/rooms/${made?.room?.id}/messages`;
  await send(messages, { clientId: randomUUID(), text: plant("message") }, token);
  await send(messages, { clientId: randomUUID(), text: plant("message to nobody"), replyToId: "none" }, token);
  await send("/v1/search", { query: plant("query") }, token);
  await send("/v1/search", { query: plant("query"), limit: 1_000_000 }, token);
  await send("/v1/ask", { question: plant("question") }, token).catch(() => undefined);
}

async function startCollector() {
  const bodies: Buffer[] = [];
  const server = createServer(async (req, res) => {
    for await (const chunk of req) bodies.push(chunk as Buffer);
    res.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => Buffer.concat(bodies).toString("latin1"),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
