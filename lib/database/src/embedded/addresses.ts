import { createHmac } from "node:crypto";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Of a socket's path, on the strictest platform.
const maxSocketPathBytes = 100;

/** A folder in which a server's socket is, by a path that is short enough for one. */
export type SocketFolder = { readonly folder: string; remove(): Promise<void> };

/** The data folder, or a short way to it where its path is too long for a socket. */
export async function openSocketFolder(data: string): Promise<SocketFolder> {
  if (Buffer.byteLength(join(data, ".s.PGSQL.5432")) <= maxSocketPathBytes)
    return { folder: data, remove: async () => {} };
  const shortcut = await mkdtemp(join(tmpdir(), "lyceum-"));
  await symlink(data, join(shortcut, "s"));
  return { folder: join(shortcut, "s"), remove: () => rm(shortcut, { recursive: true, force: true }) };
}

/** The URL of the database `name` as the role of that name, whose password is derived, so that no second secret has to be kept. */
export function addressOf(name: string, secret: string, socketFolder: string): { url: string; password: string } {
  const password = createHmac("sha256", secret).update(name).digest("base64url");
  return { url: toUrl(name, name, password, socketFolder), password };
}

/** The URL of the database `postgres` as superuser. */
export function adminAddress(secret: string, socketFolder: string): string {
  return toUrl("postgres", "postgres", secret, socketFolder);
}

function toUrl(database: string, role: string, password: string, socketFolder: string): string {
  return `postgres://${role}:${password}@localhost/${database}?host=${encodeURIComponent(socketFolder)}`;
}
