import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { defineService, type Host } from "@lyceum/service";
import { startServices, type TestProcess } from "@lyceum/testing";
import { config } from "./config.ts";
import { profileService } from "./service.ts";

/** Profile beside an identity whose accounts the test decides. */
export type TestProfile = AsyncDisposable & {
  readonly process: TestProcess;
  /** The host of a service named chat, whose service tokens profile's internal RPCs admit. */
  readonly chatHost: Host;
  /** The names given at sign-up, by account id. */
  readonly accounts: Map<string, string>;
  /** Every list of ids identity was asked for. */
  readonly asked: string[][];
  /** While true, identity cannot be reached. */
  identityDown: boolean;
  as(userId: string): Client<typeof ProfileService>;
};

/** When every account of tests was made. */
export const registerTime = new Date("2030-01-01T00:00:00Z");

/** Starts profile alone, on a database of its own. */
export async function startProfile(): Promise<TestProfile> {
  const accounts = new Map<string, string>();
  const asked: string[][] = [];
  const state = { identityDown: false };
  const process = await startServices([profileService, chatStandIn], {
    neighbours: (router) =>
      router.service(IdentityInternalService, {
        batchGetUsers({ userIds }) {
          if (state.identityDown) throw new ConnectError("identity is down", Code.Unavailable);
          asked.push(userIds);
          return {
            users: userIds.flatMap((id) => {
              const displayName = accounts.get(id);
              return displayName ? [{ id, displayName, createTime: timestampFromDate(registerTime) }] : [];
            }),
          };
        },
      }),
  });
  return {
    process,
    chatHost: process.host("chat"),
    accounts,
    asked,
    get identityDown() {
      return state.identityDown;
    },
    set identityDown(down) {
      state.identityDown = down;
    },
    as: (userId) => process.client(ProfileService, { person: { userId } }),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

const chatStandIn = defineService({ name: "chat", rpcs: [], publishes: [], config, open: async () => ({}) });

/** The code a call failed with. */
export async function codeOf(call: Promise<unknown>): Promise<Code | undefined> {
  return call.then(
    () => undefined,
    (reason: unknown) => ConnectError.from(reason).code,
  );
}
