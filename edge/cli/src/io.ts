/** What the program is given by whoever started it. */
export type Io = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The folder that paths are relative to. */
  readonly cwd: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
};

/** This process's. The only place that names it. */
export function openIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort(new Error("Interrupted.")));
  // Whoever reads our output may have enough of it, as `head` does.
  stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  // npm changes to the folder of package.json and tells where it was called.
  return { stdin, stdout, stderr, variables: env, cwd: env.INIT_CWD ?? process.cwd(), signal: interrupt.signal };
}
