import { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { expect, test } from "vitest";
import { gatewayConfig } from "./config.ts";
import { createFront } from "./front.ts";
import { createMounts, listen, noExchange } from "./mounts.testing.ts";

test("services hear the true address of a call, whatever it says itself", async () => {
  const heard: (string | null)[] = [];
  const mounts = createMounts({
    services: [IdentityService],
    local: (router) =>
      router.service(IdentityService, {
        signOut: (_req, { requestHeader }) => {
          heard.push(requestHeader.get("lyceum-client-address"));
          return {};
        },
      }),
  });
  using front = createFront(mounts, {
    config: gatewayConfig.parse({}),
    exchange: noExchange,
    publicUrl: "https://lyceum.example.org",
    stopping: new AbortController().signal,
    pageFolder: "/nowhere",
  });
  await using gateway = await listen(front.request);
  const headers = { "content-type": "application/json", "lyceum-client-address": "203.0.113.1" };
  for (const path of ["/v1/auth/sign-out", "/lyceum.identity.v1.IdentityService/SignOut"]) {
    await fetch(gateway.url + path, { method: "POST", headers, body: "{}" });
  }
  expect(heard).toEqual(["127.0.0.1", "127.0.0.1"]);
});
