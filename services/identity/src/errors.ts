import { create } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import { RetryInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { fail } from "@lyceum/service";

/** Another account has this address, in whatever case. */
export const emailTaken = (): ConnectError =>
  fail(Code.AlreadyExists, "EMAIL_TAKEN", "There is already an account with this e-mail address.");

/** Wrong address or wrong password: the answer does not say which. */
export const invalidCredentials = (): ConnectError =>
  fail(Code.Unauthenticated, "INVALID_CREDENTIALS", "The e-mail address or the password is wrong.");

/** The refresh token was never given out, or its session has expired. */
export const invalidRefreshToken = (): ConnectError =>
  fail(Code.Unauthenticated, "INVALID_REFRESH_TOKEN", "Please sign in again.");

/** The session ended by sign-out, by its owner, or because a used refresh token came back. */
export const sessionRevoked = (): ConnectError =>
  fail(Code.Unauthenticated, "SESSION_REVOKED", "This session has ended. Please sign in again.");

/** No such session, or another person's. */
export const sessionNotFound = (): ConnectError =>
  fail(Code.NotFound, "SESSION_NOT_FOUND", "There is no such session.");

/** The caller's token is valid, but the account is gone. */
export const accountNotFound = (): ConnectError =>
  fail(Code.NotFound, "ACCOUNT_NOT_FOUND", "There is no such account.");

/** The code is wrong, was used before or is of another time. */
export const wrongCode = (): ConnectError =>
  fail(Code.Unauthenticated, "INVALID_CODE", "This code is wrong, or was used before.");

/** The sign-in that waited for a second factor was ended, took too long or was tried too often. */
export const challengeEnded = (): ConnectError =>
  fail(Code.Unauthenticated, "MFA_CHALLENGE_ENDED", "This took too long. Please sign in from the start.");

/** A sensitive call by a session whose person has not proved lately who they are; `methods` are the ways to. */
export const stepUpRequired = (methods: readonly string[]): ConnectError =>
  fail(Code.PermissionDenied, "STEP_UP_REQUIRED", "Please prove once more who you are.", {
    methods: methods.join(","),
    rpc: "lyceum.identity.v1.IdentityService/Reauthenticate",
  });

/** A password where only a second factor will do. */
export const secondFactorRequired = (): ConnectError =>
  fail(Code.FailedPrecondition, "SECOND_FACTOR_REQUIRED", "Please use your second factor.");

/** There is no second factor that recovery codes could stand in for. */
export const noSecondFactor = (): ConnectError =>
  fail(Code.FailedPrecondition, "NO_SECOND_FACTOR", "Please add a second factor first.");

/** One app at a time: the enrolled one has to go first. */
export const totpEnrolled = (): ConnectError =>
  fail(Code.AlreadyExists, "TOTP_ENROLLED", "An authenticator app is enrolled already.");

/** No secret waits for its first code. */
export const totpNotBegun = (): ConnectError =>
  fail(Code.FailedPrecondition, "TOTP_NOT_BEGUN", "Please begin with a new secret.");

/** No authenticator app is enrolled. */
export const totpNotFound = (): ConnectError => fail(Code.NotFound, "TOTP_NOT_FOUND", "There is no authenticator app.");

/** Browsers make no passkeys at an IP address, nor without TLS. */
export const passkeysUnavailable = (): ConnectError =>
  fail(
    Code.FailedPrecondition,
    "PASSKEYS_UNAVAILABLE",
    "Passkeys need LYCEUM_PUBLIC_URL to be an https name or localhost.",
  );

/** The new passkey answers no challenge of the person's, is damaged, or is known already. */
export const newPasskeyRefused = (): ConnectError =>
  fail(Code.InvalidArgument, "PASSKEY_REFUSED", "This passkey could not be added. Please begin again.");

/** The passkey is unknown, answers no open challenge, or its counter went back, as that of a copy does. */
export const passkeyRefused = (): ConnectError =>
  fail(Code.Unauthenticated, "PASSKEY_REFUSED", "This passkey was not accepted. Please try again.");

/** No such passkey, or another person's. */
export const passkeyNotFound = (): ConnectError =>
  fail(Code.NotFound, "PASSKEY_NOT_FOUND", "There is no such passkey.");

/** A person has as many passkeys as anybody may. */
export const tooManyPasskeys = (limit: number): ConnectError =>
  fail(Code.ResourceExhausted, "TOO_MANY_PASSKEYS", `Nobody may have more than ${limit} passkeys. Delete one first.`);

/** Without it the person could never sign in again. */
export const lastSignInMethod = (): ConnectError =>
  fail(
    Code.FailedPrecondition,
    "LAST_SIGN_IN_METHOD",
    "This is your only way to sign in. Please add another one first.",
  );

/** No provider of that name is set up, or linked. */
export const providerNotFound = (): ConnectError =>
  fail(Code.NotFound, "PROVIDER_NOT_FOUND", "There is no such provider.");

/** The provider cannot be asked now. */
export const providerUnreachable = (cause: unknown): ConnectError =>
  withCause(fail(Code.Unavailable, "PROVIDER_UNREACHABLE", "The provider cannot be reached now."), cause);

/** What came back from the provider does not fit what was begun, was used before, or came too late. */
export const providerRefused = (cause?: unknown): ConnectError =>
  withCause(fail(Code.Unauthenticated, "PROVIDER_REFUSED", "This sign-in did not work. Please begin again."), cause);

/** The provider does not say that the address is the person's. */
export const providerEmailUnverified = (): ConnectError =>
  fail(Code.FailedPrecondition, "PROVIDER_EMAIL_UNVERIFIED", "The provider has not verified your e-mail address.");

/** The caller's own address was never verified. */
export const emailNotVerified = (): ConnectError =>
  fail(Code.FailedPrecondition, "EMAIL_NOT_VERIFIED", "Please verify your e-mail address first.");

/** The account elsewhere, or another one of that provider, signs somebody in already. */
export const providerLinked = (): ConnectError =>
  fail(Code.AlreadyExists, "PROVIDER_LINKED", "This provider, or your account there, is linked already.");

/** The address has an account, which only its owner can link. */
export const accountNotLinked = (): ConnectError =>
  fail(
    Code.AlreadyExists,
    "ACCOUNT_NOT_LINKED",
    "There is an account with this address. Sign in to it, then link the provider.",
  );

function withCause(error: ConnectError, cause: unknown): ConnectError {
  error.cause = cause;
  return error;
}

/** No such API key, or another person's. */
export const apiKeyNotFound = (): ConnectError => fail(Code.NotFound, "API_KEY_NOT_FOUND", "There is no such API key.");

/** The API key was never given out, has expired or was revoked. */
export const invalidApiKey = (): ConnectError =>
  fail(Code.Unauthenticated, "API_KEY_INVALID", "The API key is unknown, has expired or was revoked.");

/** The cookie of a session was never given out, was replaced, or its session is over. */
export const invalidCookie = (): ConnectError =>
  fail(Code.Unauthenticated, "SESSION_COOKIE_INVALID", "This session has ended. Please sign in again.");

/** A person has as many keys as anybody may. */
export const tooManyApiKeys = (limit: number): ConnectError =>
  fail(Code.ResourceExhausted, "TOO_MANY_API_KEYS", `Nobody may have more than ${limit} API keys. Revoke one first.`);

/** The password was right, but moderators keep the person out. */
export const accountSuspended = (): ConnectError =>
  fail(Code.PermissionDenied, "ACCOUNT_SUSPENDED", "This account is suspended.");

/** No such account, asked for by a moderator or admin. */
export const userNotFound = (): ConnectError => fail(Code.NotFound, "USER_NOT_FOUND", "There is no such account.");

/** The caller's role does not reach that far. */
export const roleTooLow = (): ConnectError =>
  fail(Code.PermissionDenied, "ROLE_TOO_LOW", "Your role does not let you do this to this account.");

/** Nobody could administer any more. */
export const lastAdmin = (): ConnectError =>
  fail(Code.FailedPrecondition, "LAST_ADMIN", "This is the last admin: make another one first.");

/** The password is easily guessed; `why` is a sentence on how to do better. */
export const passwordTooWeak = (why: string): ConnectError => fail(Code.InvalidArgument, "PASSWORD_TOO_WEAK", why);

/** The link's token was never given out, was used, has ended, or stands for what cannot be done any more. */
export const invalidLink = (): ConnectError =>
  fail(Code.InvalidArgument, "INVALID_LINK", "This link was used or has ended. Please ask for a new one.");

/** Who follows the link has not shown to be who asked for it; the link stays good. */
export const ownerProofRequired = (): ConnectError =>
  fail(
    Code.FailedPrecondition,
    "OWNER_PROOF_REQUIRED",
    "Please give the password of the account, or follow the link where you are signed in.",
  );

/** The call needs a CAPTCHA to be solved; `siteKey` is what its widget is shown with. */
export const captchaRequired = (siteKey: string): ConnectError =>
  fail(Code.FailedPrecondition, "CAPTCHA_REQUIRED", "Please show that you are a person.", { siteKey });

/** Too many wrong guesses, or too many mails asked for; the answer is the same whether or not there is such an account. */
export const tooManyAttempts = (waitMs: number): ConnectError =>
  withRetry(
    fail(Code.ResourceExhausted, "TOO_MANY_ATTEMPTS", "Too many attempts. Please try again later."),
    Math.max(1, Math.ceil(waitMs / 1000)),
  );

/** Too many passwords wait to be hashed. */
export const tooBusy = (): ConnectError =>
  withRetry(
    fail(Code.ResourceExhausted, "TOO_BUSY", "Too many people are signing in. Please try again in a moment."),
    1,
  );

function withRetry(error: ConnectError, seconds: number): ConnectError {
  const retryDelay = { seconds: BigInt(seconds) };
  error.details.push({ desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay }) });
  error.metadata.set("retry-after", String(seconds));
  return error;
}
