import type { MemberRole } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import type { Entry } from "./entry.ts";

/** What a durable change did. */
export type ChangeContent =
  | { readonly kind: "message" | "messageEdited"; readonly entry: Entry }
  | { readonly kind: "messageDeleted"; readonly messageId: string; readonly seq: number }
  | {
      readonly kind: "reaction";
      readonly messageId: string;
      readonly userId: string;
      readonly emoji: string;
      readonly removed: boolean;
    }
  | { readonly kind: "membership"; readonly userId: string; readonly role: MemberRole; readonly removed: boolean }
  /** The room is gone with all who belonged to it. */
  | { readonly kind: "roomDeleted" };

/** A durable change of a room, by the number that all who follow the room see it under. */
export type Change = { readonly roomId: string; readonly change: number } & ChangeContent;
