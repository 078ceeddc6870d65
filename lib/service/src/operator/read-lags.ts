import { type PartitionLag, readPartitionLag } from "@lyceum/events";
import type { ServiceName } from "../define-service.ts";
import type { Operator } from "./open-operator.ts";

/** How far a service is behind what has happened. */
export type ServiceLag = {
  readonly service: ServiceName;
  /** Facts of its own that are not in the log yet. */
  readonly outbox: number;
  readonly partitions: readonly PartitionLag[];
};

/** The lag of these services, whether or not they run. */
export async function readLags(operator: Operator, names: readonly ServiceName[]): Promise<ServiceLag[]> {
  const store = await operator.openEvents();
  return Promise.all(
    names.map(async (service) => {
      const database = await operator.openDatabaseOf(service);
      const [[outbox], partitions] = await Promise.all([
        database.sql<{ count: number }[]>`select count(*)::int as count from outbox`,
        readPartitionLag(database, store.readEnds),
      ]);
      return { service, outbox: outbox?.count ?? 0, partitions };
    }),
  );
}
