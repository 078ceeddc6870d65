import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@lyceum/database";
import type { Replay } from "@lyceum/service";
import { Command } from "commander";
import { bar } from "../bar.ts";
import { ToldError, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { type OperatorCli, runOperator } from "./run-operator.ts";

type Options = { wait: boolean; stop?: true };

const lookEveryMs = 500;
/** How long a process may take to begin before it is said that none does. */
const beginsWithinMs = 15_000;

export const replayCommand = (io: Io): Command =>
  new Command("replay")
    .description("build a service's read model anew from the event log, beside the one that serves, then switch")
    .argument("<service>", "whose; a process of it does the work, and goes on if it or this command is killed")
    .option("--no-wait", "end once it is asked for")
    .option("--stop", "give up what is under way; what serves stays")
    .action((name: string, { wait, stop }: Options, command: Command) =>
      runOperator(io, command, async (cli) => {
        const { requestReplay, stopReplay } = await import("@lyceum/service");
        const database = await openReplayable(cli, name);
        if (stop) {
          const stopped = await stopReplay(database);
          cli.output.record({ replay: stopped ?? null, stopped: stopped !== undefined });
          cli.output.line(stopped ? `${nameOf(name, stopped)} was given up.` : `${name} is not being replayed.`);
          return;
        }
        const asked = await requestReplay(database);
        const replay = wait ? await watch(cli, name, database, asked) : asked;
        cli.output.record({ replay });
        cli.output.line(sayEnd(name, replay));
        if (replay.state === "FAILED" || replay.state === "STOPPED") throw new ToldError();
      }),
    );

async function openReplayable({ keepers, loadServices, operator }: OperatorCli, name: string): Promise<Database> {
  const [service = name] = keepers(name);
  const replayable = (await loadServices()).flatMap((definition) => (definition.readModel ? [definition.name] : []));
  const [keeper] = replayable.filter((one) => one === service);
  if (keeper) return operator.openDatabaseOf(keeper);
  throw new UsageError(
    `${name} has no read model to build anew: what it keeps does not follow from events alone. Those that have: ${replayable.join(", ")}.`,
  );
}

async function watch({ io, output }: OperatorCli, name: string, database: Database, asked: Replay): Promise<Replay> {
  const { findReplay } = await import("@lyceum/service");
  const start = performance.now();
  let told = false;
  for (let replay = asked; ; await sleep(lookEveryMs, undefined, { signal: io.signal })) {
    replay = (await findReplay(database.db, asked.generation)) ?? replay;
    if (replay.state !== "WAITING" && replay.state !== "BUILDING") return replay;
    if (replay.state === "WAITING" && !told && performance.now() - start > beginsWithinMs) {
      output.warn(`No process of ${name} has begun yet: start one. It begins by itself then.`);
      told = true;
    }
    output.progress(sayProgress(name, replay));
  }
}

function sayProgress(name: string, { state, passed, total, jobs }: Replay): string {
  if (state === "WAITING") return `${name}: waiting for a process of it`;
  const left = jobs > 0 ? `, ${jobs} jobs left` : "";
  return `${name}: ${bar(total > 0 ? passed / total : 1)} ${passed} of ${total} events${left}`;
}

function sayEnd(name: string, replay: Replay): string {
  const what = nameOf(name, replay);
  if (replay.state === "SERVING") return `${what} serves, built of ${replay.passed} events.`;
  if (replay.state === "FAILED") return `${what} cannot serve, and what serves stays: ${replay.error}`;
  if (replay.state === "STOPPED") return `${what} was given up.`;
  return `${what} is asked for. See how far it is: lyceum replay ${name}`;
}

const nameOf = (name: string, { generation }: Replay) => `Generation ${generation} of ${name}`;
