import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs pgbench against a Postgres reached by a Unix socket and says how many transactions a second it made. */
export async function runPgbench(url: string, args: readonly string[]): Promise<number> {
  const target = new URL(url);
  const where = ["-h", target.searchParams.get("host") ?? "", "-U", decodeURIComponent(target.username), "-n"];
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(target.password) };
  const { stdout } = await promisify(execFile)("pgbench", [...where, ...args, target.pathname.slice(1)], { env });
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
}
