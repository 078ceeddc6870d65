import type { MethodImpl } from "@connectrpc/connect";
import type { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { invalidField, personOf, readPage, writePageToken } from "@lyceum/service";
import { isBlockBetween } from "../block-store.ts";
import type { Context } from "../context.ts";
import { toNameWords } from "../name-words.ts";
import { toProfileMessage } from "../profile-message.ts";
import { type FoundAt, listProfiles, searchByWords } from "../store.ts";

const defaultPageSize = 20;
/** One letter would list everybody in a few calls. */
const minLetters = 2;

export const searchProfiles =
  (ctx: Context): MethodImpl<typeof ProfileService.method.searchProfiles> =>
  async (req, call) => {
    const viewer = personOf(call).userId;
    const { db } = ctx.database;
    const [named] = await listProfiles(db, [req.query.trim()]);
    if (named?.discoverable && !(await isBlockBetween(db, viewer, named.userId)))
      return { profiles: [toProfileMessage(named, viewer)] };

    const { limit, after } = readPage<unknown>(req, defaultPageSize);
    const page = { viewer, limit: limit + 1, after: after === undefined ? undefined : toFoundAt(after) };
    const found = await searchByWords(db, readBeginnings(req.query), page);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      profiles: found.slice(0, limit).map(({ profile }) => toProfileMessage(profile, viewer)),
      nextPageToken: last ? writePageToken([last.word, last.profile.userId]) : "",
    };
  };

/** What words of the name begin with; the longest, which fewest names have, first. */
function readBeginnings(query: string): string[] {
  const beginnings = toNameWords(query).sort((a, b) => b.length - a.length);
  if ([...(beginnings[0] ?? "")].length < minLetters) {
    throw invalidField("query", `must have a word of at least ${minLetters} letters or digits`);
  }
  return beginnings;
}

function toFoundAt(key: unknown): FoundAt {
  const [word, userId] = Array.isArray(key) ? key : [];
  if (typeof word !== "string" || typeof userId !== "string") {
    throw invalidField("page_token", "is not a token that this list has given out");
  }
  return { word, userId };
}
