import type { ConnectError } from "@connectrpc/connect";
import type { Context } from "./context.ts";
import { fileNotFound, roomsNotKnown } from "./errors.ts";

/** Whose rights are asked for. */
export type Reader = {
  readonly userId: string;
  /** False while it is not known for sure who belongs to which room: rights that come from rooms don't count then. */
  readonly withRooms: boolean;
};

/** A person as far as their rights are known now. */
export const readerOf = (ctx: Pick<Context, "rooms">, userId: string): Reader => ({
  userId,
  withRooms: ctx.rooms.areKnown(),
});

/** What to say of a file that `reader` does not find. */
export const fileMissing = ({ withRooms }: Reader): ConnectError => (withRooms ? fileNotFound() : roomsNotKnown());
