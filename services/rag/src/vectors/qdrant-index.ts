import { createHash } from "node:crypto";
import { StartError } from "@lyceum/service";
import { vectorsUnavailable } from "../errors.ts";
import type { ScopeFile } from "../scope-store.ts";
import { pointId } from "./point-id.ts";
import {
  connectQdrant,
  MissingCollectionError,
  type Point,
  type Qdrant,
  type QdrantOptions,
  searchTimeoutMs,
  statusOf,
} from "./qdrant.ts";
import { matching, toFilter } from "./to-filter.ts";
import { type NearPassage, type VectorFile, type VectorIndex, VectorMismatchError } from "./vector-index.ts";

/** How Qdrant is used. */
export type QdrantIndexOptions = QdrantOptions & {
  /** Before each name, so that several Lyceums can share one Qdrant. */
  readonly namespace: string;
};

/** For what an index is opened. */
export type IndexContext = {
  /** The embedding model whose vectors it compares. */
  readonly model: string;
  /** Hears that what it held is gone, such as with Qdrant's disk: it has to be filled again. */
  readonly onLost: () => void;
};

const openTimeoutMs = 15_000;
/** Searches do not ask again at once what was silent for the whole of a search. */
const restMs = 5_000;
const batchSize = 200;
/** Up to so many vectors a scan costs Qdrant a few milliseconds, and misses none. */
const scannedVectors = 20_000;
/** Raised when collections are laid out in another way: they are built beside those there are, and take their place. */
const layout = "v1";

/**
 * Vectors in a collection of Qdrant for each model, behind an alias that names it once it is whole. Owners are tenants: a search
 * looks into the partition of the reader's own files and, of other owners', at the files shared with them. Throws a StartError
 * for an API key that Qdrant refuses.
 */
export async function openQdrantIndex(options: QdrantIndexOptions, context: IndexContext): Promise<VectorIndex> {
  const qdrant = connectQdrant(options);
  const { namespace } = options;
  const index = createQdrantIndex(qdrant, namespace, context);
  // Asks once, so that a Qdrant that is not there, or does not let Lyceum in, is known at the start.
  await index.readFullness(AbortSignal.timeout(openTimeoutMs)).catch((error) => {
    const refused = [401, 403].includes(statusOf(error) ?? 0);
    throw refused ? new StartError("Qdrant refuses RAG_QDRANT_API_KEY, or asks for one.", { cause: error }) : error;
  });
  return index;
}

function createQdrantIndex(qdrant: Qdrant, namespace: string, { model, onLost }: IndexContext): VectorIndex {
  const prefix = `${namespace}lyceum-`;
  const alias = aliasOf(prefix, model);
  const collection = `${alias}-${layout}`;
  let size: number | undefined;
  let isWhole = false;
  let awayUntil = 0;

  /** Does something in a collection that ought to be there. */
  async function within<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MissingCollectionError)) throw error;
      size = undefined;
      isWhole = false;
      onLost();
      throw vectorsUnavailable(error);
    }
  }

  const listOwn = async (signal: AbortSignal, beginning = prefix) =>
    (await qdrant.listCollections(signal)).filter((name) => name.startsWith(beginning));

  /** How many dimensions the collection has, which is made for `wanted` if it is not there. */
  async function openCollection(wanted: number, signal: AbortSignal): Promise<number> {
    size ??= await qdrant.readSize(collection, signal).catch(async (error) => {
      if (!(error instanceof MissingCollectionError)) throw error;
      await qdrant.createCollection(collection, wanted, signal);
      if (isWhole) await qdrant.pointAlias(alias, collection, signal);
      return qdrant.readSize(collection, signal);
    });
    return size;
  }

  return {
    isApart: true,
    async readFullness(signal) {
      isWhole = (await qdrant.findAlias(alias, signal)) === collection;
      if (isWhole) return "whole";
      return (await listOwn(signal)).includes(collection) ? "partial" : "empty";
    },
    put: (file, first, vectors, signal) =>
      within(async () => {
        const given = vectors[0]?.length ?? 0;
        if (given === 0) return signal.throwIfAborted();
        const expected = await openCollection(given, signal);
        if (given !== expected) throw new VectorMismatchError(model, given, expected);
        for (let at = 0; at < vectors.length; at += batchSize) {
          const points = toPoints(file, first + at, vectors.slice(at, at + batchSize), model);
          await qdrant.upsert(collection, points, signal);
        }
      }),
    async holds({ fileId, revision }, count, signal) {
      const filter = { must: [matching("file_id", fileId), matching("revision", revision)] };
      try {
        return (await qdrant.countPoints(collection, filter, signal)) >= count;
      } catch (error) {
        if (error instanceof MissingCollectionError) return false;
        throw error;
      }
    },
    async find({ vector, scope, library, limit }, signal) {
      signal.throwIfAborted();
      const files = scope.filter(({ vectorBytes }) => vectorBytes > 0);
      if (files.length === 0) return [];
      const start = Date.now();
      if (start < awayUntil) throw vectorsUnavailable(new Error("Qdrant was silent a moment ago."));
      const query = {
        vector,
        filter: toFilter(files, library),
        limit,
        exact: countVectors(files, vector) <= scannedVectors,
      };
      try {
        const found = await within(async () => {
          size ??= await qdrant.readSize(collection, signal);
          return size === vector.length ? qdrant.search(alias, query, signal) : [];
        });
        return toNear(found, files);
      } catch (error) {
        if (!signal.aborted && Date.now() - start >= searchTimeoutMs) awayUntil = Date.now() + restMs;
        throw error;
      }
    },
    async forget(fileId, before, signal) {
      const older = before === undefined ? [] : [{ key: "revision", range: { lt: before } }];
      const filter = { must: [matching("file_id", fileId), ...older] };
      for (const name of await listOwn(signal)) await qdrant.deletePoints(name, filter, signal);
    },
    async switchTo(signal) {
      isWhole = true;
      const ofModel = await listOwn(signal, `${alias}-`);
      // A first one is made with the first vectors, whose number of dimensions it must know.
      if (!ofModel.includes(collection)) return;
      await qdrant.pointAlias(alias, collection, signal);
      for (const name of ofModel) if (name !== collection) await qdrant.dropCollection(name, signal);
    },
    async dropModel(other, signal) {
      for (const name of await listOwn(signal, `${aliasOf(prefix, other)}-`)) await qdrant.dropCollection(name, signal);
    },
    async [Symbol.asyncDispose]() {},
  };
}

const aliasOf = (prefix: string, model: string) =>
  prefix + createHash("sha256").update(model).digest("hex").slice(0, 16);

/** Of the files in all; a stored vector takes a byte for each dimension. */
const countVectors = (files: readonly ScopeFile[], { length }: Float32Array) =>
  files.reduce((sum, { vectorBytes }) => sum + vectorBytes, 0) / length;

function toPoints(
  { fileId, ownerId, revision }: VectorFile,
  first: number,
  vectors: readonly ArrayLike<number>[],
  model: string,
): Point[] {
  return vectors.map((vector, at) => ({
    id: pointId(fileId, revision, first + at, model),
    vector: Array.from(vector),
    payload: { owner_id: ownerId, file_id: fileId, revision, passage: first + at },
  }));
}

function toNear(found: Awaited<ReturnType<Qdrant["search"]>>, files: readonly ScopeFile[]): NearPassage[] {
  const revisions = new Map(files.map(({ fileId, revision }) => [fileId, revision]));
  return found.flatMap(({ payload: { file_id: fileId, revision, passage }, score }) =>
    revisions.get(fileId) === revision ? [{ fileId, revision, passage, cosine: score }] : [],
  );
}
