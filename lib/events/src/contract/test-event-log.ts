import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { eventually, freeDatabase } from "@lyceum/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EventLog, projection } from "../event-log.ts";
import { listParked, requeueParked } from "../inspect-parked.ts";
import { eventMigrations } from "../migrations.ts";
import type { Engine, Member, MemberOptions } from "./member.ts";
import type { Death } from "./mortal-member.ts";
import {
  changeThing,
  defineThing,
  makeTables,
  readEffects,
  readParked,
  recordEffects,
  type ThingChanged,
  thingChanged,
} from "./thing.ts";

const group = "readers";
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** What every engine of the event log must do, whoever dies and whatever comes twice. */
export function testEventLog<Connection>(name: string, engine: Engine<Connection>): void {
  describe(name, () => {
    let connection: Connection;
    let stack: AsyncDisposableStack;
    let urls: { owner: string; reader: string };
    let owner: Member;
    let reader: Member;

    beforeEach(async () => {
      stack = new AsyncDisposableStack();
      urls = { owner: await freeDatabase([eventMigrations]), reader: await freeDatabase([eventMigrations]) };
      connection = await engine.open();
      owner = await openOwner();
      reader = await openReader();
      await makeTables(owner);
      await makeTables(reader);
    });
    afterEach(() => stack.disposeAsync());

    async function openMember(options: MemberOptions): Promise<Member> {
      return stack.use(await engine.openMember(connection, options));
    }
    const openOwner = () => openMember({ service: "test", databaseUrl: urls.owner, publishes: [thingChanged] });
    const openReader = () => openMember({ service: "reader", databaseUrl: urls.reader, publishes: [], retryMs: 5 });
    const consume = (member: Member, ...handlers: Parameters<EventLog["consume"]>[1]) =>
      member.log.consume(group, handlers.length > 0 ? handlers : [recordEffects(member)]);
    const expectEffects = (effects: Record<string, number[]>) =>
      eventually(async () => expect(await readEffects(reader)).toEqual(effects), { timeoutMs: 20_000 });

    async function killMember(death: Death, databaseUrl: string): Promise<void> {
      const args = [engine.module, JSON.stringify(connection), databaseUrl, death];
      const child = spawn(process.execPath, [join(import.meta.dirname, "mortal-member.ts"), ...args], {
        stdio: "inherit",
      });
      expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    }

    test("delivers the whole envelope", async () => {
      const delivered = Promise.withResolvers<unknown>();
      await consume(
        reader,
        projection(thingChanged, async (event) => delivered.resolve(event)),
      );
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const before = Date.now();
      const fact = thingChanged({ thingId: "a", version: 1 });
      await owner.database.transaction((tx) => owner.log.append(tx, fact, { traceparent }));
      const event = await delivered.promise;
      expect(event).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/),
        type: "lyceum.test.v1.ThingChanged",
        source: "test",
        time: expect.any(Date),
        traceparent,
        key: "a",
        data: { thingId: "a", version: 1 },
      });
      expect((event as { time: Date }).time.getTime()).toBeGreaterThanOrEqual(before);
    });

    test("skips nothing and keeps each key's order while long and short transactions overlap", async () => {
      await consume(reader);
      const things = upTo(12).map((number) => `thing ${String(number).padStart(2, "0")}`);
      await Promise.all(
        things.map(async (thing, index) => {
          for (const round of upTo(10)) await changeThing(owner, thing, (index * 7 + round * 3) % 40);
        }),
      );
      await expectEffects(Object.fromEntries(things.map((thing) => [thing, upTo(10)])));
    });

    test("keeps the order of facts that are appended together", async () => {
      await consume(reader);
      const facts = upTo(30).flatMap((version) => ["a", "b"].map((thingId) => thingChanged({ thingId, version })));
      await owner.database.transaction((tx) => owner.log.appendAll(tx, facts));
      await owner.database.transaction((tx) => owner.log.appendAll(tx, []));
      await expectEffects({ a: upTo(30), b: upTo(30) });
    });

    test("publishes nothing of a transaction that rolls back", async () => {
      await consume(reader);
      const gone = owner.database.transaction(async (tx) => {
        await owner.log.append(tx, thingChanged({ thingId: "never", version: 1 }));
        throw new Error("rolled back");
      });
      await expect(gone).rejects.toThrow("rolled back");
      await changeThing(owner, "a");
      await expectEffects({ a: [1] });
    });

    test("has each effect once when a consumer is killed before its commit", async () => {
      for (const _ of upTo(3)) await changeThing(owner, "a");
      await killMember("before the effect's commit", urls.reader);
      await consume(reader);
      await expectEffects({ a: [1, 2, 3] });
    });

    test("has each effect once when a relay is killed after the log's commit", async () => {
      await owner[Symbol.asyncDispose]();
      await killMember("after the log's commit", urls.owner);
      await consume(reader);
      await expectEffects({ killed: [1] });
      owner = await openOwner();
      await changeThing(owner, "killed");
      await expectEffects({ killed: [1, 2] });
    });

    test("has each effect once when events come twice", async () => {
      const consuming = await consume(reader);
      for (const _ of upTo(5)) await changeThing(owner, "a");
      await expectEffects({ a: upTo(5) });
      await consuming[Symbol.asyncDispose]();
      await reader.database.sql`update event_cursors set next_offset = 0`;
      await consume(reader);
      await changeThing(owner, "a");
      await expectEffects({ a: upTo(6) });
    });

    test("has each effect once when members compete, and goes on when one leaves", async () => {
      const second = await openReader();
      const consuming = await consume(reader);
      await consume(second);
      const things = upTo(10).map((number) => `thing ${String(number).padStart(2, "0")}`);
      await Promise.all(things.map((thing) => changeThing(owner, thing)));
      await consuming[Symbol.asyncDispose]();
      await Promise.all(things.map((thing) => changeThing(owner, thing)));
      await expectEffects(Object.fromEntries(things.map((thing) => [thing, [1, 2]])));
    });

    test("has each effect once and in order when members come and go in the middle of a batch", async () => {
      const things = upTo(30).map((number) => `thing ${String(number).padStart(2, "0")}`);
      const rounds = upTo(20);
      for (const _ of rounds) await Promise.all(things.map((thing) => changeThing(owner, thing)));
      const slowly = (member: Member) =>
        consume(member, {
          ...recordEffects(member),
          handle: async (event, tx) => {
            await recordEffects(member).handle(event, tx);
            await member.database.sqlOf(tx)`select pg_sleep(.002)`;
          },
        });
      const first = await slowly(reader);
      const second = await slowly(await openReader());
      await first[Symbol.asyncDispose]();
      await slowly(await openReader());
      await second[Symbol.asyncDispose]();
      await expectEffects(Object.fromEntries(things.map((thing) => [thing, rounds])));
    });

    test("parks what a handler refuses, later events of its key behind it, and retries them in order", async () => {
      let broken = true;
      await consume(
        reader,
        recordEffects(reader, ({ key }) => {
          if (broken && key === "bad") throw new Error("cannot\0stand it", { cause: new Error("the cause\ud800") });
        }),
      );
      for (const thing of ["bad", "good", "bad", "good", "bad"]) await changeThing(owner, thing);
      await expectEffects({ good: [1, 2] });
      await eventually(async () => {
        const parked = await readParked(reader);
        expect(parked.map(({ key, error }) => ({ key, error }))).toEqual([
          { key: "bad", error: "cannot\ufffdstand it ← the cause\ufffd" },
          { key: "bad", error: null },
          { key: "bad", error: null },
        ]);
      });
      broken = false;
      await expectEffects({ bad: [1, 2, 3], good: [1, 2] });
      expect(await readParked(reader)).toEqual([]);
    });

    test("counts an event as dead after 8 retries; those behind it wait, others go on, a requeue applies all in order", async () => {
      const seen: number[] = [];
      let broken = true;
      await consume(
        reader,
        recordEffects(reader, ({ key, data }) => {
          if (key !== "bad" || !broken) return;
          seen.push(data.version);
          throw new Error("never");
        }),
      );
      await changeThing(owner, "bad");
      await changeThing(owner, "bad");
      await eventually(
        async () =>
          expect(await readParked(reader)).toEqual([
            { key: "bad", error: "never", attempts: 8, dead: true },
            { key: "bad", error: null, attempts: 0, dead: false },
          ]),
        { timeoutMs: 25_000 },
      );
      expect(new Set(seen)).toEqual(new Set([1]));
      await changeThing(owner, "good");
      await expectEffects({ good: [1] });
      const dead = await listParked(reader.database, { deadOnly: true });
      expect(dead).toMatchObject([{ group, key: "bad", attempts: 8, dead: true, cause: "never", behind: 1 }]);
      broken = false;
      await requeueParked(reader.database, dead);
      await expectEffects({ bad: [1, 2], good: [1] });
      expect(await listParked(reader.database)).toEqual([]);
    });

    test("parks an event it cannot decode, with the cause, and once even if it comes twice in one batch", async () => {
      const record = {
        topic: "test.v1",
        type: thingChanged.fullName,
        source: "test",
        time: new Date(),
        traceparent: undefined,
      };
      const unknownSchema = { ...record, id: "1", key: "x", body: Buffer.from("000000ffff00", "hex") };
      const noAvro = { ...record, id: "2", key: "y", body: Buffer.from("{}") };
      for (const _ of upTo(2)) await engine.publish(connection, [unknownSchema, noAvro]);
      await changeThing(owner, "a");
      await consume(reader);
      await expectEffects({ a: [1] });
      await eventually(async () => {
        const causes = (await readParked(reader)).map(({ key, error }) => `${key}: ${error}`);
        expect(causes).toEqual([
          expect.stringMatching(/^x: There is no schema 65535/),
          expect.stringMatching(/^y: .*not in Confluent wire format/),
        ]);
      });
    });

    test("waits for a missing dependency and parks nothing", async () => {
      let missing = true;
      await consume(
        reader,
        recordEffects(reader, () => {
          if (missing) throw Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
        }),
      );
      for (const _ of upTo(3)) await changeThing(owner, "a");
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await readParked(reader)).toEqual([]);
      missing = false;
      await expectEffects({ a: [1, 2, 3] });
    });

    test("shows a late starter everything, and passes over types it does not handle", async () => {
      const other = { ...defineThing<ThingChanged>(), fullName: "lyceum.test.v1.OtherHappened" };
      for (const _ of upTo(3)) await changeThing(owner, "a");
      await reader.log.consume("others", [
        projection(
          Object.assign(() => {
            throw new Error();
          }, other) as never,
          async () => {},
        ),
      ]);
      await consume(reader);
      await expectEffects({ a: [1, 2, 3] });
      expect(await readParked(reader)).toEqual([]);
    });

    test("follows from a time: first what happened since, then what happens", async () => {
      await changeThing(owner, "before");
      const early: string[] = [];
      await using _ = await reader.log.follow([thingChanged], new Date(0), ({ key }) => early.push(key));
      await eventually(() => expect(early).toEqual(["before"]));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const from = new Date();
      await changeThing(owner, "since");
      await eventually(() => expect(early).toEqual(["before", "since"]));
      const seen: string[] = [];
      await using __ = await reader.log.follow([thingChanged], from, ({ key }) => seen.push(key));
      expect(seen).toEqual(["since"]);
      await changeThing(owner, "after");
      await eventually(() => expect(seen).toEqual(["since", "after"]));
    });

    test("tells when a group has passed what was in the log at the call, parked events included", async () => {
      const never = new AbortController().signal;
      await reader.log.caughtUp(group, [thingChanged], never);
      for (const thing of ["a", "bad", "a"]) await changeThing(owner, thing);
      await eventually(async () => expect(await logged()).toBe(3));

      const waiting = reader.log.caughtUp(group, [thingChanged], never);
      const given = reader.log.caughtUp(group, [thingChanged], AbortSignal.timeout(50));
      await expect(given).rejects.toMatchObject({ name: "TimeoutError" });
      await consume(
        reader,
        recordEffects(reader, ({ key }) => {
          if (key === "bad") throw new Error("never");
        }),
      );
      await waiting;
      expect(await readEffects(reader)).toEqual({ a: [1, 2] });

      async function logged(): Promise<number> {
        const keys: string[] = [];
        await using _ = await owner.log.follow([thingChanged], new Date(0), ({ key }) => keys.push(key));
        return keys.length;
      }
    });

    test("signals every process that listens, with up to 6,000 bytes, and stores nothing", async () => {
      const heard: string[] = [];
      const bytes = Uint8Array.from({ length: 6_000 }, (_, index) => (index * 131) % 256);
      const listen = (member: Member, name: string) =>
        member.log.onSignal("typing", (key, got) => heard.push(`${name} ${key} ${Buffer.compare(got, bytes)}`));
      await listen(owner, "owner");
      await using silent = await listen(reader, "gone");
      await listen(reader, "reader");
      await silent[Symbol.asyncDispose]();
      await owner.log.signal("typing", "room", bytes);
      await owner.log.signal("elsewhere", "room", bytes);
      await eventually(() => expect(heard.toSorted()).toEqual(["owner room 0", "reader room 0"]));
      await expect(owner.log.signal("typing", "room", new Uint8Array(6_001))).rejects.toThrow(/6000 bytes/);
    });

    test("reads events of earlier and later versions of a schema", async () => {
      type Newer = ThingChanged & { color: string };
      const newer = defineThing<Newer>([{ name: "color", type: "string", default: "grey" }]);
      const seen: unknown[] = [];
      await consume(
        reader,
        projection(newer, async ({ data }) => void seen.push({ ...data })),
      );
      await consumeOlder();
      await changeThing(owner, "a");
      const upgraded = await openMember({ service: "test", databaseUrl: urls.owner, publishes: [newer] });
      const red = newer({ thingId: "a", version: 2, color: "red" });
      await upgraded.database.transaction((tx) => upgraded.log.append(tx, red));
      await eventually(() =>
        expect(seen).toEqual([
          { thingId: "a", version: 1, color: "grey" },
          { thingId: "a", version: 2, color: "red" },
        ]),
      );
      await expectEffects({ a: [1, 2] });

      async function consumeOlder(): Promise<void> {
        const older = await openReader();
        await older.log.consume("older", [recordEffects(older)]);
      }
    });

    test("refuses a schema that breaks readers of an earlier version", async () => {
      const publishes = [defineThing([{ name: "color", type: "string" }])];
      const opening = openMember({ service: "test", databaseUrl: urls.owner, publishes });
      await expect(opening).rejects.toThrow(/ThingChanged is not compatible with an earlier version: .*color/);
    });
  });
}
