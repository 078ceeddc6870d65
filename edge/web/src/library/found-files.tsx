import { useQuery } from "@connectrpc/connect-query";
import { type File, type Passage, RagService } from "@lyceum/client";
import { Highlight, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { sayPlace } from "../source/say-place.ts";
import { FileIcon } from "./file-icon.tsx";
import classes from "./library.module.css";
import { RowSkeletons } from "./row-skeletons.tsx";
import { cutAround, toWords } from "./snippet.ts";
import { useReadableFiles } from "./use-readable-files.ts";

const maxNames = 5;
const maxPassages = 20;

/** The files that are called so, and the places that speak of it, in all files one may read. */
export function FoundFiles({ query }: { query: string }) {
  const { data, error, refetch, isPending, isPlaceholderData } = useQuery(
    RagService.method.search,
    { query, limit: maxPassages },
    { placeholderData: keepPreviousData },
  );
  const named = useNamed(query);
  const passages = data?.passages ?? [];
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (isPending) return <RowSkeletons />;
  return (
    <div aria-busy={isPlaceholderData} data-testid="found">
      <p className={classes.counted} role="status">
        {sayFound(query, named.length, passages)}
      </p>
      {named.length > 0 && (
        <ul className={classes.list} aria-label="Files of that name">
          {named.map((file) => (
            <FoundName key={file.id} file={file} query={query} />
          ))}
        </ul>
      )}
      {passages.length > 0 && (
        <ul className={classes.list} aria-label="Places found">
          {passages.map((passage) => (
            <FoundPassage key={passage.id} passage={passage} query={query} />
          ))}
        </ul>
      )}
    </div>
  );
}

function FoundName({ file, query }: { file: File; query: string }) {
  return (
    <li>
      <Link to="/" search={(now) => ({ ...now, source: file.id })} className={classes.found}>
        <FileIcon mediaType={file.mediaType} name={file.name} />
        <Marked text={file.name} query={query} />
      </Link>
    </li>
  );
}

function FoundPassage({ passage, query }: { passage: Passage; query: string }) {
  const { id, fileId, fileName, text, locator } = passage;
  return (
    <li>
      <Link
        to="/"
        search={(now) => ({ ...now, source: fileId, find: query, passage: id })}
        className={classes.found}
        data-testid="found-passage"
      >
        <span className={classes.what}>
          <span className={classes.where}>
            <b>{fileName}</b> <Text span inherit c="dimmed">{`${sayPlace(locator)}`}</Text>
          </span>
          <Marked text={cutAround(text, query)} query={query} />
        </span>
      </Link>
    </li>
  );
}

function Marked({ text, query }: { text: string; query: string }) {
  return (
    <Highlight component="span" className={classes.snippet ?? ""} highlight={toWords(query)} color="var(--marker)">
      {text}
    </Highlight>
  );
}

/** The files whose names hold all of the words. */
function useNamed(query: string): readonly File[] {
  const { files } = useReadableFiles(true);
  const words = toWords(query).map((word) => word.toLowerCase());
  const isMeant = ({ name }: File) => words.every((word) => name.toLowerCase().includes(word));
  return files.filter(isMeant).slice(0, maxNames);
}

function sayFound(query: string, names: number, passages: readonly Passage[]): string {
  if (names + passages.length === 0) return "Nothing found. Try other words.";
  const words = toWords(query).map((word) => word.toLowerCase());
  const isLiteral = passages.some(({ text }) => words.some((word) => text.toLowerCase().includes(word)));
  if (names === 0 && !isLiteral) return "No file has these words. This may come close in meaning:";
  const places = passages.length === maxPassages ? `${maxPassages} best places` : count(passages.length, "place");
  if (passages.length === 0) return count(names, "name");
  return names > 0 ? `${count(names, "name")} and ${places}` : places;
}
