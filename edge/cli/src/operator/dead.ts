import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@lyceum/database";
import type { ParkedHead } from "@lyceum/events";
import type { ServiceName } from "@lyceum/service";
import { Command } from "commander";
import { ToldError, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { toTable } from "../output.ts";
import { type OperatorCli, runOperator } from "./run-operator.ts";

export const deadCommand = (io: Io): Command => {
  const dead = new Command("dead").description("events that a service could not handle: list, show, requeue");
  for (const make of [listCommand, showCommand, requeueCommand]) dead.addCommand(make(io));
  return dead;
};

type Parked = ParkedHead & { readonly service: ServiceName };

const listCommand = (io: Io): Command =>
  new Command("list")
    .description("events given up, each with why, and how many of its key wait behind it")
    .argument("[service]", "of this service only")
    .option("--parked", "those that are still tried, too")
    .action((name: string | undefined, { parked }: { parked?: true }, command: Command) =>
      runOperator(io, command, async (cli) => {
        const { output } = cli;
        const found = await find(cli, name, { deadOnly: !parked });
        output.record({ events: found.map(toRecord) });
        if (found.length === 0) output.line(parked ? "No events are parked." : "No events are dead.");
        else for (const row of toTable([head, ...found.map(toRow)])) output.line(row);
      }),
    );

const showCommand = (io: Io): Command =>
  new Command("show")
    .description("one parked event: its envelope, its content by the schema it was written with, and why it failed")
    .argument("<service>", "whose it is")
    .argument("<event>", "its id")
    .action((name: string, id: string, _, command: Command) =>
      runOperator(io, command, async (cli) => {
        const { inspectBody } = await import("@lyceum/events");
        const [event] = await findNamed(cli, name, [id]);
        if (!event) return;
        const content = await inspectBody((await cli.operator.openEvents()).registry, event.body);
        cli.output.record({ event: toRecord(event), content });
        const { body: _, ...envelope } = event;
        for (const row of toTable(Object.entries(envelope).map(([field, value]) => [field, `${value ?? ""}`])))
          cli.output.line(row);
        cli.output.line();
        cli.output.line("data" in content ? JSON.stringify(content.data, undefined, 2) : content.unreadable);
      }),
    );

type RequeueOptions = { all?: true; wait: boolean };

const requeueCommand = (io: Io): Command =>
  new Command("requeue")
    .description(
      "have dead events tried again, those of their keys behind them in order, and wait for what comes of it",
    )
    .argument("<service>", "whose they are")
    .argument("[event...]", "their ids")
    .option("--all", "all that are dead")
    .option("--no-wait", "end at once")
    .action((name: string, ids: string[], { all, wait }: RequeueOptions, command: Command) =>
      runOperator(io, command, async (cli) => {
        if (!all && ids.length === 0) throw new UsageError("Which events? Name their ids, or say --all.");
        const { requeueParked } = await import("@lyceum/events");
        const chosen = all ? await find(cli, name, { deadOnly: true }) : await findNamed(cli, name, ids);
        const database = await openDatabaseOf(cli, name);
        await requeueParked(database, chosen);
        const failing = wait ? await waitForTries(cli, database, chosen) : [];
        cli.output.record({ requeued: chosen.map(({ id }) => id), failing: failing.map(toRecord) });
        cli.output.line(chosen.length === 0 ? "No events are dead." : `Requeued: ${chosen.length}.`);
        for (const event of failing) cli.output.line(`${event.id} ${sayFailing(event)}`);
        if (failing.length > 0) throw new ToldError();
      }),
    );

async function find(
  cli: OperatorCli,
  name: string | undefined,
  { deadOnly }: { deadOnly: boolean },
): Promise<Parked[]> {
  const { listParked } = await import("@lyceum/events");
  const found = await Promise.all(
    cli.keepers(name).map(async (service) => {
      const events = await listParked(await cli.operator.openDatabaseOf(service), { deadOnly });
      return events.map((event) => ({ ...event, service }));
    }),
  );
  return found.flat();
}

async function findNamed(cli: OperatorCli, name: string, ids: readonly string[]): Promise<Parked[]> {
  const found = (await find(cli, name, { deadOnly: false })).filter(({ id }) => ids.includes(id));
  const missing = ids.filter((id) => !found.some((event) => event.id === id));
  if (missing.length === 0) return found;
  throw new UsageError(
    `${name} has no parked event ${missing.join(", ")} at the head of its key. See: lyceum dead list ${name} --parked`,
  );
}

function openDatabaseOf(cli: OperatorCli, name: string): Promise<Database> {
  const [service] = cli.keepers(name) as [ServiceName];
  return cli.operator.openDatabaseOf(service);
}

const waitMs = 30_000;

/** Those that failed again, or that nobody has tried. */
async function waitForTries(
  { io, output }: OperatorCli,
  database: Database,
  chosen: readonly Parked[],
): Promise<Parked[]> {
  const { listParked } = await import("@lyceum/events");
  let left = [...chosen];
  for (const deadline = performance.now() + waitMs; left.length > 0 && performance.now() < deadline; ) {
    output.progress(`Waiting for ${left.length} of ${chosen.length}…`);
    await sleep(300, undefined, { signal: io.signal });
    const now = await listParked(database, { ids: left.map(({ id }) => id) });
    left = left.flatMap((event) => {
      const still = now.find(({ group, id }) => group === event.group && id === event.id);
      return still ? [{ ...event, ...still }] : [];
    });
    if (left.every(({ attempts }) => attempts > 0)) break;
  }
  return left;
}

function sayFailing({ service, attempts, cause }: Parked): string {
  return attempts > 0 ? `failed again: ${cause}` : `was not tried: does ${service} run? It is tried once it does.`;
}

const head = ["service", "event", "type", "key", "tries", "behind", "parked", "why"];

function toRow({ service, id, type, key, attempts, dead, behind, parkedAt, cause }: Parked): string[] {
  return [service, id, type, key, `${attempts}${dead ? "" : " (goes on)"}`, `${behind}`, parkedAt.slice(0, 19), cause];
}

function toRecord({ body, ...event }: Parked) {
  return { ...event, body: Buffer.from(body).toString("base64") };
}
