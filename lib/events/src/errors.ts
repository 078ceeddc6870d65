import { isDatabaseUnavailable } from "@lyceum/database";

/** A new version of an event's schema that some reader or writer of an earlier one could not live with. */
export class IncompatibleSchemaError extends Error {
  constructor(subject: string, reason: string) {
    super(`The schema of ${subject} is not compatible with an earlier version: ${reason}`);
    this.name = "IncompatibleSchemaError";
  }
}

const networkCodes = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|UND_ERR_\w*TIMEOUT)$/;
// A broker that is about to lead a partition or a group, say.
const isRetriable = (cause: { name?: unknown; retriable?: unknown }) =>
  String(cause.name).startsWith("KafkaJS") && cause.retriable === true;
const kafkaErrors = /^KafkaJS(Connection|ConnectionClosed|RequestTimeout|BrokerNotFound|NoBrokerAvailable|Timeout)/;
// Connect's DeadlineExceeded and Unavailable.
const connectCodes = [4, 14];

/** Whether a handler failed because something it needs is missing, not because of the event. */
export function isDependencyMissing(error: unknown): boolean {
  if (isDatabaseUnavailable(error)) return true;
  let cause = error as { name?: unknown; code?: unknown; retriable?: unknown; cause?: unknown } | undefined;
  for (let depth = 0; depth < 8 && typeof cause === "object" && cause !== null; depth += 1) {
    if (networkCodes.test(String(cause.code))) return true;
    if (kafkaErrors.test(String(cause.name)) || isRetriable(cause)) return true;
    if (cause.name === "ConnectError" && connectCodes.includes(Number(cause.code))) return true;
    cause = cause.cause as typeof cause;
  }
  return false;
}
