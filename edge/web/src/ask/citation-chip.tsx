import type { Citation } from "@lyceum/client";
import { HoverCard, Text } from "@mantine/core";
import { sayPlace } from "../source/say-place.ts";
import { useSource } from "../source/source-search.ts";
import classes from "./ask.module.css";

/** A number in an answer that opens the place it stands for. */
export function CitationChip({ citation, answerId }: { citation: Citation; answerId: string }) {
  const { answer, cite, open } = useSource();
  const { number, fileId, fileName, quote, locator } = citation;
  const place = sayPlace(locator);
  return (
    <HoverCard width={340} shadow="md" openDelay={250} position="top">
      <HoverCard.Target>
        <button
          type="button"
          className={classes.chip}
          data-active={(answer === answerId && cite === number) || undefined}
          aria-label={`Source ${number}: ${[fileName, place].filter(Boolean).join(", ")}`}
          onClick={() => open({ source: fileId, answer: answerId, cite: number })}
          data-testid="citation-chip"
          data-number={number}
          data-quote={quote}
        >
          {number}
        </button>
      </HoverCard.Target>
      <HoverCard.Dropdown>
        <Text className="serif" lineClamp={5}>
          {quote ? `“${quote}”` : "You may not read this source."}
        </Text>
        <Text size="xs" c="dimmed" mt={6}>
          {[fileName, place].filter(Boolean).join(" · ")}
        </Text>
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
