import { createHash } from "node:crypto";
import { StartError } from "@lyceum/service";
import { QdrantClient, type Schemas } from "@qdrant/js-client-rest";
import { vectorsUnavailable } from "../errors.ts";
import type { ScopeFile } from "../scope-store.ts";
import { pointId } from "./point-id.ts";
import { type NearPassage, type VectorFile, type VectorIndex, VectorMismatchError } from "./vector-index.ts";

/** Where Qdrant is. */
export type QdrantOptions = {
  readonly url: string;
  readonly apiKey: string | undefined;
  /** Before each name, so that several Lyceums can share one Qdrant. */
  readonly namespace: string;
};

/** For what an index is opened. */
export type QdrantContext = {
  /** The embedding model whose vectors it compares. */
  readonly model: string;
  /** Hears that what it held is gone, such as with Qdrant's disk: it has to be filled again. */
  readonly onLost: () => void;
};

type Api = ReturnType<QdrantClient["api"]>;
type Payload = {
  readonly owner_id: string;
  readonly file_id: string;
  readonly revision: number;
  readonly passage: number;
};

const searchTimeoutMs = 1_500;
const writeTimeoutMs = 15_000;
/** Searches do not ask again at once what was silent for the whole of a search. */
const restMs = 5_000;
const batchSize = 200;
/** Up to so many vectors a scan costs Qdrant a few milliseconds, and misses none. */
const scannedVectors = 20_000;
/** How many neighbours an approximate search keeps in view, for a recall of .98 and more. */
const searchWidth = 256;
/** Raised when collections are laid out in another way: they are built beside those there are, and take their place. */
const layout = "v1";

/**
 * Vectors in a collection of Qdrant for each model, behind an alias that names it once it is whole. Owners are tenants: a search
 * looks into the partition of the reader's own files and, of other owners', at the files shared with them. Throws a StartError for an API key that Qdrant refuses.
 */
