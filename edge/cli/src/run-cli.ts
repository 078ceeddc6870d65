import { Command, CommanderError } from "commander";
import { askCommand } from "./commands/ask.ts";
import { filesCommand } from "./commands/files.ts";
import { searchCommand } from "./commands/search.ts";
import { signInCommand } from "./commands/sign-in.ts";
import { signOutCommand } from "./commands/sign-out.ts";
import { signUpCommand } from "./commands/sign-up.ts";
import { statusCommand } from "./commands/status.ts";
import { uploadCommand } from "./commands/upload.ts";
import { openDeployment } from "./deployment.ts";
import { exitCodes, type Failure, ToldError, toFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import type { GlobalOptions } from "./open-cli.ts";
import { deadCommand } from "./operator/dead.ts";
import { lagCommand } from "./operator/lag.ts";
import { migrateCommand } from "./operator/migrate.ts";
import { replayCommand } from "./operator/replay.ts";
import { roleCommand } from "./operator/role.ts";
import { rotateKeysCommand } from "./operator/rotate-keys.ts";
import { schemasCommand } from "./operator/schemas.ts";
import { createOutput } from "./output.ts";

/** Every command, in the order of `--help`. */
const commands = [
  signInCommand,
  signUpCommand,
  signOutCommand,
  uploadCommand,
  askCommand,
  searchCommand,
  filesCommand,
  statusCommand,
  lagCommand,
  deadCommand,
  replayCommand,
  schemasCommand,
  migrateCommand,
  roleCommand,
  rotateKeysCommand,
];

const notes = `
The session is kept in $XDG_CONFIG_HOME/lyceum (~/.config/lyceum), readable by you alone.
Without --url: LYCEUM_URL, else the Lyceum you signed in to last, else http://localhost:8080.

An operator's commands (lag, dead, replay, schemas, migrate, role, rotate-keys) work on an
installation's databases and event log and take the same variables as its services: LYCEUM_HOME, or
<SERVICE>_DATABASE_URL with KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or with EVENTS_DATABASE_URL.

It ends with 0 if all went well, 1 if something was refused or failed, 2 if it was called wrongly,
3 if nobody is signed in, 4 if no Lyceum or no engine of it answers, and 130 if it was interrupted.`;

/** Runs one command line and answers the exit code. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const program = createProgram(io);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (io.signal.aborted) return exitCodes.interrupted;
    if (error instanceof ToldError) return exitCodes.failed;
    const { url, json } = program.opts<GlobalOptions>();
    return tell(toFailure(error, readUrl(io, url)), createOutput(io, json === true));
  }
}

function createProgram(io: Io): Command {
  const program = new Command("lyceum")
    .description("Files in, cited answers out.")
    .option("--url <url>", "where the Lyceum answers")
    .option("--json", "print JSON for programs")
    .addHelpText("after", notes);
  for (const make of commands) program.addCommand(make(io));
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: true })
      .showHelpAfterError(`Try \`${pathOf(command)} --help\`.`)
      .configureOutput({
        writeOut: (text) => io.stdout.write(text),
        writeErr: (text) => io.stderr.write(text),
      });
  }
  return program;
}

/** A command's words, such as `lyceum dead list`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function tell({ exitCode, message, problem }: Failure, output: ReturnType<typeof createOutput>): number {
  if (output.json) output.record({ error: problem });
  else output.warn(message);
  return exitCode;
}

/** For the message only: the address itself may be what was wrong. */
function readUrl(io: Io, given: string | undefined): string {
  try {
    return openDeployment(io.variables, given).url;
  } catch {
    return given ?? "";
  }
}
