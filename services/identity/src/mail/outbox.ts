import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "@lyceum/service";
import { type Mail, type Mailer, requirePlainHead } from "./mailer.ts";

/** A mail that was not sent but kept. */
export type KeptMail = Mail & { readonly id: string; readonly time: string };

/** Keeps mails in a folder instead of sending them, for development. */
export type Outbox = Mailer & {
  /** What is kept, the latest first. */
  list(): Promise<KeptMail[]>;
  /** The mail of this id; undefined if there is none. */
  find(id: string): Promise<KeptMail | undefined>;
};

/** The oldest go first. */
const keptMails = 200;

/** Opens the outbox in `folder`: one JSON file a mail, readable by this user only. */
export async function openOutbox(folder: string): Promise<Outbox> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = (await readdir(folder)).filter((name) => file.test(name)).sort();
  const read = async (id: string): Promise<KeptMail | undefined> => {
    if (!names.includes(`${id}.json`)) return undefined;
    return JSON.parse(await readFile(join(folder, `${id}.json`), "utf8"));
  };
  return {
    async send(mail) {
      requirePlainHead(mail);
      const kept: KeptMail = { id: newId(), time: new Date().toISOString(), ...mail };
      const path = join(folder, `${kept.id}.json`);
      await writeFile(`${path}.part`, JSON.stringify(kept, null, 2), { mode: 0o600 });
      await rename(`${path}.part`, path);
      names.push(`${kept.id}.json`);
      for (const name of names.splice(0, names.length - keptMails)) await rm(join(folder, name), { force: true });
    },
    async list() {
      const mails = await Promise.all(names.toReversed().map((name) => read(name.slice(0, -".json".length))));
      return mails.filter((mail) => mail !== undefined);
    },
    find: read,
  };
}

const file = /^[0-9a-f-]{36}\.json$/;