export async function openQdrantIndex(options: QdrantOptions, { model, onLost }: QdrantContext): Promise<VectorIndex> {
  const api = connect(options);
  const prefix = `${options.namespace}lyceum-`;
  const alias = prefix + hashModel(model);
  const collection = `${alias}-${layout}`;
  let size: number | undefined;
  let isWhole = false;
  let awayUntil = 0;

  /** One call, its failures in the port's words. */
  async function send<T>(
    call: (init: RequestInit) => Promise<{ data: { result?: T } }>,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<T> {
    signal.throwIfAborted();
    try {
      const { data } = await call({ signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
      return data.result as T;
    } catch (error) {
      signal.throwIfAborted();
      const reason = error as Error & { status?: number; data?: { status?: { error?: string } } };
      if (reason.status === 404) throw new MissingError(`Qdrant: ${reason.data?.status?.error}`);
      if (reason.status === 400 || reason.status === 422) {
        throw new Error(`Qdrant does not take it: ${reason.data?.status?.error ?? reason.message}`, { cause: error });
      }
      throw vectorsUnavailable(reason);
    }
  }

  /** Does something in a collection that ought to be there. */
  async function within<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      size = undefined;
      isWhole = false;
      onLost();
      throw vectorsUnavailable(error);
    }
  }

  const listCollections = async (signal: AbortSignal) => {
    const { collections } = await send((init) => api.getCollections({}, init), signal, writeTimeoutMs);
    return collections.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  };
  const readAlias = async (signal: AbortSignal) => {
    const { aliases } = await send((init) => api.getCollectionsAliases({}, init), signal, writeTimeoutMs);
    return aliases.find(({ alias_name }) => alias_name === alias)?.collection_name;
  };
  const readSize = async (signal: AbortSignal) => {
    const { config } = await send(
      (init) => api.getCollection({ collection_name: collection }, init),
      signal,
      searchTimeoutMs,
    );
    return (config.params.vectors as Schemas["VectorParams"]).size;
  };

  /** How many dimensions the collection has, which is made for `wanted` if it is not there. */
  async function openCollection(wanted: number, signal: AbortSignal): Promise<number> {
    size ??= await readSize(signal).catch(async (error) => {
      if (!(error instanceof MissingError)) throw error;
      await createCollection(api, collection, wanted, (call) => send(call, signal, writeTimeoutMs));
      const made = await readSize(signal);
      if (isWhole) await pointAlias(signal);
      return made;
    });
    return size;
  }

  async function pointAlias(signal: AbortSignal): Promise<void> {
    const before = await readAlias(signal);
    if (before === collection) return;
    const create = { create_alias: { collection_name: collection, alias_name: alias } };
    const actions = before ? [{ delete_alias: { alias_name: alias } }, create] : [create];
    await send((init) => api.updateAliases({ actions }, init), signal, writeTimeoutMs);
  }

  async function search(vector: Float32Array, files: readonly ScopeFile[], limit: number, signal: AbortSignal) {
    const vectorCount = files.reduce((sum, { vectorBytes }) => sum + vectorBytes, 0) / vector.length;
    const query = {
      collection_name: alias,
      query: Array.from(vector),
      filter: toFilter(files),
      limit,
      params: vectorCount <= scannedVectors ? { exact: true } : { hnsw_ef: searchWidth },
      with_payload: ["file_id", "revision", "passage"],
    };
    const { points } = await send((init) => api.queryPoints(query, init), signal, searchTimeoutMs);
    return points;
  }

  const index: VectorIndex = {
    isApart: true,
    async readFullness(signal) {
      isWhole = (await readAlias(signal)) === collection;
      if (isWhole) return "whole";
      return (await listCollections(signal)).includes(collection) ? "partial" : "empty";
    },
    put: (file, first, vectors, signal) =>
      within(async () => {
        const given = vectors[0]?.length ?? 0;
        if (given === 0) return signal.throwIfAborted();
        const expected = await openCollection(given, signal);
        if (given !== expected) throw new VectorMismatchError(model, given, expected);
        for (let at = 0; at < vectors.length; at += batchSize) {
          const points = toPoints(file, first + at, vectors.slice(at, at + batchSize), model);
          const request = { collection_name: collection, wait: true, points };
          await send((init) => api.upsertPoints(request, init), signal, writeTimeoutMs);
        }
      }),
    async holds({ fileId, revision }, count, signal) {
      const filter = { must: [matching("file_id", fileId), matching("revision", revision)] };
      const request = { collection_name: collection, filter, exact: true };
      try {
        return (await send((init) => api.countPoints(request, init), signal, searchTimeoutMs)).count >= count;
      } catch (error) {
        if (error instanceof MissingError) return false;
        throw error;
      }
    },
    async find({ vector, scope, limit }, signal) {
      signal.throwIfAborted();
      const files = scope.filter(({ vectorBytes }) => vectorBytes > 0);
      if (files.length === 0) return [];
      if (Date.now() < awayUntil) throw vectorsUnavailable(new Error("Qdrant was silent a moment ago."));
      const start = Date.now();
      try {
        const found = await within(async () => {
          size ??= await readSize(signal);
          return size === vector.length ? search(vector, files, limit, signal) : [];
        });
        return toNear(found, files);
      } catch (error) {
        if (!signal.aborted && Date.now() - start >= searchTimeoutMs) awayUntil = Date.now() + restMs;
        throw error;
      }
    },
    async forget(fileId, kept, signal) {
      const filter = {
        must: [matching("file_id", fileId)],
        ...(kept !== undefined && { must_not: [matching("revision", kept)] }),
      };
      for (const name of await listCollections(signal)) {
        const request = { collection_name: name, wait: true, filter };
        // One that is dropped meanwhile holds nothing any more.
        await send((init) => api.deletePoints(request, init), signal, writeTimeoutMs).catch(passMissing);
      }
    },
    async switchTo(signal) {
      isWhole = true;
      const ofModel = (await listCollections(signal)).filter((name) => name.startsWith(`${alias}-`));
      // A first one is made with the first vectors, whose number of dimensions it must know.
      if (!ofModel.includes(collection)) return;
      await pointAlias(signal);
      for (const name of ofModel) if (name !== collection) await dropCollection(name, signal);
    },
    async dropModel(other, signal) {
      const named = `${prefix}${hashModel(other)}-`;
      for (const name of await listCollections(signal)) if (name.startsWith(named)) await dropCollection(name, signal);
    },
    async [Symbol.asyncDispose]() {},
  };

  async function dropCollection(name: string, signal: AbortSignal): Promise<void> {
    const request = { collection_name: name };
    await send((init) => api.deleteCollection(request, init), signal, writeTimeoutMs).catch(passMissing);
  }

  // Asks once, so that a Qdrant that is not there, or does not let Lyceum in, is known at the start.
  await index.readFullness(AbortSignal.timeout(writeTimeoutMs)).catch((error) => {
    const status = (error.cause as { status?: number } | undefined)?.status;
    if (status !== 401 && status !== 403) throw error;
    throw new StartError("Qdrant refuses RAG_QDRANT_API_KEY, or asks for one.", { cause: error });
  });
  return index;
}

/** The collection, or the file's place in it, is not there. */
class MissingError extends Error {
  override readonly name = "MissingError";
}

function passMissing(error: unknown): void {
  if (!(error instanceof MissingError)) throw error;
}

function connect({ url, apiKey }: QdrantOptions): Api {
  const { protocol, hostname, port, pathname } = new URL(url);
  const client = new QdrantClient({
    host: hostname,
    // Null keeps the client from choosing 6333 for an address that means its protocol's own port.
    port: port ? Number(port) : null,
    https: protocol === "https:",
    prefix: pathname.replace(/\/$/, ""),
    // As the client's own option it would print a warning to the console.
    headers: { "api-key": apiKey },
    // Each call brings a signal of its own, which a time limit of the client's would push aside.
    timeout: Number.POSITIVE_INFINITY,
    checkCompatibility: false,
  });
  return client.api();
}

/** Makes the collection with its payload indexes, before any vector, unless another process is first. */
async function createCollection(
  api: Api,
  name: string,
  size: number,
  send: <T>(call: (init: RequestInit) => Promise<{ data: { result?: T } }>) => Promise<T>,
): Promise<void> {
  const vectors = { size, distance: "Cosine" as const };
  await send((init) => api.createCollection({ collection_name: name, vectors }, init)).catch((error) => {
    if ((error.cause as { status?: number } | undefined)?.status !== 409) throw error;
  });
  const indexes: [string, Schemas["PayloadSchemaParams"]][] = [
    ["owner_id", { type: "keyword", is_tenant: true }],
    ["file_id", { type: "keyword" }],
    ["revision", { type: "integer", lookup: true, range: false }],
  ];
  for (const [field_name, field_schema] of indexes) {
    const request = { collection_name: name, wait: true, field_name, field_schema };
    await send((init) => api.createFieldIndex(request, init));
  }
}

const hashModel = (model: string) => createHash("sha256").update(model).digest("hex").slice(0, 16);

const matching = (key: string, value: string | number) => ({ key, match: { value } });

/** The files, by the partitions they are in: the largest one, as a rule the reader's own, and those of others. */
function toFilter(files: readonly ScopeFile[]): Schemas["Filter"] {
  const byOwner = Map.groupBy(files, ({ ownerId }) => ownerId);
  const [largest, ...others] = [...byOwner.entries()].sort(([, a], [, b]) => b.length - a.length);
  const partitions = others.length > 0 ? [[largest], others] : [[largest]];
  return {
    should: partitions.map((owners) => {
      const known = owners.filter((owner) => owner !== undefined);
      const fileIds = known.flatMap(([, ofOwner]) => ofOwner.map(({ fileId }) => fileId));
      return {
        must: [
          { key: "owner_id", match: { any: known.map(([ownerId]) => ownerId) } },
          { key: "file_id", match: { any: fileIds } },
        ],
      };
    }),
  };
}

function toPoints(
  { fileId, ownerId, revision }: VectorFile,
  first: number,
  vectors: readonly ArrayLike<number>[],
  model: string,
): Schemas["PointStruct"][] {
  return vectors.map((vector, at) => {
    const passage = first + at;
    const payload: Payload = { owner_id: ownerId, file_id: fileId, revision, passage };
    return { id: pointId(fileId, revision, passage, model), vector: Array.from(vector), payload };
  });
}

function toNear(points: readonly Schemas["ScoredPoint"][], files: readonly ScopeFile[]): NearPassage[] {
  const revisions = new Map(files.map(({ fileId, revision }) => [fileId, revision]));
  return points.flatMap(({ payload, score }) => {
    const { file_id: fileId, revision, passage } = payload as unknown as Payload;
    return revisions.get(fileId) === revision ? [{ fileId, revision, passage, cosine: score }] : [];
  });
}
