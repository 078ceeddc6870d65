import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type {
  IdentityService,
  MfaChallenge,
  Session,
  SignInRequestSchema,
  SignUpRequestSchema,
  User,
} from "./contract.ts";
import type { SessionStore, StoredSession } from "./session-store.ts";

/** The person who is signed in here. */
export type SignedIn = { readonly userId: string; readonly email: string; readonly sessionId: string };

/** Where a way in has led: inside, to the question for a second factor, or to a mail with a link that has to be followed. */
export type Entrance =
  | { readonly state: "signed-in"; readonly person: SignedIn }
  | { readonly state: "second-factor"; readonly challenge: MfaChallenge }
  | { readonly state: "mail-sent" };

/** The answer of any call that may sign a person in. */
export type EntranceAnswer = {
  readonly session?: Session;
  readonly user?: User;
  readonly mfaChallenge?: MfaChallenge;
  readonly verificationRequired?: boolean;
};

/** Who is signed in, and the tokens that prove it. */
export type LyceumSession = {
  /** The signed-in person, or undefined; the same object until that changes. */
  current(): SignedIn | undefined;
  /** Tells when someone signs in or out, in another tab too, until the returned function is called. */
  subscribe(onChange: () => void): () => void;
  signUp(request: MessageInitShape<typeof SignUpRequestSchema>): Promise<Entrance>;
  signIn(request: MessageInitShape<typeof SignInRequestSchema>): Promise<Entrance>;
  /** Goes in by the answer of CompleteMfa, SignInWithCode, FinishPasskeySignIn or FinishProviderSignIn. */
  enter(answer: EntranceAnswer): Entrance;
  /** Ends the session here at once, and at the server if it can be reached. */
  signOut(): Promise<void>;
  /** An access token that is still good for a while, or undefined if nobody is signed in. */
  accessToken(): Promise<string | undefined>;
  /** The successor of a token that was refused. Undefined, and nobody signed in any more, if the session has ended. */
  renew(refused: string): Promise<string | undefined>;
};

/** How long before its end an access token is renewed: longer than a call takes to arrive. */
const marginMs = 30_000;
const timeoutMs = 15_000;

/** `identity` is called without a token; `now` is this machine's clock in milliseconds since 1970. */
export function createSession({
  identity,
  store,
  now = Date.now,
}: {
  identity: Client<typeof IdentityService>;
  store: SessionStore;
  now?: () => number;
}): LyceumSession {
  let renewing: Promise<StoredSession | undefined> | undefined;
  let shown = toSignedIn(store.read());
  const listeners = new Set<() => void>();

  store.subscribe(() => {
    const next = toSignedIn(store.read());
    if (next?.sessionId === shown?.sessionId) return;
    shown = next;
    for (const listener of listeners) listener();
  });

  function renew(refused: string): Promise<StoredSession | undefined> {
    renewing ??= store.exclusively(() => exchange(refused)).finally(() => (renewing = undefined));
    return renewing;
  }

  async function exchange(refused: string): Promise<StoredSession | undefined> {
    const latest = store.read();
    if (!latest || latest.accessToken !== refused) return latest;
    try {
      const { session } = await identity.refreshSession({ refreshToken: latest.refreshToken }, { timeoutMs });
      // Someone may have signed out while the answer was under way.
      if (session && store.read()?.sessionId === latest.sessionId)
        store.write({ ...latest, ...toTokens(session, now()) });
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
      if (store.read()?.sessionId === latest.sessionId) store.write(undefined);
    }
    return store.read();
  }

  function enter({ session, user, mfaChallenge, verificationRequired }: EntranceAnswer): Entrance {
    if (mfaChallenge) return { state: "second-factor", challenge: mfaChallenge };
    if (verificationRequired) return { state: "mail-sent" };
    if (!session || !user) throw new ConnectError("The answer holds no session.", Code.Internal);
    const person = { userId: user.id, email: user.email, sessionId: session.sessionId };
    store.write({ ...person, ...toTokens(session, now()) });
    return { state: "signed-in", person };
  }

  async function accessToken(): Promise<string | undefined> {
    const stored = store.read();
    if (!stored || stored.expiresAtMs - now() > marginMs) return stored?.accessToken;
    try {
      return (await renew(stored.accessToken))?.accessToken;
    } catch (error) {
      if (stored.expiresAtMs > now()) return stored.accessToken;
      throw error;
    }
  }

  async function endAtServer({ accessToken, refreshToken, expiresAtMs }: StoredSession): Promise<void> {
    const isGood = expiresAtMs - now() > marginMs;
    const token = isGood
      ? accessToken
      : (await identity.refreshSession({ refreshToken }, { timeoutMs })).session?.accessToken;
    await identity.signOut({}, { headers: { authorization: `Bearer ${token}` }, timeoutMs });
  }

  return {
    current: () => shown,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
    signUp: async (request) => enter(await identity.signUp(request, { timeoutMs })),
    signIn: async (request) => enter(await identity.signIn(request, { timeoutMs })),
    enter,
    async signOut() {
      const stored = store.read();
      store.write(undefined);
      if (stored) await endAtServer(stored).catch(() => {});
    },
    accessToken,
    renew: async (refused) => (await renew(refused))?.accessToken,
  };
}

function toSignedIn(stored: StoredSession | undefined): SignedIn | undefined {
  return stored && { userId: stored.userId, email: stored.email, sessionId: stored.sessionId };
}

function toTokens(session: Session, nowMs: number) {
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
