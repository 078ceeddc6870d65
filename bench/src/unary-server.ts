/**
 * The two sides of the unary benchmark, one a process: `connect`, a bare connect-node server, or `lyceum`, a service with all its
 * interceptors. Both answer GetProfile from memory.
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
import { serveSide } from "./serve-side.ts";

const [side, home, key] = process.argv.slice(2);

const answer = create(GetProfileResponseSchema, {
  profile: { userId: "019a0000-0000-7000-8000-000000000000", displayName: "Ada", bio: "Counts what counts." },
});
const routes = (router: ConnectRouter) => {
  router.service(ProfileService, { getProfile: () => answer });
};

async function startLyceum() {
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
  const stop = async () => {
    await running[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  };
  return { url: running.url, stop };
}

function startConnect(): Promise<{ url: string }> {
  return new Promise((resolve) => {
    const server = createServer(connectNodeAdapter({ routes }));
    server.listen(0, "127.0.0.1", () => resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
  });
}

await serveSide(side === "lyceum" ? startLyceum : startConnect);
