import { QdrantClient, type Schemas } from "@qdrant/js-client-rest";
import { vectorsUnavailable } from "../errors.ts";

/** Where Qdrant is. */
export type QdrantOptions = {
  readonly url: string;
  readonly apiKey: string | undefined;
};

/** A vector with what is known of its passage. */
export type Point = { readonly id: string; readonly vector: number[]; readonly payload: Payload };
export type Payload = {
  readonly owner_id: string;
  readonly file_id: string;
  readonly revision: number;
  readonly passage: number;
};

/** Conditions on payloads, as Qdrant writes them. */
export type Filter = Schemas["Filter"];

/** A search among the points of a collection, or of what an alias stands for. */
export type PointQuery = {
  readonly vector: Float32Array;
  readonly filter: Filter;
  readonly limit: number;
  /** All points of the filter are compared, or those that the index leads to. */
  readonly exact: boolean;
};

/**
 * What Lyceum asks of Qdrant. Calls end with their signal's reason, throw MissingCollectionError where the collection is not there,
 * and `unavailable` for whatever else keeps Qdrant from answering in time.
 */
export type Qdrant = {
  listCollections(signal: AbortSignal): Promise<string[]>;
  /** The collection that an alias stands for, if there is one. */
  findAlias(alias: string, signal: AbortSignal): Promise<string | undefined>;
  /** Lets an alias stand for a collection, whatever it stood for before. */
  pointAlias(alias: string, collection: string, signal: AbortSignal): Promise<void>;
  /** How many dimensions a collection's vectors have. */
  readSize(collection: string, signal: AbortSignal): Promise<number>;
  /** Makes a collection, unless another process is first. */
  createCollection(collection: string, size: number, signal: AbortSignal): Promise<void>;
  /** Removes a collection with its aliases; one that is not there is no error. */
  dropCollection(collection: string, signal: AbortSignal): Promise<void>;
  /** Adds points, or replaces those with their ids; durable and found once it returns. */
  upsert(collection: string, points: Point[], signal: AbortSignal): Promise<void>;
  deletePoints(collection: string, filter: Filter, signal: AbortSignal): Promise<void>;
  countPoints(collection: string, filter: Filter, signal: AbortSignal): Promise<number>;
  /** The points nearest to a vector, the best first. */
  search(collection: string, query: PointQuery, signal: AbortSignal): Promise<{ payload: Payload; score: number }[]>;
};

/** The collection, or what the alias stands for, is not there. */
export class MissingCollectionError extends Error {
  override readonly name = "MissingCollectionError";
}

/** How long a search, or a look at what there is, may take. */
export const searchTimeoutMs = 1_500;
const writeTimeoutMs = 15_000;
/** How many neighbours an approximate search keeps in view, for a recall of .98 and more. */
const searchWidth = 256;

/** A Qdrant behind its REST API. Nothing is asked of it yet. */
export function connectQdrant(options: QdrantOptions): Qdrant {
  const api = connect(options);
  return {
    async listCollections(signal) {
      const { collections } = await send((init) => api.getCollections({}, init), signal, writeTimeoutMs);
      return collections.map(({ name }) => name);
    },
    async findAlias(alias, signal) {
      const { aliases } = await send((init) => api.getCollectionsAliases({}, init), signal, writeTimeoutMs);
      return aliases.find(({ alias_name }) => alias_name === alias)?.collection_name;
    },
    async pointAlias(alias_name, collection_name, signal) {
      const before = await this.findAlias(alias_name, signal);
      if (before === collection_name) return;
      const create = { create_alias: { collection_name, alias_name } };
      const actions = before ? [{ delete_alias: { alias_name } }, create] : [create];
      await send((init) => api.updateAliases({ actions }, init), signal, writeTimeoutMs);
    },
    async readSize(collection_name, signal) {
      const { config } = await send((init) => api.getCollection({ collection_name }, init), signal, searchTimeoutMs);
      return (config.params.vectors as Schemas["VectorParams"]).size;
    },
    async createCollection(collection_name, size, signal) {
      const request = { collection_name, vectors: { size, distance: "Cosine" as const } };
      await send((init) => api.createCollection(request, init), signal, writeTimeoutMs).catch((error) => {
        if (statusOf(error) !== 409) throw error;
      });
      // Before any point, so that the graph of neighbours is laid out by owner.
      for (const [field_name, field_schema] of payloadIndexes) {
        const index = { collection_name, wait: true, field_name, field_schema };
        await send((init) => api.createFieldIndex(index, init), signal, writeTimeoutMs);
      }
    },
    async dropCollection(collection_name, signal) {
      await send((init) => api.deleteCollection({ collection_name }, init), signal, writeTimeoutMs).catch(passMissing);
    },
    async upsert(collection_name, points, signal) {
      await send((init) => api.upsertPoints({ collection_name, wait: true, points }, init), signal, writeTimeoutMs);
    },
    async deletePoints(collection_name, filter, signal) {
      const request = { collection_name, wait: true, filter };
      await send((init) => api.deletePoints(request, init), signal, writeTimeoutMs).catch(passMissing);
    },
    async countPoints(collection_name, filter, signal) {
      const request = { collection_name, filter, exact: true };
      return (await send((init) => api.countPoints(request, init), signal, searchTimeoutMs)).count;
    },
    async search(collection_name, { vector, filter, limit, exact }, signal) {
      const params = exact ? { exact } : { hnsw_ef: searchWidth };
      const request = { collection_name, query: Array.from(vector), filter, limit, params, with_payload: true };
      const { points } = await send((init) => api.queryPoints(request, init), signal, searchTimeoutMs);
      return points.map(({ payload, score }) => ({ payload: payload as unknown as Payload, score }));
    },
  };
}

/** The HTTP status with which Qdrant answered what became this error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error ? (error.cause as { status?: number } | undefined)?.status : undefined;
}

const payloadIndexes: [string, Schemas["PayloadSchemaParams"]][] = [
  ["owner_id", { type: "keyword", is_tenant: true }],
  ["file_id", { type: "keyword" }],
  ["revision", { type: "integer", lookup: true, range: true }],
];

function connect({ url, apiKey }: QdrantOptions): ReturnType<QdrantClient["api"]> {
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

/** One call, its failures in Lyceum's words. */
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
    const cause = error as Error & { status?: number; data?: { status?: { error?: string } } };
    const said = cause.data?.status?.error ?? cause.message;
    if (cause.status === 404) throw new MissingCollectionError(`Qdrant: ${said}`, { cause });
    if (cause.status === 400 || cause.status === 422) throw new Error(`Qdrant does not take it: ${said}`, { cause });
    throw vectorsUnavailable(cause);
  }
}

function passMissing(error: unknown): void {
  if (!(error instanceof MissingCollectionError)) throw error;
}
