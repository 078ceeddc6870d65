import { createHash, randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { BlobExistsError, BlobNotFoundError, type BlobStore, type ByteRange, maxPieceBytes } from "./blob-store.ts";

const never = new AbortController().signal;

/** What every engine of the port must do. */
export function testBlobStore(engine: string, open: () => Promise<BlobStore>): void {
  describe(`BlobStore on ${engine}`, () => {
    let blobs: BlobStore;
    beforeAll(async () => {
      blobs = await open();
    });

    async function stored(bytes: Uint8Array): Promise<string> {
      const key = randomUUID();
      await blobs.put(key, pieces(bytes), never);
      return key;
    }
    const read = async (key: string, range?: ByteRange) => Buffer.concat(await collect(blobs.read(key, range, never)));

    it("gives back what was put, in pieces of at most 1 MiB", async () => {
      const bytes = randomBytes(3 * maxPieceBytes + 17);
      const given = await collect(blobs.read(await stored(bytes), undefined, never));
      expect(Buffer.concat(given).equals(bytes)).toBe(true);
      expect(Math.max(...given.map((piece) => piece.length))).toBeLessThanOrEqual(maxPieceBytes);
    });

    it("keeps an empty blob", async () => {
      expect(await read(await stored(new Uint8Array()))).toHaveLength(0);
    });

    it("gives any range, its ends included", async () => {
      const bytes = randomBytes(2 * maxPieceBytes);
      const key = await stored(bytes);
      const last = bytes.length - 1;
      for (const [start, end] of [
        [0, 0],
        [last, last],
        [0, last],
        [1, maxPieceBytes],
        [maxPieceBytes - 1, last],
      ] as const) {
        expect((await read(key, { start, end })).equals(bytes.subarray(start, end + 1))).toBe(true);
      }
    });

    it("throws BlobNotFoundError for an unknown and for a deleted key", async () => {
      await expect(read(randomUUID())).rejects.toThrow(BlobNotFoundError);
      const key = await stored(Buffer.from("gone soon"));
      await blobs.delete(key);
      await expect(read(key)).rejects.toThrow(BlobNotFoundError);
    });

    it("deletes what is not there without complaint", async () => {
      await blobs.delete(randomUUID());
    });

    it("never overwrites a key", async () => {
      const key = await stored(Buffer.from("first"));
      await expect(blobs.put(key, pieces(Buffer.from("second")), never)).rejects.toThrow(BlobExistsError);
      expect((await read(key)).toString()).toBe("first");
    });

    it("lets one of two writers of a key win", async () => {
      const key = randomUUID();
      const texts = ["one", "two"];
      const results = await Promise.allSettled(texts.map((text) => blobs.put(key, pieces(Buffer.from(text)), never)));
      const won = results.flatMap((result, at) => (result.status === "fulfilled" ? [texts[at]] : []));
      expect(won).toEqual([(await read(key)).toString()]);
    });

    it("shows nothing until the last byte is there", async () => {
      const key = randomUUID();
      const held = Promise.withResolvers<void>();
      const put = blobs.put(key, heldBack(held.promise), never);
      await delay(30);
      await expect(read(key)).rejects.toThrow(BlobNotFoundError);
      held.resolve();
      await put;
      expect((await read(key)).toString()).toBe("beginning and end");
    });

    it("keeps nothing when the source fails, and throws what it threw", async () => {
      const key = randomUUID();
      await expect(blobs.put(key, cutOff("cable cut"), never)).rejects.toThrow("cable cut");
      await expect(read(key)).rejects.toThrow(BlobNotFoundError);
      await blobs.put(key, pieces(Buffer.from("again")), never);
      expect((await read(key)).toString()).toBe("again");
    });

    it("ends a put at an abort even if the source hangs, and keeps nothing", async () => {
      const key = randomUUID();
      const abort = new AbortController();
      const put = blobs.put(key, heldBack(new Promise(() => {})), abort.signal);
      setTimeout(() => abort.abort(), 20);
      await expect(put).rejects.toMatchObject({ name: "AbortError" });
      await expect(read(key)).rejects.toThrow(BlobNotFoundError);
      await expect(blobs.put(key, pieces(Buffer.from("late")), abort.signal)).rejects.toMatchObject({
        name: "AbortError",
      });
    });

    it("lets go of pieces once they are stored", async () => {
      const given: WeakRef<Uint8Array>[] = [];
      let alive = 0;
      const fresh = async function* () {
        for (let at = 0; at < 200; at++) {
          const piece = new Uint8Array(65_536);
          given.push(new WeakRef(piece));
          yield piece;
        }
        await delay(20);
        collectGarbage();
        alive = given.filter((ref) => ref.deref()).length;
      };
      await blobs.put(randomUUID(), fresh(), never);
      expect(alive).toBeLessThan(50);
    });

    it("looks at no piece once the next was asked for", async () => {
      const bytes = randomBytes(1_000_000);
      const reused = async function* () {
        const piece = new Uint8Array(10_000);
        for (let at = 0; at < bytes.length; at += piece.length) {
          piece.set(bytes.subarray(at, at + piece.length));
          yield piece;
          piece.fill(0);
        }
      };
      const [put, grown] = [randomUUID(), randomUUID()];
      await blobs.put(put, reused(), never);
      {
        await using growing = await blobs.grow(grown, undefined);
        for await (const piece of reused()) await growing.write(piece);
        await blobs.complete(grown, await growing.sync());
      }
      for (const key of [put, grown]) expect((await read(key)).equals(bytes)).toBe(true);
    });

    it("ends a read at an abort and when its reader stops", async () => {
      const key = await stored(randomBytes(4 * maxPieceBytes));
      const abort = new AbortController();
      const reading = (async () => {
        for await (const _ of blobs.read(key, undefined, abort.signal)) abort.abort();
      })();
      await expect(reading).rejects.toMatchObject({ name: "AbortError" });
      for await (const _ of blobs.read(key, undefined, never)) break;
    });

    it("refuses keys that are more than a name", async () => {
      for (const key of ["", ".", "..", "a/b", "a\\b", "../../etc/passwd", "a\0b", "x".repeat(129)]) {
        await expect(blobs.put(key, pieces(Buffer.from("x")), never)).rejects.toThrow(TypeError);
        await expect(read(key)).rejects.toThrow(TypeError);
      }
    });

    describe("a blob that grows", () => {
      /** Opens it, adds pieces and answers the mark. */
      async function add(key: string, mark: string | undefined, ...added: Uint8Array[]): Promise<string> {
        await using growing = await blobs.grow(key, mark);
        for (const piece of added) await growing.write(piece);
        return growing.sync();
      }

      it("is written over several openings, by any process, and is a blob once it is complete", async () => {
        const key = randomUUID();
        const parts = [1, 100, 6 * maxPieceBytes + 1, 3, 70_000].map((size) => randomBytes(size));
        let mark: string | undefined;
        for (const [at, part] of parts.entries()) {
          if (at === 3) blobs = await open();
          mark = await add(key, mark, part.subarray(0, part.length >> 1), part.subarray(part.length >> 1));
          await expect(read(key)).rejects.toThrow(BlobNotFoundError);
        }
        await Promise.all([1, 2, 3].map(() => blobs.complete(key, mark ?? "")));
        expect((await read(key)).equals(Buffer.concat(parts))).toBe(true);
        await blobs.complete(key, mark ?? "");
        await blobs.abandon(key, mark);
        expect(await read(key)).toHaveLength(parts.reduce((sum, { length }) => sum + length, 0));
        await blobs.delete(key);
        await expect(read(key)).rejects.toThrow(BlobNotFoundError);
      });

      it("forgets what was written after the mark that is gone on from", async () => {
        const key = randomUUID();
        const mark = await add(key, undefined, Buffer.from("kept, "));
        await add(key, mark, Buffer.from("forgotten though it was synced"));
        {
          await using growing = await blobs.grow(key, mark);
          await growing.write(Buffer.from("forgotten"));
        }
        await blobs.complete(key, await add(key, mark, Buffer.from("and kept")));
        expect((await read(key)).toString()).toBe("kept, and kept");
      });

      it("begins anew without a mark", async () => {
        const key = randomUUID();
        await add(key, undefined, Buffer.from("first try"));
        await blobs.complete(key, await add(key, undefined, Buffer.from("second")));
        expect((await read(key)).toString()).toBe("second");
      });

      it("may be completed at an earlier mark than its last", async () => {
        const key = randomUUID();
        const mark = await add(key, undefined, Buffer.from("all"));
        await add(key, mark, Buffer.from(" and more"));
        await blobs.complete(key, mark);
        expect((await read(key)).toString()).toBe("all");
      });

      it("may be empty", async () => {
        const key = randomUUID();
        await blobs.complete(key, await add(key, undefined));
        expect(await read(key)).toHaveLength(0);
      });

      it("is synced while it is written", async () => {
        const key = randomUUID();
        const pieces = Array.from({ length: 12 }, () => randomBytes(maxPieceBytes));
        const marks: Promise<string>[] = [];
        await using growing = await blobs.grow(key, undefined);
        for (const [at, piece] of pieces.entries()) {
          await growing.write(piece);
          if (at % 5 === 4) marks.push(growing.sync());
        }
        const [first] = await Promise.all(marks);
        await blobs.complete(key, first ?? "");
        expect((await read(key)).equals(Buffer.concat(pieces.slice(0, 5)))).toBe(true);
      });

      it("is gone once it is abandoned", async () => {
        const key = randomUUID();
        const mark = await add(key, undefined, Buffer.from("gone soon"));
        await blobs.abandon(key, mark);
        await blobs.abandon(key, mark);
        await expect(add(key, mark)).rejects.toThrow(BlobNotFoundError);
        await expect(blobs.complete(key, mark)).rejects.toThrow(BlobNotFoundError);
        await blobs.abandon(randomUUID(), undefined);
      });

      it("refuses keys that are more than a name", async () => {
        for (const key of ["", "..", "a/b", "../../etc/passwd"]) {
          await expect((async () => blobs.grow(key, undefined))()).rejects.toThrow(TypeError);
          await expect((async () => blobs.complete(key, ""))()).rejects.toThrow(TypeError);
          await expect((async () => blobs.abandon(key, undefined))()).rejects.toThrow(TypeError);
        }
      });
    });

    it("keeps 50 blobs written at once apart", async () => {
      const contents = Array.from({ length: 50 }, (_, at) => randomBytes(at * 1_000));
      const keys = await Promise.all(contents.map(stored));
      const digests = await Promise.all(keys.map(async (key) => digest(await read(key))));
      expect(digests).toEqual(contents.map(digest));
    });
  });
}

/** All pieces of a blob. */
export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const collected: Uint8Array[] = [];
  for await (const piece of pieces) collected.push(piece);
  return collected;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function* pieces(bytes: Uint8Array, pieceBytes = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function* heldBack(until: Promise<void>): AsyncGenerator<Uint8Array> {
  yield Buffer.from("beginning ");
  await until;
  yield Buffer.from("and end");
}

async function* cutOff(message: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from("beginning ");
  throw new Error(message);
}
