import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDatabaseRelay } from "../relay.ts";
import { findFreePort } from "../start-program.ts";
import { cached, runTool } from "./cache.ts";
import { type Engine, startEngine } from "./engine.ts";
import { canConnect } from "./kafka.ts";

/** PgBouncer, as Debian has it, and the libraries that only it needs; newer releases call some by another name. */
const packages = ["pgbouncer", "libc-ares2", "libevent-2.1-7"];

/** A transaction pooler before a Postgres. */
export type PgBouncerEngine = Engine & {
  /** The URL of a database of that Postgres, through the pooler. */
  urlOf(directUrl: string): string;
};

/** PgBouncer from Debian's packages, unpacked into the cache and not installed. Answers the root of the unpacked tree. */
export async function fetchPgBouncer(): Promise<string> {
  const folder = await cached("pgbouncer-debian", async (target) => {
    const apt = join(target, "apt");
    await mkdir(join(apt, "lists/partial"), { recursive: true });
    await mkdir(join(apt, "cache/archives/partial"), { recursive: true });
    // Lists of its own, so that neither rights nor an earlier update are needed.
    const own = ["-qq", "-o", `Dir::State::lists=${apt}/lists`, "-o", `Dir::Cache=${apt}/cache`];
    await runTool("apt-get", [...own, "update"], { cwd: target });
    for (const name of packages) {
      const download = (known: string) => runTool("apt-get", [...own, "download", known], { cwd: target });
      await download(name).catch(() => download(`${name}t64`));
    }
    for (const file of await readdir(target)) {
      if (file.endsWith(".deb")) await runTool("dpkg-deb", ["-x", file, "root"], { cwd: target });
    }
    await runTool("rm", ["-rf", apt]);
  });
  return join(folder, "root");
}

/**
 * Starts a pooler in transaction mode, its files in `folder`, before one Postgres: for the databases that these URLs name, each
 * with its own role.
 */
export async function startPgBouncer(folder: string, directUrls: readonly string[]): Promise<PgBouncerEngine> {
  const root = await fetchPgBouncer();
  const port = await findFreePort();
  await mkdir(folder, { recursive: true });
  await using starting = new AsyncDisposableStack();
  // The folder of a Unix socket may be one that only this process can enter.
  const { relay } = await openDatabaseRelay(directUrls[0] ?? "");
  starting.use(relay);
  const databases = directUrls.map(readDatabase);
  const config = join(folder, "pgbouncer.ini");
  await writeFile(
    join(folder, "users.txt"),
    databases.map(({ user, password }) => `"${user}" "${password}"\n`).join(""),
  );
  await writeFile(config, settings(folder, port, relay.port, databases));
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
  starting.use(engine);
  const running = starting.move();
  return {
    process: engine.process,
    kill: () => engine.kill(),
    urlOf(directUrl: string) {
      const url = new URL(directUrl);
      url.searchParams.delete("host");
      url.host = `127.0.0.1:${port}`;
      return url.href;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

type PooledDatabase = { readonly name: string; readonly user: string; readonly password: string };

function readDatabase(directUrl: string): PooledDatabase {
  const url = new URL(directUrl);
  return {
    name: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

function settings(folder: string, port: number, upstreamPort: number, databases: readonly PooledDatabase[]): string {
  return `[databases]
${databases.map(({ name }) => `${name} = host=127.0.0.1 port=${upstreamPort} dbname=${name}`).join("\n")}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder, "users.txt")}
pool_mode = transaction
default_pool_size = 5
max_client_conn = 500
`;
}
