import type { JsonObject } from "@bufbuild/protobuf";
import type { Lyceum } from "@lyceum/client";
import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  WebAuthnError,
} from "@simplewebauthn/browser";

type Identity = Lyceum["identity"];

/** Whether this browser, at this address, can use passkeys. */
export function canUsePasskeys(): boolean {
  return browserSupportsWebAuthn() && window.isSecureContext;
}

/** Has the device answer with a passkey, as `FinishPasskeySignIn`, `CompleteMfa` and `Reauthenticate` take it. */
export async function answerWithPasskey(identity: Identity): Promise<JsonObject> {
  const { options } = await identity.beginPasskeySignIn({});
  const optionsJSON = options as unknown as Parameters<typeof startAuthentication>[0]["optionsJSON"];
  return inWords(async () => (await startAuthentication({ optionsJSON })) as unknown as JsonObject);
}

/** Has the device make a passkey. */
export async function makePasskey(begin: () => Promise<JsonObject | undefined>): Promise<JsonObject> {
  const optionsJSON = (await begin()) as unknown as Parameters<typeof startRegistration>[0]["optionsJSON"];
  return inWords(async () => (await startRegistration({ optionsJSON })) as unknown as JsonObject);
}

/** What browsers say when a person closes their dialog is for programmers. */
async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(sayRefusal(error), { cause: error });
  }
}

function sayRefusal(error: unknown): string {
  if (error instanceof WebAuthnError && error.code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED")
    return "This device has a passkey for you already.";
  if (error instanceof Error && error.name === "NotAllowedError") return "No passkey was chosen, or it took too long.";
  return "This device could not use a passkey here.";
}
