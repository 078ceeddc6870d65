/**
 * The two sides of the unary benchmark, one a process: `connect`, a bare connect-node server, or `lyceum`, a service with all its
 * interceptors. Both answer GetProfile from memory. Speaks with its parent over IPC: first `{ url }`, then the CPU time
 * used so far, in microseconds, for every message.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { GetProfileResponseSchema, ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { defineService, startProcess } from "@lyceum/service";
import { z } from "zod";

const [side, home, key] = process.argv.slice(2);

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
  const env = { PORT: "0", HOST: "127.0.0.1", LYCEUM_HOME: home, LYCEUM_PUBLIC_URL: "http://bench.invalid" };
  const { url } = await startProcess([profileService], { env, keys: [JSON.parse(key ?? "")], neighbours: () => {} });
  return url;
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
process.on("disconnect", () => process.exit(0));
process.send?.({ url: side === "lyceum" ? await startLyceum() : await startConnect() });
