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

type HashThread = {
  readonly worker: Worker;
  /** Takes what comes of the task under way. */
  settle: (outcome: HashAnswer | Error) => void;
};

const program = new URL("./hash-worker.ts", import.meta.url);

/**
 * Opens threads that give way to everything else of the process, so that they may use all cores. They start with the first task
 * and end when idle, so that none stays in memory unused.
 */
export function openHashThreads(idleMs = 60_000): HashThreads {
  const free: HashThread[] = [];
  const all = new Set<Worker>();
  let idle: NodeJS.Timeout | undefined;

  const start = () => {
    const worker = new Worker(program);
    const thread: HashThread = { worker, settle: () => {} };
    worker.unref();
    all.add(worker);
    worker.on("message", (answer: HashAnswer) => thread.settle(answer));
    worker.on("error", (error) => thread.settle(error as Error));
    worker.on("exit", () => {
      all.delete(worker);
      if (free.includes(thread)) free.splice(free.indexOf(thread), 1);
      thread.settle(new Error("The thread that hashed a password ended."));
    });
    return thread;
  };
  const endFree = () => {
    for (const { worker } of free.splice(0)) void worker.terminate();
  };
  return {
    async run(task) {
      clearTimeout(idle);
      const thread = free.pop() ?? start();
      const outcome = await ask(thread, task);
      idle = setTimeout(endFree, idleMs).unref();
      if (outcome instanceof Error) {
        void thread.worker.terminate();
        throw outcome;
      }
      free.push(thread);
      if ("error" in outcome) throw new Error(`A password cannot be hashed: ${outcome.error}`);
      return outcome.result;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle);
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

function ask(thread: HashThread, task: HashTask): Promise<HashAnswer | Error> {
  return new Promise((resolve) => {
    thread.settle = resolve;
    thread.worker.postMessage(task);
  });
}
