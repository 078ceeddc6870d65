import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { IdentityService } from "./contract.ts";
import { type Keeping, type Proof, type SessionContext, timeoutMs } from "./session.ts";
import type { SessionStore, StoredSession } from "./session-store.ts";

/** Asks for a cookie with every call that may begin a session, and tells a script's call from a link that was followed. */
export const cookieHeaders = { "lyceum-session": "cookie" } as const;

const proof: Proof = { headers: cookieHeaders, token: undefined };

/**
 * Leaves a session in a cookie that no script can read; the store only says whose it is. Tokens that are still in the store from
 * before are exchanged for a cookie at the first call.
 */
export function keepCookie({ identity, store }: SessionContext): Keeping {
  let moving: Promise<void> | undefined;
  let checking: Promise<void> | undefined;

  /** Runs what identity is asked of a session, and forgets the session if it has ended. */
  async function ask(session: StoredSession, question: () => Promise<unknown>): Promise<boolean> {
    const isSame = () => store.read()?.sessionId === session.sessionId;
    try {
      await question();
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
      if (isSame()) store.write(undefined);
    }
    return isSame();
  }

  async function move(): Promise<void> {
    const stored = store.read();
    if (!stored?.refreshToken) return;
    const { userId, email, sessionId, refreshToken } = stored;
    const isLive = await ask(stored, () => identity.refreshSession({ refreshToken }, { timeoutMs }));
    if (isLive) store.write({ userId, email, sessionId });
  }

  async function check(): Promise<void> {
    const stored = store.read();
    if (stored) await ask(stored, () => identity.getAccount({}, { timeoutMs }));
  }

  async function current(): Promise<Proof | undefined> {
    if (store.read()?.refreshToken) {
      moving ??= store.exclusively(move).finally(() => (moving = undefined));
      await moving;
    }
    return store.read() && proof;
  }

  return {
    read: store.read,
    toStored: () => ({}),
    proof: current,
    // Another tab may have been given another cookie while the call was on its way.
    async renew() {
      checking ??= store.exclusively(check).finally(() => (checking = undefined));
      await checking;
      return store.read() && proof;
    },
    async signOut() {
      await current();
      const stored = store.read();
      if (!stored) return;
      if (await ask(stored, () => identity.signOut({}, { timeoutMs }))) store.write(undefined);
    },
  };
}

/** The calls whose answer replaces the cookie. */
const renewing: ReadonlySet<string> = new Set(
  [IdentityService.method.reauthenticate, IdentityService.method.changePassword].map(({ name }) => name),
);

/**
 * Lets nobody judge the session while an answer with its next cookie is on its way: the one before has ended by then, and what it had
 * open may be cut sooner than the answer is here.
 */
export function holdWhileRenewed(transport: Transport, { exclusively }: Pick<SessionStore, "exclusively">): Transport {
  return {
    unary: (method, ...rest) => {
      const call = () => transport.unary(method, ...rest);
      const isRenewing = method.parent.typeName === IdentityService.typeName && renewing.has(method.name);
      return isRenewing ? exclusively(call) : call();
    },
    stream: (...call) => transport.stream(...call),
  };
}
