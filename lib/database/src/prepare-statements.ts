import type { Sql } from "postgres";

/** Longer ones are lists of any length, and each length would be kept as a statement of its own. */
const maxParameters = 32;

/**
 * Lets a client prepare what Drizzle asks for. Unprepared, a statement is parsed anew each time, in a round trip of its own behind
 * which nothing else may be sent. Behind a transaction pooler, where a client prepares nothing, this changes nothing.
 */
export function prepareStatements<T extends Pick<Sql, "unsafe">>(client: T): T {
  const { unsafe } = client;
  const prepared: typeof unsafe = (query, parameters = [], options) =>
    unsafe(query, parameters, {
      ...options,
      prepare: parameters.length > 0 && parameters.length <= maxParameters,
    });
  return Object.assign(client, { unsafe: prepared });
}
