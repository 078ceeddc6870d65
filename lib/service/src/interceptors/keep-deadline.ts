import type { Interceptor } from "@connectrpc/connect";
import { raceWith, tapStream } from "./tap-stream.ts";

/** Answers at the deadline, or when the caller has gone, even if the handler doesn't heed its signal. */
export function keepDeadline(): Interceptor {
  return (next) => async (req) => {
    const race = raceWith(req.signal);
    try {
      const res = await race.first(next(req));
      return res.stream ? { ...res, message: tapStream(res.message, { signal: req.signal }) } : res;
    } finally {
      race.stop();
    }
  };
}
