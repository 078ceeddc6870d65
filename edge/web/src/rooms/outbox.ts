/** A message on its way, shown in the room already. */
export type Outgoing = {
  /** Names it for good: sent twice, it is said once. */
  readonly clientId: string;
  readonly roomId: string;
  readonly text: string;
  readonly replyToId: string;
  readonly fileIds: readonly string[];
  readonly createdMs: number;
  /** `waiting` for the ones before it or for the connection; `failed` once the server refused it. */
  readonly state: "waiting" | "sending" | "failed";
  readonly error?: unknown;
};

/** The next one to send: one at a time in each room, so that they arrive in the order in which they were written. */
export function findNext(outbox: readonly Outgoing[]): Outgoing | undefined {
  const busy = new Set(outbox.filter(({ state }) => state === "sending").map(({ roomId }) => roomId));
  return outbox.find(({ state, roomId }) => state === "waiting" && !busy.has(roomId));
}

/** What this person left unsent before a reload. What was under way may have arrived, so it is sent again. */
export function readOutbox(stored: string | null, userId: string): readonly Outgoing[] {
  try {
    const left = JSON.parse(stored ?? "null") as { userId: string; kept: Outgoing[] } | null;
    if (left?.userId !== userId) return [];
    return left.kept.map((outgoing) => (outgoing.state === "sending" ? { ...outgoing, state: "waiting" } : outgoing));
  } catch {
    return [];
  }
}
