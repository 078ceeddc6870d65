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
import type { SessionStore, SignedIn, StoredSession, Tokens } from "./session-store.ts";

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

/** What a call carries to say who makes it. */
export type Proof = {
  readonly headers: Readonly<Record<string, string>>;
  /** An access token; undefined where a cookie says it, which the browser sends along. */
  readonly token: string | undefined;
};

/** Who is signed in, and what proves it. */
export type LyceumSession = {
  /** The signed-in person, or undefined; the same object until that changes. */
  current(): SignedIn | undefined;
  /** Tells when someone signs in or out, in another tab too, until the returned function is called. */
  subscribe(onChange: () => void): () => void;
  signUp(request: MessageInitShape<typeof SignUpRequestSchema>): Promise<Entrance>;
  signIn(request: MessageInitShape<typeof SignInRequestSchema>): Promise<Entrance>;
  /** Goes in by the answer of CompleteMfa, SignInWithCode, FinishPasskeySignIn or FinishProviderSignIn. */
  enter(answer: EntranceAnswer): Entrance;
  /**
   * Ends the session. With tokens here at once, and at the server if it can be reached; a cookie only the server can delete, so
   * that without it this rejects, and nobody has signed out.
   */
  signOut(): Promise<void>;
  /** What is still good for a while, or undefined if nobody is signed in. */
  proof(): Promise<Proof | undefined>;
  /** The successor of a proof that was refused. Undefined, and nobody signed in any more, if the session has ended. */
  renew(refused: Proof): Promise<Proof | undefined>;
};

/** How a session is kept and proved: by tokens or in a cookie. */
export type Keeping = Pick<LyceumSession, "proof" | "renew" | "signOut"> & {
  /** What the store says, if it can be proved in this way. */
  read(): StoredSession | undefined;
  /** What is to be stored of a session that has just begun. */
  toStored(session: Session): Partial<Tokens>;
};

/** What sessions are made of: identity called by nobody in particular, and what is kept between calls. */
export type SessionContext = {
  readonly identity: Client<typeof IdentityService>;
  readonly store: SessionStore;
};

/** How long identity may take. */
export const timeoutMs = 15_000;

export function createSession({ identity, store }: SessionContext, keeping: Keeping): LyceumSession {
  let shown = toSignedIn(keeping.read());
  const listeners = new Set<() => void>();

  store.subscribe(() => {
    const next = toSignedIn(keeping.read());
    if (next?.sessionId === shown?.sessionId) return;
    shown = next;
    for (const listener of listeners) listener();
  });

  function enter({ session, user, mfaChallenge, verificationRequired }: EntranceAnswer): Entrance {
    if (mfaChallenge) return { state: "second-factor", challenge: mfaChallenge };
    if (verificationRequired) return { state: "mail-sent" };
    if (!session || !user) throw new ConnectError("The answer holds no session.", Code.Internal);
    const person = { userId: user.id, email: user.email, sessionId: session.sessionId };
    store.write({ ...person, ...keeping.toStored(session) });
    return { state: "signed-in", person };
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
    signOut: keeping.signOut,
    proof: keeping.proof,
    renew: keeping.renew,
  };
}

function toSignedIn(stored: StoredSession | undefined): SignedIn | undefined {
  return stored && { userId: stored.userId, email: stored.email, sessionId: stored.sessionId };
}
