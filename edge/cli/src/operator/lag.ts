import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceLag } from "@lyceum/service";
import { Command } from "commander";
import type { Io } from "../io.ts";
import { type Output, toTable } from "../output.ts";
import { readCount } from "../read-count.ts";
import { runOperator } from "./run-operator.ts";

type Options = { watch?: true; every: number };

export const lagCommand = (io: Io): Command =>
  new Command("lag")
    .description("how far services are behind the event log, partition by partition")
    .argument("[service]", "this service only")
    .option("--watch", "look again and again, until Ctrl-C")
    .option("--every <seconds>", "with --watch: how often, 1 to 3600", readCount(3_600), 2)
    .action((name: string | undefined, { watch, every }: Options, command: Command) =>
      runOperator(io, command, async ({ operator, output, keepers }) => {
        const { readLags } = await import("@lyceum/service");
        const names = keepers(name);
        do {
          const lags = await readLags(operator, names);
          if (watch && io.stdout.isTTY && !output.json) io.stdout.write("\x1b[2J\x1b[H");
          output.record({ services: lags });
          tell(output, lags);
          if (watch) await sleep(every * 1_000, undefined, { signal: io.signal });
        } while (watch);
      }),
    );

function tell(output: Output, lags: readonly ServiceLag[]): void {
  const rows = lags.flatMap(({ partitions }) =>
    [...Map.groupBy(partitions, ({ group, topic }) => `${group} ${topic}`).values()].map((ofTopic) => {
      const sum = (field: "behind" | "parked" | "dead") => `${ofTopic.reduce((total, one) => total + one[field], 0)}`;
      const { group = "", topic = "" } = ofTopic[0] ?? {};
      const each = ofTopic.map(({ behind }) => behind).join(" ");
      return [group, topic, sum("behind"), `(${each})`, sum("parked"), sum("dead")];
    }),
  );
  if (rows.length === 0) output.line("Nobody has consumed anything yet.");
  else for (const row of toTable([["group", "topic", "behind", "(each)", "parked", "dead"], ...rows])) output.line(row);
  for (const { service, outbox } of lags) {
    if (outbox > 0) output.line(`${service} has ${outbox} facts in its outbox that are not in the log yet.`);
  }
}
