import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../start-program.ts";
import { cached, runTool } from "./cache.ts";
import { type Engine, startEngine } from "./engine.ts";
import { canConnect } from "./kafka.ts";

/** PgBouncer, as Debian 12 has it, and the libraries that only it needs. */
const packages = ["pgbouncer", "libc-ares2", "libevent-2.1-7"];
const version = "debian-12";

/** A transaction pooler before a Postgres. */
export type PgBouncerEngine = Engine & {
  /** The URL of a database of that Postgres, through the pooler. */
  urlOf(directUrl: string): string;
};

/** PgBouncer from Debian's packages, unpacked into the cache and not installed. Answers the root of the unpacked tree. */
export async function fetchPgBouncer(): Promise<string> {
  const folder = await cached(`pgbouncer-${version}`, async (target) => {
    const apt = join(target, "apt");
    await mkdir(join(apt, "lists/partial"), { recursive: true });
    await mkdir(join(apt, "cache/archives/partial"), { recursive: true });
    // Lists of its own, so that neither rights nor an earlier update are needed.
    const own = ["-qq", "-o", `Dir::State::lists=${apt}/lists`, "-o", `Dir::Cache=${apt}/cache`];
    await runTool("apt-get", [...own, "update"], { cwd: target });
    await runTool("apt-get", [...own, "download", ...packages], { cwd: target });
    for (const file of await readdir(target)) {
      if (file.endsWith(".deb")) await runTool("dpkg-deb", ["-x", file, "root"], { cwd: target });
    }
    await runTool("rm", ["-rf", apt]);
  });
  return join(folder, "root");
}

/**
 * Starts a pooler in transaction mode, its files in `folder`, before the Postgres at `upstreamUrl`. It knows whoever that URL
 * names, and every database there.
 */
export async function startPgBouncer(folder: string, upstreamUrl: string): Promise<PgBouncerEngine> {
  const root = await fetchPgBouncer();
  const port = await findFreePort();
  await mkdir(folder, { recursive: true });
  const config = join(folder, "pgbouncer.ini");
  await writeFile(config, settings(folder, port, new URL(upstreamUrl)));
  const libraries = (await readdir(join(root, "usr/lib"))).map((name) => join(root, "usr/lib", name));
  const engine = await startEngine({
    name: "PgBouncer",
    command: join(root, "usr/sbin/pgbouncer"),
    // It refuses to run as root.
    args: [...(process.getuid?.() === 0 ? ["-u", "nobody"] : []), config],
    env: { LD_LIBRARY_PATH: libraries.join(":") },
    logFile: join(folder, "pgbouncer.out"),
    isReady: () => canConnect(port),
  });
  return Object.assign(engine, {
    urlOf(directUrl: string) {
      const url = new URL(directUrl);
      url.searchParams.delete("host");
      url.host = `127.0.0.1:${port}`;
      return url.href;
    },
  });
}

function settings(folder: string, port: number, upstream: URL): string {
  const host = upstream.searchParams.get("host") ?? upstream.hostname;
  const user = decodeURIComponent(upstream.username);
  const password = decodeURIComponent(upstream.password);
  return `[databases]
* = host=${host} port=${upstream.port || 5432} user=${user} password='${password.replaceAll("'", "''")}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
logfile = ${join(folder, "pgbouncer.log")}
`;
}
