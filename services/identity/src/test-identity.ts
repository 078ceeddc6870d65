import type { Client } from "@connectrpc/connect";
import { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { defineService, type Host } from "@lyceum/service";
import { startServices, type TestProcess } from "@lyceum/testing";
import { z } from "zod";
import { identityService } from "./service.ts";

/** Identity as tests see it: over its RPCs, and with its database at hand to move stored times. */
export type TestIdentity = AsyncDisposable & {
  readonly process: TestProcess;
  readonly anonymous: Client<typeof IdentityService>;
  readonly host: Host;
  /** The host of a service named profile, whose service tokens identity's internal RPCs admit. */
  readonly profileHost: Host;
  /** The client of who holds an access token. */
  holding(session: { accessToken: string } | undefined): Client<typeof IdentityService>;
  /** The latest mail to an address, once there is one of this subject; and what its link or its code holds. */
  mail(to: string, subject: RegExp): Promise<{ text: string; secret: string }>;
  /** How many mails an address was sent. */
  countMails(to: string): Promise<number>;
  /** Signs up someone new. */
  someone(email?: string): Promise<Someone>;
};

/** A person just signed up. */
export type Someone = {
  email: string;
  userId: string;
  sessionId: string;
  refreshToken: string;
  client: Client<typeof IdentityService>;
};

/** The password of everyone in tests. */
export const goodPassword = "correct horse battery";

/** Starts identity alone, on a database of its own. */
export async function startIdentity(env: Readonly<Record<string, string>> = {}): Promise<TestIdentity> {
  const process = await startServices([identityService, profileStandIn], { env });
  const anonymous = process.client(IdentityService, {});
  const holding: TestIdentity["holding"] = (session) =>
    process.client(IdentityService, { token: session?.accessToken ?? "" });
  let count = 0;
  return {
    process,
    anonymous,
    host: process.host("identity"),
    profileHost: process.host("profile"),
    holding,
    async mail(to, subject) {
      let found: Kept | undefined;
      await process.eventually(async () => {
        found = (await mailsTo(process, to)).find((mail) => subject.test(mail.subject));
        if (!found) throw new Error(`There is no mail to ${to} of ${subject}.`);
      });
      const { text = "" } = found ?? {};
      return { text, secret: (/#token=(\S+)/.exec(text)?.[1] ?? /\d{4} \d{4}/.exec(text)?.[0] ?? "") as string };
    },
    countMails: async (to) => (await mailsTo(process, to)).length,
    async someone(email = `someone-${++count}@example.org`) {
      const { session, user } = await anonymous.signUp({ email, password: goodPassword });
      if (!session || !user) throw new Error("Sign-up answers a session and a user.");
      const { sessionId, refreshToken } = session;
      return { email, userId: user.id, sessionId, refreshToken, client: holding(session) };
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

type Kept = { readonly to: string; readonly subject: string; readonly text: string };

async function mailsTo(process: TestProcess, to: string): Promise<Kept[]> {
  const res = await process.fetch("/dev/mail", { headers: { accept: "application/json" } });
  const { mails } = (await res.json()) as { mails: Kept[] };
  return mails.filter((mail) => mail.to === to);
}

const profileStandIn = defineService({
  name: "profile",
  rpcs: [],
  publishes: [],
  config: z.object({}),
  open: async () => ({}),
});

/** What a call failed with, in the form a caller tells failures apart by. */
export async function failureOf(call: Promise<unknown>): Promise<{ code: number; reason: string; message: string }> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => ConnectError.from(reason),
  );
  if (!error) throw new Error("The call was expected to fail.");
  return {
    code: error.code,
    reason: error.findDetails(ErrorInfoSchema)[0]?.reason ?? "",
    message: error.rawMessage,
  };
}
