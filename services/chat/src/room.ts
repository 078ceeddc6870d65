import { MemberRole, RoomKind } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { hasControls, invalidField } from "@lyceum/service";
import { directRoom, lastOwner, ownerOnly } from "./errors.ts";

/** A room's title as it is stored. */
export function readTitle(given: string): string {
  const title = given.trim().toWellFormed();
  if (!title) throw invalidField("title", "must not be blank");
  if (hasControls(title)) throw invalidField("title", "must not contain control characters");
  return title;
}

/** Who and what a new room is of, checked. */
export function readNewRoom(
  given: { readonly kind: RoomKind; readonly title: string; readonly memberIds: readonly string[] },
  makerId: string,
): { title: string; others: string[]; pair: string | null } {
  const others = [...new Set(given.memberIds)].filter((id) => id !== makerId);
  if (given.kind !== RoomKind.DIRECT) return { title: readTitle(given.title), others, pair: null };
  if (given.title) throw invalidField("title", "must be empty for a direct room");
  const [peer] = others;
  if (peer === undefined || others.length > 1 || given.memberIds.length > 1)
    throw invalidField("member_ids", "must name exactly one other person for a direct room");
  return { title: "", others, pair: [makerId, peer].sort().join(" ") };
}

/** Who belongs to a room, as far as rules ask. */
export type Membership = { readonly userId: string; readonly role: MemberRole };

/** Throws unless the caller may decide about the room's title and members. */
export function requireOwner(kind: RoomKind, caller: Membership): void {
  if (kind === RoomKind.DIRECT) throw directRoom();
  if (caller.role !== MemberRole.OWNER) throw ownerOnly();
}

/** What removing a person comes to: `leave`, or `end` where nobody would be left. Throws where it may not be. */
export function judgeRemoval(
  kind: RoomKind,
  people: { readonly caller: Membership; readonly subject: Membership; readonly owners: number; readonly all: number },
): "leave" | "end" {
  const { caller, subject, owners, all } = people;
  if (kind === RoomKind.DIRECT) throw directRoom();
  if (caller.userId !== subject.userId && caller.role !== MemberRole.OWNER) throw ownerOnly();
  if (all === 1) return "end";
  if (subject.role === MemberRole.OWNER && owners === 1) throw lastOwner();
  return "leave";
}
