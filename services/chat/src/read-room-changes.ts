import type { Change } from "./change.ts";
import { listChanges } from "./change-store.ts";
import type { Context } from "./context.ts";
import type { Entry } from "./entry.ts";
import { showRoomSources } from "./quotes.ts";

const pageSize = 200;

/** Reads what happened in a room after a change, to the last, with the quotes that all its members may read. */
export const readRoomChanges =
  (ctx: Pick<Context, "database" | "clients">) =>
  async (roomId: string, after: number): Promise<Change[]> => {
    const read: Change[] = [];
    for (let from = after; ; ) {
      const { changes, through, hasMore } = await listChanges(ctx.database.db, {
        roomId,
        after: from,
        limit: pageSize,
      });
      read.push(...(await withSources(ctx, roomId, changes)));
      if (!hasMore) return read;
      from = through;
    }
  };

async function withSources(
  ctx: Pick<Context, "clients">,
  roomId: string,
  changes: readonly Change[],
): Promise<readonly Change[]> {
  const cited = changes.flatMap((change) =>
    "entry" in change && change.entry.row.citations.length > 0 ? [change] : [],
  );
  if (cited.length === 0) return changes;
  const shown = await showRoomSources(
    ctx,
    roomId,
    cited.map(({ entry }) => entry),
  );
  const entries = new Map<Change, Entry | undefined>(cited.map((change, index) => [change, shown[index]]));
  return changes.map((change) => {
    const entry = entries.get(change);
    return entry ? ({ ...change, entry } as Change) : change;
  });
}
