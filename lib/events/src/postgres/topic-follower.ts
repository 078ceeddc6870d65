import { disposeAll } from "../dispose-all.ts";
import type { LoggedEvent } from "../event-record.ts";
import { type Log, type Loop, startLoop } from "../loop.ts";
import type { Ends } from "./ends.ts";
import { missedMs, type Reads, readSize } from "./reads.ts";

const idleMs = 60_000;

/** Shows one topic's events, first those logged since `from`, then as they come, until disposed. */
export async function startTopicFollower(
  {
    topic,
    from,
    show,
    log,
  }: {
    topic: string;
    from: Date;
    show: (record: LoggedEvent) => Promise<void>;
    log: Log | undefined;
  },
  reads: Reads,
  onEnd: Ends["onEnd"],
): Promise<AsyncDisposable> {
  const ends = await reads.readEnds(topic);
  const heard: number[] = [];
  const steps = await Promise.all(ends.map((end, partition) => catchUp(partition, end)));
  const loops: Loop[] = [];
  // Heard before the next read, so that nothing comes between them.
  const hearing = onEnd(topic, (partition, end) => {
    heard[partition] = end;
    loops[partition]?.wake();
  });
  for (const [partition, step] of steps.entries())
    loops.push(startLoop(step, { loop: "follow", topic, partition }, log));
  return disposeAll([hearing, ...loops]);

  /** Shows what is there up to `end`; answers the step that shows what comes. */
  async function catchUp(partition: number, end: number): Promise<() => Promise<number>> {
    let position = await reads.findOffset(topic, partition, from);
    const step = async () => {
      const records = await reads.read(topic, partition, position);
      for (const record of records) {
        await show(record);
        position = record.offset + 1;
      }
      if (records.length === readSize) return 0;
      return position < (heard[partition] ?? 0) ? missedMs : idleMs;
    };
    while (position < end) await step();
    return step;
  }
}
