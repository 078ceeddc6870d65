import { Code, ConnectError } from "@connectrpc/connect";
import type { Session } from "./contract.ts";
import { type Keeping, type Proof, type SessionContext, timeoutMs } from "./session.ts";
import type { SignedIn, StoredSession, Tokens } from "./session-store.ts";

/** How long before its end an access token is renewed: longer than a call takes to arrive. */
const marginMs = 30_000;

type Held = SignedIn & Tokens;

/** Keeps a session's tokens in the store, and renews the access token; `now` is this machine's clock in milliseconds since 1970. */
export function keepTokens({ identity, store }: SessionContext, now: () => number = Date.now): Keeping {
  let renewing: Promise<Held | undefined> | undefined;
  const read = () => toHeld(store.read());

  function renew(refused: string | undefined): Promise<Held | undefined> {
    renewing ??= store.exclusively(() => exchange(refused)).finally(() => (renewing = undefined));
    return renewing;
  }

  async function exchange(refused: string | undefined): Promise<Held | undefined> {
    const latest = read();
    if (!latest || latest.accessToken !== refused) return latest;
    try {
      const { session } = await identity.refreshSession({ refreshToken: latest.refreshToken }, { timeoutMs });
      // Someone may have signed out while the answer was under way.
      if (session && read()?.sessionId === latest.sessionId) store.write({ ...latest, ...toTokens(session, now()) });
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
      if (read()?.sessionId === latest.sessionId) store.write(undefined);
    }
    return read();
  }

  async function fresh(): Promise<Held | undefined> {
    const held = read();
    if (!held || held.expiresAtMs - now() > marginMs) return held;
    try {
      return await renew(held.accessToken);
    } catch (error) {
      if (held.expiresAtMs > now()) return held;
      throw error;
    }
  }

  async function endAtServer({ accessToken, refreshToken, expiresAtMs }: Held): Promise<void> {
    const isGood = expiresAtMs - now() > marginMs;
    const token = isGood
      ? accessToken
      : (await identity.refreshSession({ refreshToken }, { timeoutMs })).session?.accessToken;
    await identity.signOut({}, { headers: { authorization: `Bearer ${token}` }, timeoutMs });
  }

  return {
    read,
    toStored: (session) => toTokens(session, now()),
    proof: async () => toProof(await fresh()),
    renew: async ({ token }) => toProof(await renew(token)),
    async signOut() {
      const held = read();
      store.write(undefined);
      if (held) await endAtServer(held).catch(() => {});
    },
  };
}

function toHeld(stored: StoredSession | undefined): Held | undefined {
  if (!stored?.accessToken || !stored.refreshToken) return undefined;
  const { accessToken, refreshToken, expiresAtMs = 0 } = stored;
  return { ...stored, accessToken, refreshToken, expiresAtMs };
}

function toProof(held: Held | undefined): Proof | undefined {
  return held && { headers: { authorization: `Bearer ${held.accessToken}` }, token: held.accessToken };
}

function toTokens(session: Session, nowMs: number): Tokens {
  const { accessToken, refreshToken } = session;
  return { accessToken, refreshToken, expiresAtMs: nowMs + readLifetimeMs(session, nowMs) };
}

/** How long the token lives by its own claims (RFC 7519 §4.1), so that a wrong clock here doesn't matter. */
function readLifetimeMs(session: Session, nowMs: number): number {
  try {
    const payload = session.accessToken.split(".")[1] ?? "";
    const { iat, exp } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    const lifetimeMs = (exp - iat) * 1000;
    if (lifetimeMs > 0) return lifetimeMs;
  } catch {
    // Not a JWT we can read: the expiry beside it serves.
  }
  return Number(session.accessTokenExpireTime?.seconds ?? 0n) * 1000 - nowMs;
}
