import type { Definitions, Operator, ServiceName } from "@lyceum/service";
import type { Command } from "commander";
import { OperatorError, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import type { GlobalOptions } from "../open-cli.ts";
import { createOutput, type Output } from "../output.ts";

/** What an operator's command works with. */
export type OperatorCli = {
  readonly io: Io;
  readonly output: Output;
  readonly operator: Operator;
  /** The services with a database: the one that was named, else all. Throws for a name that is none of them. */
  keepers(name?: string): readonly ServiceName[];
  /** The definitions of all services; loading them takes a moment. */
  loadServices(): Promise<Definitions>;
  /** Has a service's operation done; answers a sentence that says what was done. */
  operate(service: ServiceName, operation: string, args: readonly string[]): Promise<string>;
};

/**
 * Runs `work` on the installation that the services' variables name. What it needs is loaded only now: a person's commands stay
 * quick. Answers what `work` does.
 */
export async function runOperator<T>(io: Io, command: Command, work: (cli: OperatorCli) => Promise<T>): Promise<T> {
  const { keepingServices, openOperator, runOperation } = await import("@lyceum/service");
  const { json } = command.optsWithGlobals<GlobalOptions>();
  const known = (name: string): name is ServiceName => (keepingServices as readonly string[]).includes(name);
  try {
    await using operator = openOperator(io.variables);
    return await work({
      io,
      output: createOutput(io, json === true),
      operator,
      keepers(name) {
        if (name === undefined) return keepingServices;
        if (known(name)) return [name];
        throw new UsageError(`There is no service ${name} with a database. Known: ${keepingServices.join(", ")}.`);
      },
      loadServices,
      async operate(service, operation, args) {
        const definition = (await loadServices()).find(({ name }) => name === service);
        if (!definition) throw new Error(`There is no service ${service}.`);
        return runOperation(operator, definition, operation, args);
      },
    });
  } catch (error) {
    throw await explain(error);
  }
}

async function loadServices(): Promise<Definitions> {
  return (await import("@lyceum/embedded/src/services.ts")).services;
}

/** The engines' own errors in words for an operator. */
async function explain(error: unknown): Promise<unknown> {
  const [{ StartError }, { sqlStateOf }, { isDependencyMissing }] = await Promise.all([
    import("@lyceum/service"),
    import("@lyceum/database"),
    import("@lyceum/events"),
  ]);
  const { message } = error as Error;
  if (error instanceof StartError) return new OperatorError(message, { cause: error });
  if (sqlStateOf(error) === "42P01") {
    return new OperatorError("A database has not all its tables yet. Make them first: lyceum migrate", {
      cause: error,
    });
  }
  if (isDependencyMissing(error)) return new OperatorError(`An engine was lost: ${message}`, { cause: error });
  return error;
}
