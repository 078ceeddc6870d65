/**
 * What the gateway benchmark needs, one a process: `service`, which answers everything with one profile; `proxy <url>`, which
 * passes bytes on with undici and does nothing else; `gateway <url> <home> <key>`, Lyceum's gateway before that service, with its
 * rate limits on.
 */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openEmbeddedPostgres } from "@lyceum/database";
import { gatewayService } from "@lyceum/gateway";
import { makeServiceKeys, startProcess } from "@lyceum/service";
import { Pool } from "undici";
import { benchIssuer } from "./bench-token.ts";
import { serveSide } from "./serve-side.ts";

const [side, target = "", home = "", key = ""] = process.argv.slice(2);

const profile = { userId: "019a0000-0000-7000-8000-000000000000", displayName: "Ada", bio: "Counts what counts." };
const answer = JSON.stringify({ profile });

const serve: RequestListener = (req, res) => {
  req.resume().once("end", () => {
    res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(answer) });
    res.end(answer);
  });
};

function createProxy(): RequestListener {
  const pool = new Pool(target, { connections: 64 });
  return (req, res) => {
    const { host: _, connection: __, ...headers } = req.headers;
    pool
      .stream({ path: req.url ?? "/", method: req.method as "POST", headers, body: req, opaque: res }, (upstream) => {
        res.writeHead(upstream.statusCode, upstream.headers);
        return res;
      })
      .catch(() => res.destroy());
  };
}

function listen(listener: RequestListener): Promise<{ url: string }> {
  return new Promise((resolve) => {
    const server = createServer(listener);
    server.listen(0, "127.0.0.1", () => resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
  });
}

async function startGateway() {
  // A process that runs one service alone needs a shared event log, and keys.
  const postgres = await openEmbeddedPostgres({ folder: join(home, "postgres") });
  const env = {
    PORT: "0",
    HOST: "127.0.0.1",
    LYCEUM_HOME: join(home, "lyceum"),
    LYCEUM_PUBLIC_URL: benchIssuer,
    EVENTS_DATABASE_URL: await postgres.urlOf("events"),
    PROFILE_URL: target,
    GATEWAY_RATE_LIMIT_EXEMPT: "none",
    GATEWAY_RATE_LIMIT_USER: "100000000",
    ...(await makeServiceKeys()),
  };
  const running = await startProcess([gatewayService], { env, keys: [JSON.parse(key)] });
  const stop = async () => {
    await running[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  };
  return { url: running.url, stop };
}

const start = {
  service: () => listen(serve),
  proxy: () => listen(createProxy()),
  gateway: startGateway,
};
await serveSide(start[side as keyof typeof start]);
