import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "@lyceum/testing/create-random.ts";
import { type Listener, listen } from "@lyceum/testing/listener.ts";
import { type Json, type Person, signUp } from "@lyceum/testing/person.ts";
import type { Figure } from "../figure.ts";
import { countFigure, type Deployment, type Mode, startDeployment } from "./deployment.ts";

const clients = 20;
const sends = 1_000;
const kills = 5;
const patienceMs = 300_000;

/** F1: kills at random while 20 clients that reconnect send 1,000 messages into one room and listen to it. */
export async function faultKills(mode: Mode): Promise<Figure[]> {
  await using deployment = await startDeployment(mode);
  const { url } = deployment;
  const people = await Promise.all(Array.from({ length: clients }, (_, at) => signUp(url, `Person ${at}`)));
  const [first, ...others] = people as [Person, ...Person[]];
  const memberIds = others.map(({ userId }) => userId);
  const { room } = await first.post("/v1/rooms", { kind: "ROOM_KIND_GROUP", title: "Faults", memberIds });
  const listeners = people.map((person) => listen(url, person));
  await Promise.all(listeners.map((listener) => listener.ready()));

  const acknowledged = new Map<string, string>();
  const deadline = Date.now() + patienceMs;
  const sending = Promise.all(
    people.map(async (person, at) => {
      for (let number = at; number < sends; number += clients) {
        const text = `message ${number}`;
        acknowledged.set(text, await send(person, room.id, text, deadline));
      }
    }),
  );
  const random = createRandom(1);
  const killed: string[] = [];
  const killing = killAsSendsGo(deployment, acknowledged, killed, () => random(1_000_000) / 1_000_000);
  await Promise.all([sending, killing]);
  const order = await listAll(first, room.id);
  const heardBy = await Promise.all(listeners.map((listener) => heardAll(listener, order.length, deadline)));
  await Promise.all(listeners.map((listener) => listener[Symbol.asyncDispose]()));

  const lost = [...acknowledged].filter(
    ([text, id]) => !order.some((message) => message.id === id && message.text === text),
  );
  const doubled = order.length - new Set(order.map(({ text }) => text)).size;
  const expected = order.map(({ id }) => id).join();
  const disordered = heardBy.filter((ids) => ids.join() !== expected).length;
  const note = `${mode}; killed: ${killed.join(", ")}; ${order.length} messages, ${clients} clients`;
  return [
    countFigure("F1", "acknowledged messages lost", lost.length, note),
    countFigure("F1", "messages doubled", doubled, note),
    countFigure("F1", "clients that heard another order, too little or too much", disordered, note),
  ];
}

async function killAsSendsGo(
  deployment: Deployment,
  acknowledged: ReadonlyMap<string, string>,
  killed: string[],
  random: () => number,
): Promise<void> {
  for (let kill = 1; kill <= kills; kill += 1) {
    while (acknowledged.size < (kill * sends) / (kills + 1)) await sleep(5);
    killed.push(await deployment.killSomething(random));
  }
}

/** As a client does: the same message again until it is acknowledged. */
async function send(person: Person, roomId: string, text: string, deadline: number): Promise<string> {
  const clientId = randomUUID();
  for (;;) {
    try {
      return (await person.post(`/v1/rooms/${roomId}/messages`, { clientId, text })).message.id;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** All that people said in a room, read backwards page by page. */
async function listAll(person: Person, roomId: string): Promise<Json[]> {
  const all: Json[] = [];
  for (let bound = ""; ; bound = `&beforeSeq=${all[0].seq}`) {
    const { messages } = await person.json(`/v1/rooms/${roomId}/messages?pageSize=250${bound}`);
    if (messages.length === 0) return all.filter(({ kind }) => kind === "MESSAGE_KIND_TEXT");
    all.unshift(...messages);
  }
}

/** The ids of the messages a listener has heard, once it has heard as many, or will not. */
async function heardAll({ heard }: Listener, count: number, deadline: number): Promise<string[]> {
  const ids = () =>
    heard.flatMap(({ message }) => (message?.kind === "MESSAGE_KIND_TEXT" ? [message.id as string] : []));
  while (ids().length < count && Date.now() < deadline) await sleep(100);
  return ids();
}
