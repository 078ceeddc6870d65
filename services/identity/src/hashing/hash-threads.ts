import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What argon2id costs: KiB of memory, passes, lanes. */
export type HashCost = { readonly memoryCost: number; readonly timeCost: number; readonly parallelism: number };

/** A password to hash, or, where `stored` is given, to verify. */
export type HashTask = { readonly password: Uint8Array; readonly stored: string | undefined; readonly cost: HashCost };

/** The hash, or whether the password made the stored one; or why neither could be told. */
export type HashAnswer = { readonly result: string | boolean } | { readonly error: string };

/** Threads that hash and verify, each one password at a time. */
export type HashThreads = AsyncDisposable & {
  /** Runs a task in a thread that is free, or in a new one: whoever calls limits how many run at once. */
  run(task: HashTask): Promise<string | boolean>;
};

const program = new URL("./hash-worker.ts", import.meta.url);

/**
 * Opens threads that give way to everything else of the process, so that they may use all cores. They start with the first task
 * and end when idle, so that none stays in memory unused.
 */
export function openHashThreads(idleMs = 60_000): HashThreads {
  const free: Worker[] = [];
  const all = new Set<Worker>();
  let idle: NodeJS.Timeout | undefined;

  const start = () => {
    const worker = new Worker(program);
    worker.unref();
    all.add(worker);
    worker.once("exit", () => all.delete(worker));
    return worker;
  };
  const endFree = () => {
    for (const worker of free.splice(0)) void worker.terminate();
  };
  return {
    async run(task) {
      clearTimeout(idle);
      const worker = free.pop() ?? start();
      try {
        const answer = await ask(worker, task);
        free.push(worker);
        if ("error" in answer) throw new Error(`A password cannot be hashed: ${answer.error}`);
        return answer.result;
      } finally {
        if (!free.includes(worker)) void worker.terminate();
        idle = setTimeout(endFree, idleMs).unref();
      }
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle);
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

async function ask(worker: Worker, task: HashTask): Promise<HashAnswer> {
  const asked = new AbortController();
  const { signal } = asked;
  const ended = once(worker, "exit", { signal }).then(() => {
    throw new Error("The thread that hashed a password ended.");
  });
  ended.catch(() => {});
  try {
    const answered = once(worker, "message", { signal });
    worker.postMessage(task);
    const [answer] = await Promise.race([answered, ended]);
    return answer as HashAnswer;
  } finally {
    asked.abort();
  }
}
