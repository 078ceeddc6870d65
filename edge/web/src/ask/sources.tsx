import type { Citation } from "@lyceum/client";
import { sayPlace } from "../source/say-place.ts";
import { useSource } from "../source/source-search.ts";
import classes from "./ask.module.css";

type Props = {
  answerId: string;
  citations: readonly Citation[];
  /** Leaves the quotes out. */
  compact?: boolean;
};

/** The passages an answer stands on, in the order of their numbers. */
export function Sources({ answerId, citations, compact = false }: Props) {
  const { open, answer, cite } = useSource();
  return (
    <ol className={classes.sources} aria-label="Sources" data-compact={compact || undefined}>
      {citations.map(({ number, fileId, fileName, quote, locator }) => (
        <li key={number}>
          <button
            type="button"
            className={classes.source}
            data-active={(answer === answerId && cite === number) || undefined}
            onClick={() => open({ source: fileId, answer: answerId, cite: number })}
          >
            <span className={classes.number}>{number}</span>
            <span className={classes.where}>
              <span className={classes.file}>{fileName}</span>
              <span className={classes.place}>{sayPlace(locator)}</span>
              {!compact && <span className={classes.quote}>{quote}</span>}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
