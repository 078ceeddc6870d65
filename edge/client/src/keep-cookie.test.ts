import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { beforeEach, describe, expect, test } from "vitest";
import { IdentityService } from "./contract.ts";
import { holdWhileRenewed, keepCookie } from "./keep-cookie.ts";
import { createSession } from "./session.ts";
import { createMemoryStore } from "./session-store.ts";

const ada = { userId: "ada", email: "ada@example.org", sessionId: "s" };
const tokens = { accessToken: "a", refreshToken: "r", expiresAtMs: 1 };

/** Identity as a browser meets it, whose cookie is good until the session ends. */
let identity: { ended: boolean; away: boolean; moved: string[]; checks: number };
beforeEach(() => {
  identity = { ended: false, away: false, moved: [], checks: 0 };
});

const check = () => {
  if (identity.away) throw new ConnectError("Away.", Code.Unavailable);
  if (identity.ended) throw new ConnectError("Ended.", Code.Unauthenticated);
};
const transport = createRouterTransport(({ service }) => {
  service(IdentityService, {
    signIn: () => ({ session: { sessionId: "s" }, user: { id: "ada", email: "ada@example.org" } }),
    refreshSession({ refreshToken }) {
      check();
      identity.moved.push(refreshToken);
      return { session: { sessionId: "s" } };
    },
    getAccount() {
      identity.checks += 1;
      check();
      return {};
    },
    signOut() {
      check();
      identity.ended = true;
      return {};
    },
  });
});

function open(stored?: object) {
  const store = createMemoryStore();
  if (stored) store.write({ ...ada, ...stored });
  const ctx = { identity: createClient(IdentityService, transport), store };
  return { store, session: createSession(ctx, keepCookie(ctx)) };
}
const byCookie = { headers: { "lyceum-session": "cookie" }, token: undefined };

describe("a session in a cookie", () => {
  test("leaves nothing here but whose it is", async () => {
    const { store, session } = open();
    expect(await session.proof()).toBeUndefined();
    await session.signIn({ email: "ada@example.org", password: "correct horse" });
    expect(store.read()).toEqual(ada);
    expect(await session.proof()).toEqual(byCookie);
  });

  test("takes over from tokens that were kept before, once, whoever asks at the same time", async () => {
    const { store, session } = open(tokens);
    expect(session.current()).toEqual(ada);
    expect(await Promise.all([session.proof(), session.proof()])).toEqual([byCookie, byCookie]);
    expect([store.read(), identity.moved]).toEqual([ada, ["r"]]);
  });

  test("does not take over from tokens whose session has ended, and tries again where nobody answers", async () => {
    const { store, session } = open(tokens);
    identity.away = true;
    await expect(session.proof()).rejects.toMatchObject({ code: Code.Unavailable });
    expect(store.read()).toMatchObject(tokens);
    Object.assign(identity, { away: false, ended: true });
    expect(await session.proof()).toBeUndefined();
    expect(session.current()).toBeUndefined();
  });

  test("that was refused is looked at once: another tab may have renewed the cookie, or the session is over", async () => {
    const { session } = open({});
    expect(await Promise.all([session.renew(byCookie), session.renew(byCookie)])).toEqual([byCookie, byCookie]);
    expect(identity.checks).toBe(1);
    identity.ended = true;
    expect(await session.renew(byCookie)).toBeUndefined();
    expect(session.current()).toBeUndefined();
  });

  test("ends at the server or not at all, and one that has ended there ends here", async () => {
    const { session } = open({});
    identity.away = true;
    await expect(session.signOut()).rejects.toMatchObject({ code: Code.Unavailable });
    expect(session.current()).toEqual(ada);
    identity.away = false;
    await session.signOut();
    expect([identity.ended, session.current()]).toEqual([true, undefined]);
    const other = open({});
    await other.session.signOut();
    expect(other.session.current()).toBeUndefined();
  });
});

test("a session is not judged while an answer with its next cookie is on its way", async () => {
  const { store, session } = open({});
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const slow = createRouterTransport(({ service }) => {
    service(IdentityService, {
      async reauthenticate() {
        identity.ended = true;
        await answered;
        identity.ended = false;
        return {};
      },
    });
  });
  const proving = createClient(IdentityService, holdWhileRenewed(slow, store)).reauthenticate({});
  await expect.poll(() => identity.ended).toBe(true);
  const renewed = session.renew(byCookie);
  answer();
  await proving;
  expect(await renewed).toEqual(byCookie);
  expect(store.read()).toEqual(ada);
});
