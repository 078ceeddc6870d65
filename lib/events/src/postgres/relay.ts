import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "@lyceum/database";
import type { EventStore } from "../event-store.ts";
import { type Log, type Loop, startLoop } from "../loop.ts";
import { eventColumns, toEventRecord } from "./row.ts";

const batchSize = 500;
const pollMs = 5_000;
/** The first fact goes at once, those right after it together: a batch costs its readers hardly more than one fact does. */
const gatherMs = 50;

/**
 * Moves outbox rows into the log. One relay of a database works at a time, under an advisory lock of its transaction; it
 * claims whatever rows it sees, because a watermark would pass those that commit late. The rows go with the commit that
 * follows the log's, so a relay that dies between the two publishes them again, and the log takes an event once.
 */
export function startRelay(database: Database, store: Pick<EventStore, "publish">, log: Log | undefined): Loop {
  let movedAtMs = Number.NEGATIVE_INFINITY;
  const step = async () => {
    const restMs = movedAtMs + gatherMs - performance.now();
    if (restMs > 0) await delay(restMs);
    const moved = await database.sql.begin(async (tx) => {
      // Sent together: the second statement sees what was committed while the first waited for its turn.
      const [, rows] = await Promise.all([
        // Its commit may be lost with the server: then the rows are published again.
        tx`select pg_advisory_xact_lock(hashtextextended('lyceum.relay', 0)), set_config('synchronous_commit', 'off', true)`,
        tx`delete from outbox where id in (select id from outbox order by id limit ${batchSize})
          returning id::float8 as position, ${tx.unsafe(eventColumns)}`,
      ]);
      rows.sort((a, b) => a.position - b.position);
      if (rows.length > 0) await store.publish(rows.map(({ position: _, ...row }) => toEventRecord(row as never)));
      return rows.length;
    });
    if (moved === batchSize) return 0;
    if (moved > 0) movedAtMs = performance.now();
    return pollMs;
  };
  return startLoop(step, { loop: "outbox relay" }, log);
}
