/**
 * The two sides of the unary benchmark, one a process: `connect`, a bare connect-node server, or `lyceum`, a service with all its
 * interceptors. Both answer GetProfile from memory. Speaks with its parent over IPC: first `{ url }`, then the CPU time
 * used so far, in microseconds, for every message.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { openEmbeddedPostgres } from "@lyceum/database";
import { GetProfileResponseSchema, ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { defineService, makeServiceKeys, startProcess } from "@lyceum/service";
import { z } from "zod";
import { benchIssuer } from "./bench-token.ts";

const [side, home, key] = process.argv.slice(2);

let stop = async () => {};

const answer = create(GetProfileResponseSchema, {
  profile: { userId: "019a0000-0000-7000-8000-000000000000", displayName: "Ada", bio: "Counts what counts." },
});
const routes = (router: ConnectRouter) => {
  router.service(ProfileService, { getProfile: () => answer });
};

async function startLyceum(): Promise<string> {
  const profileService = defineService({
    name: "profile",
    rpcs: [ProfileService],
    publishes: [],
    config: z.object({}),
    open: async () => ({ routes }),
  });
  // A process that runs one service alone needs a shared event log, and keys.
  const postgres = await openEmbeddedPostgres({ folder: join(home ?? "", "postgres") });
  const env = {
    PORT: "0",
    HOST: "127.0.0.1",
    LYCEUM_HOME: join(home ?? "", "lyceum"),
    LYCEUM_PUBLIC_URL: benchIssuer,
    EVENTS_DATABASE_URL: await postgres.urlOf("events"),
    ...(await makeServiceKeys()),
  };
  const running = await startProcess([profileService], { env, keys: [JSON.parse(key ?? "")], neighbours: () => {} });
  stop = async () => {
    await running[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  };
  return running.url;
}

function startConnect(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer(connectNodeAdapter({ routes }));
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on("disconnect", async () => {
  await stop();
  process.exit(0);
});
process.send?.({ url: side === "lyceum" ? await startLyceum() : await startConnect() });
