import { serveParses } from "../parse-child/serve-parses.ts";
import { productParsers } from "../parsers/product-parsers.ts";
import { parseText } from "../parsers/text.ts";

/** A child whose text parser never ends on the word LOOP, takes its time on SLOW, and on LIE writes what no parser writes. */
await serveParses({
  ...productParsers,
  text: async () =>
    async function* (bytes, limits) {
      const text = new TextDecoder().decode(bytes);
      while (text === "LOOP");
      for (const end = performance.now() + 200; text.startsWith("SLOW") && performance.now() < end; );
      if (text === "LIE") yield { kind: "opened", pageCount: limits.maxPages + 1 };
      yield* parseText(bytes, limits);
    },
});
