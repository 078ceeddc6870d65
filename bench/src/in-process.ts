import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import { type ConnectRouter, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport } from "@connectrpc/connect-node";
import { GetProfileResponseSchema, ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { createInProcessTransport } from "../../lib/service/src/clients/in-process.ts";
import { limits } from "../../lib/service/src/limits.ts";
import { recordRoutes, routeKey } from "../../lib/service/src/recorded-routes.ts";
import { type Figure, quantile } from "./figure.ts";

const rounds = 7;
const callsPerRound = 4_000;

const answer = create(GetProfileResponseSchema, {
  profile: {
    userId: "019a0000-0000-7000-8000-000000000000",
    displayName: "Ada",
    bio: "Counts what counts, and what does not count she counts as well, to be on the safe side of it.",
  },
});
const pass: Interceptor = (next) => (req) => next(req);
const routes = (router: ConnectRouter) => {
  router.service(ProfileService, { getProfile: () => answer });
};

/** S2: CPU of client and server for a call inside the process, against the same call over a socket of HTTP/1.1; two interceptors on the server. */
export async function benchInProcess(): Promise<Figure[]> {
  const server = createServer(connectNodeAdapter({ routes, interceptors: [pass, pass] }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const socket = createConnectTransport({ baseUrl, httpVersion: "1.1" });
  const hosted = recordRoutes(routes);
  const inside = createInProcessTransport({
    find: (method) => hosted.get(routeKey(method)) ?? fail(),
    interceptors: [pass, pass],
    surface: "internal",
    limits,
  });
  const micros = { socket: [] as number[], inside: [] as number[] };
  for (const transport of [socket, inside]) await measure(transport);
  for (let round = 0; round < rounds; round += 1) {
    micros.socket.push(await measure(socket));
    micros.inside.push(await measure(inside));
  }
  server.close();
  server.closeAllConnections();
  return [
    {
      id: "S2",
      name: "in-process call: CPU of client and server",
      value: quantile(micros.inside),
      unit: "µs",
      ratio: quantile(micros.inside) / quantile(micros.socket),
      bound: "<= 0.1",
      note: `over an HTTP/1.1 socket ${quantile(micros.socket).toFixed(0)} µs; ${rounds} interleaved rounds of ${callsPerRound}`,
    },
  ];
}

/** Microseconds of this process's CPU per call. */
async function measure(transport: Transport): Promise<number> {
  const client = createClient(ProfileService, transport);
  const before = process.cpuUsage();
  for (let call = 0; call < callsPerRound; call += 8) {
    await Promise.all(Array.from({ length: 8 }, () => client.getProfile({ userId: "me" })));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / callsPerRound;
}

function fail(): never {
  throw new Error("There is no such RPC.");
}
