import type { PlatformState, ServiceState } from "@lyceum/service";
import type { Command } from "commander";
import type { Io } from "../io.ts";
import { type Output, toTable } from "../output.ts";
import { runOperator } from "./run-operator.ts";

// A person's commands know the services by this folder alone.
export type { PlatformState };

/** Looks at the installation that the variables name; its services are asked at `url` where no variable says another. */
export function readPlatformAt(io: Io, command: Command, url: string): Promise<PlatformState> {
  return runOperator(io, command, async ({ operator, loadServices }) => {
    const { readPlatform } = await import("@lyceum/service");
    return readPlatform(operator, await loadServices(), url, io.signal);
  });
}

/** Says how an installation is: a line for each service and each consumer group, and all that is wrong. */
export function tellPlatform(output: Output, { services, groups, outbox, missing, problems }: PlatformState): void {
  output.line();
  for (const row of toTable([["service", "state", "version", "engines"], ...services.map(toRow)])) output.line(row);
  output.line();
  const lags = groups.map(({ group, behind, parked, dead }) => [group, `${behind}`, `${parked}`, `${dead}`]);
  if (lags.length === 0) output.line("Nobody has consumed anything yet.");
  else for (const row of toTable([["group", "behind", "parked", "dead"], ...lags])) output.line(row);
  for (const { service, facts } of outbox) output.line(`${service} has ${facts} facts that are not in the log yet.`);
  output.line();
  for (const { database, migrations } of missing) output.line(`${database} lacks: ${migrations.join(", ")}`);
  if (missing.length === 0) output.line("No migrations are missing.");
  for (const problem of problems) output.line(`! ${problem}`);
  if (problems.length === 0) output.line("All is well.");
}

function toRow({ service, state, version, engines }: ServiceState): string[] {
  const said = engines.map(({ name, provider, answers }) => `${name}: ${provider}${answers ? "" : " (silent)"}`);
  return [service, state, version ?? "", said.join("; ")];
}
