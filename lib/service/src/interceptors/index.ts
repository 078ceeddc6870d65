import { createValidator } from "@bufbuild/protovalidate";
import type { Interceptor } from "@connectrpc/connect";
import { createValidateInterceptor } from "@connectrpc/validate";
import type { Logger } from "pino";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Revocations } from "../auth/revocations.ts";
import { authenticate } from "./authenticate.ts";
import { checkAccess } from "./check-access.ts";
import { keepDeadline } from "./keep-deadline.ts";
import { logCalls } from "./log-calls.ts";
import { mapErrors } from "./map-errors.ts";
import { traceCalls } from "./trace-calls.ts";

/** Compiles each message's rules once for the whole process. */
export const validator = createValidator();

/** What every call passes on its way to a handler, in this order. */
export function createInterceptors(
  log: Logger,
  authenticator: Authenticator,
  revocations: Revocations,
): readonly Interceptor[] {
  return [
    traceCalls(),
    logCalls(log),
    mapErrors(),
    authenticate(authenticator, revocations),
    checkAccess(),
    createValidateInterceptor({ validator }),
    keepDeadline(),
  ];
}
