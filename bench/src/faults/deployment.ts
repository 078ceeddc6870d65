import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServiceName, serviceNames } from "@lyceum/service";
import { type Scaled, startScaled } from "@lyceum/testing/scaled.ts";
import { findFreePort, type Program, startProgram } from "@lyceum/testing/start-program.ts";

/** One process on embedded engines, or a process per service on the real ones. */
export type Mode = "embedded" | "scaled";

/** Lyceum as a fault finds it. */
export type Deployment = AsyncDisposable & {
  readonly mode: Mode;
  readonly url: string;
  readonly home: string;
  /** Ends a service at random, or in one process everything, as a crash would; it comes back by itself. Answers what it was. */
  killSomething(random: () => number): Promise<string>;
  readonly scaled: Scaled | undefined;
  readonly program: () => Program | undefined;
};

/** Starts Lyceum in an empty folder, which goes with it; scaled and `relayed` its engines can be slow. */
export async function startDeployment(
  mode: Mode,
  env: Record<string, string> = {},
  relayed = false,
): Promise<Deployment> {
  const home = await mkdtemp(join(tmpdir(), "lyceum-fault-"));
  const started = mode === "scaled" ? await openScaled(home, env, relayed) : await openEmbedded(home, env);
  return {
    ...started,
    mode,
    home,
    async [Symbol.asyncDispose]() {
      await started.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function openEmbedded(home: string, env: Record<string, string>) {
  let program = await startProgram(home, env);
  const { url } = program;
  const port = Number(new URL(url).port);
  return {
    url,
    scaled: undefined,
    program: () => program,
    async killSomething() {
      await program.end("SIGKILL");
      program = await startProgram(home, env, port);
      return "everything";
    },
    close: () => program[Symbol.asyncDispose](),
  };
}

async function openScaled(home: string, env: Record<string, string>, relayed: boolean) {
  const port = await findFreePort();
  const never = new AbortController().signal;
  const scaled = await startScaled({ home, port, env, say: (line) => console.error(line), relayed, signal: never });
  return {
    url: scaled.url,
    scaled,
    program: () => undefined,
    async killSomething(random: () => number) {
      const name = serviceNames[Math.floor(random() * serviceNames.length)] as ServiceName;
      await scaled.kill(name);
      return name;
    },
    close: () => scaled[Symbol.asyncDispose](),
  };
}

/** A figure that counts what should not be. */
export function countFigure(id: string, name: string, value: number, note: string) {
  return { id, name, value, unit: "", bound: "<= 0", note };
}
