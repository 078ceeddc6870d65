import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** A person who uses Lyceum from outside, through plain HTTP and JSON. */
export type Person = {
  readonly email: string;
  readonly password: string;
  readonly userId: string;
  token: string;
  refreshToken: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** A JSON answer; an error status is thrown with its body. */
  json<T = Json>(path: string, init?: RequestInit): Promise<T>;
  post<T = Json>(path: string, body: unknown): Promise<T>;
  upload(name: string, bytes: BodyInit): Promise<string>;
  /** Waits until the document is READY or FAILED, 60 s unless said otherwise, and returns it. */
  settled(fileId: string, timeoutMs?: number): Promise<Json>;
  /** Asks and collects the events of the streamed answer. */
  ask(question: string, fileIds?: string[]): Promise<{ event: string; data: Json }[]>;
};

// biome-ignore lint/suspicious/noExplicitAny: JSON as an outside client sees it
export type Json = any;

export const password = "correct horse battery staple";

/** Signs a new person up at `url`. */
export async function signUp(url: string, displayName = "New"): Promise<Person> {
  const email = `${randomUUID()}@example.org`;
  const answer = await readJson(
    await fetch(`${url}/v1/auth/sign-up`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password, displayName }),
    }),
  );
  return toPerson(url, email, answer);
}

/** Signs `person` in again, as after a restart. */
export async function signInAgain(url: string, person: Person): Promise<Person> {
  const answer = await readJson(
    await fetch(`${url}/v1/auth/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: person.email, password: person.password }),
    }),
  );
  return toPerson(url, person.email, answer);
}

function toPerson(url: string, email: string, answer: Json): Person {
  const person: Person = {
    email,
    password,
    userId: answer.user.id,
    token: answer.session.accessToken,
    refreshToken: answer.session.refreshToken,
    async fetch(path, init = {}) {
      const send = () =>
        fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${person.token}`, ...init.headers } });
      const res = await send();
      return res.status === 401 && (await refresh(url, person)) ? send() : res;
    },
    json: async (path, init) => readJson(await person.fetch(path, init)),
    post: (path, body) =>
      person.json(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    upload: async (name, body) =>
      (await person.json(`/v1/files?name=${encodeURIComponent(name)}`, { method: "POST", body })).file.id,
    async settled(fileId, timeoutMs = 60_000) {
      for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(50)) {
        const { document } = await person.json(`/v1/documents/${fileId}`);
        if (["DOCUMENT_STATE_READY", "DOCUMENT_STATE_FAILED"].includes(document.state)) return document;
      }
      throw new Error(`The document ${fileId} did not settle in ${timeoutMs} ms.`);
    },
    async ask(question, fileIds = []) {
      const res = await person.fetch("/v1/ask", {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify({ question, fileIds }),
      });
      if (!res.ok) throw new Error(`${res.status}: ${await res.text()}`);
      return readEvents(await res.text());
    },
  };
  return person;
}

/** Takes fresh tokens as any client does when its access token ends; false once the session has. */
async function refresh(url: string, person: Person): Promise<boolean> {
  const res = await fetch(`${url}/v1/auth/refresh`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ refreshToken: person.refreshToken }),
  });
  if (!res.ok) return false;
  const { session } = await readJson(res);
  person.token = session.accessToken;
  person.refreshToken = session.refreshToken;
  return true;
}

async function readJson(res: Response): Promise<Json> {
  const text = await res.text();
  if (!res.ok) throw new Error(`${res.status}: ${text}`);
  return JSON.parse(text);
}

/** The events of a finished server-sent stream (WHATWG HTML §9.2), comments left out. */
export function readEvents(stream: string): { event: string; data: Json }[] {
  return stream.split("\n\n").flatMap((block) => {
    const event = /^event: (.*)$/m.exec(block)?.[1];
    const data = /^data: (.*)$/m.exec(block)?.[1];
    return event && data ? [{ event, data: JSON.parse(data) }] : [];
  });
}
