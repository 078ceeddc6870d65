import { CloseButton, Kbd, TextInput } from "@mantine/core";
import { useDebouncedCallback, useOs } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useIsPhone } from "../app/use-is-phone.ts";
import classes from "./library.module.css";

/** The field's id, by which a key brings one here from anywhere. */
export const searchFieldId = "search-files";

/** What one looks for in all files, kept in the address. */
export function SearchField() {
  const { q = "" } = useSearch({ from: "/" });
  const navigate = useNavigate();
  const [words, setWords] = useState(q);
  const isPhone = useIsPhone();
  const isMac = useOs() === "macos";
  const show = (next: string) =>
    // The first letters begin a new entry in the history, the following ones belong to it.
    void navigate({
      to: "/",
      search: ({ q: before, ...rest }) => (next.trim() ? { ...rest, q: next.trim() } : rest),
      replace: q !== "",
    });
  const showSoon = useDebouncedCallback(show, 250);
  useEffect(() => setWords((now) => (now.trim() === q ? now : q)), [q]);
  const write = (next: string) => {
    setWords(next);
    showSoon(next);
  };
  return (
    <TextInput
      id={searchFieldId}
      className={classes.searching ?? ""}
      type="search"
      placeholder="Search your files"
      aria-label="Search your files"
      leftSection={<IconSearch aria-hidden size={17} stroke={1.6} />}
      rightSection={
        words ? (
          <CloseButton size="sm" aria-label="Clear the search" onClick={() => write("")} />
        ) : (
          !isPhone && <Kbd size="xs">{isMac ? "⌘ K" : "Ctrl K"}</Kbd>
        )
      }
      rightSectionWidth={words || isPhone ? undefined : 64}
      maxLength={500}
      value={words}
      onChange={({ currentTarget }) => write(currentTarget.value)}
      onKeyDown={({ key }) => {
        if (key === "Escape") write("");
      }}
      data-testid="search-field"
    />
  );
}
