import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleType,
  noJitterGenerator,
} from "cockatiel";
import type { Logger } from "pino";
import type { ServiceName } from "../define-service.ts";
import { fail } from "../errors.ts";
import { gauge } from "../telemetry/meters.ts";
import { isLostConnection } from "./lost-connection.ts";

const failuresInARow = 5;
const maxProbePauseMs = 10_000;
/** A deadline shorter than this says something of its caller only. */
const fairDeadlineMs = 2_000;
/** Who says sooner than this that something is away is there to say it. */
const promptMs = 5_000;

/** Stops calling a service that does not answer. */
export type CircuitBreaker = Disposable & { readonly interceptor: Interceptor };

/** Whose calls are guarded, and who hears of it. */
export type CircuitBreakerOptions = {
  readonly callee: ServiceName;
  readonly log: Logger;
  /** How long calls are refused before the first probe; each probe that fails doubles it, up to 10 s. */
  readonly firstPauseMs?: number;
};

/**
 * After five calls in a row that found the callee away, calls are `unavailable` at once, until a probe comes through: one call
 * at a time, after a pause. A prompt answer of any kind, a refusal of bad input above all, proves the callee alive.
 */
export function createCircuitBreaker({ callee, log, firstPauseMs = 1_000 }: CircuitBreakerOptions): CircuitBreaker {
  const policy = circuitBreaker(handleType(Outage), {
    breaker: new ConsecutiveBreaker(failuresInARow),
    halfOpenAfter: new ExponentialBackoff({
      initialDelay: firstPauseMs,
      maxDelay: maxProbePauseMs,
      generator: noJitterGenerator,
    }),
  });
  policy.onBreak(() => log.warn({ callee }, `${callee} does not answer: calls to it are refused until it does.`));
  policy.onReset(() => log.info({ callee }, `${callee} answers again.`));
  const attributes = { "lyceum.callee": callee };
  const isOpen = gauge(openCircuit, async () => [{ value: policy.state === CircuitState.Closed ? 0 : 1, attributes }]);
  return { interceptor: guard(callee, policy), [Symbol.dispose]: () => isOpen[Symbol.dispose]() };
}

const openCircuit = {
  name: "lyceum.calls.open_circuit",
  unit: "{circuit}",
  description: "1 while calls to a callee are refused because it does not answer.",
};

type Outcome<T> = { readonly res: T } | { readonly error: ConnectError };

function guard(callee: ServiceName, policy: CircuitBreakerPolicy): Interceptor {
  return (next) => async (req) => {
    // The probe may last as long as its deadline; nobody waits for what it finds.
    if (policy.state === CircuitState.HalfOpen) throw refused(callee);
    const start = performance.now();
    const call = async (): Promise<Outcome<Awaited<ReturnType<typeof next>>>> => {
      try {
        return { res: await next(req) };
      } catch (reason) {
        const error = ConnectError.from(reason);
        if (tellsOfOutage(error, performance.now() - start)) throw new Outage(error);
        // Nobody knows what a call that was given up would have met.
        if (error.code === Code.Canceled) throw error;
        return { error };
      }
    };
    const outcome = await policy.execute(call).catch((error) => {
      if (error instanceof BrokenCircuitError) throw refused(callee);
      throw error instanceof Outage ? error.cause : error;
    });
    if ("error" in outcome) throw outcome.error;
    return outcome.res;
  };
}

/** What counts against a callee. */
class Outage extends Error {
  override readonly name = "Outage";
  constructor(cause: ConnectError) {
    super("The callee is away.", { cause });
  }
}

function tellsOfOutage(error: ConnectError, tookMs: number): boolean {
  if (error.code === Code.DeadlineExceeded) return tookMs >= fairDeadlineMs;
  if (error.code !== Code.Unavailable || isLostConnection(error)) return isLostConnection(error);
  // With details it is an answer: an engine of the callee's is away, and what needs none of it still works.
  return error.details.length === 0 || tookMs >= promptMs;
}

function refused(callee: ServiceName): ConnectError {
  const message = `${callee} does not answer now. Try again in a moment.`;
  const error = fail(Code.Unavailable, "CIRCUIT_OPEN", message, { service: callee });
  error.metadata.set("retry-after", "1");
  return error;
}
