import type { JobKind } from "@lyceum/service";
import type { Context } from "../context.ts";
import { renewWords } from "../store.ts";

export const renewWordsKind = "renew-words";

const batch = 500;

/** Cuts into words the names of profiles from before there was a search, or whose words came by older rules. */
export const renewWordsJob = (ctx: Context): JobKind<Record<string, never>> => ({
  kind: renewWordsKind,
  concurrency: 1,
  maxAttempts: 10,
  run: async ({ signal }) => {
    while (!signal.aborted && (await ctx.database.transaction((tx) => renewWords(tx, batch))) === batch);
  },
});
