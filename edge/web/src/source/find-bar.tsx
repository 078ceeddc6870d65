import type { Passage } from "@lyceum/client";
import { ActionIcon, Text, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconSearch, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { sayPart } from "./say-place.ts";
import classes from "./source.module.css";
import type { Found } from "./use-found.ts";

type Props = {
  find: string;
  found: Found;
  onFind: (find: string) => void;
  onShow: (passage: Passage) => void;
  onClose: () => void;
};

/** Finds places in a document by words or meaning, and leads from one to the next. */
export function FindBar({ find, found: { passages, current, isPending }, onFind, onShow, onClose }: Props) {
  const [words, setWords] = useState(find);
  const at = current ? passages.indexOf(current) : -1;
  const step = (by: number) => {
    const next = passages[(at + by + passages.length) % passages.length];
    if (next) onShow(next);
  };
  return (
    <search className={classes.find}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (words.trim() === find) step(1);
          else onFind(words.trim());
        }}
      >
        <TextInput
          size="sm"
          aria-label="Find in this document"
          placeholder="Find in this document"
          leftSection={<IconSearch aria-hidden size={15} stroke={1.6} />}
          maxLength={500}
          autoFocus={find === ""}
          value={words}
          onChange={({ currentTarget }) => setWords(currentTarget.value)}
          data-testid="find-input"
        />
      </form>
      <Text size="xs" c="dimmed" role="status" className={classes.place ?? ""} data-testid="find-status">
        {sayFound(find, isPending, at, passages.length, sayPart(current?.locator))}
      </Text>
      <ActionIcon variant="subtle" color="gray" aria-label="Previous place" disabled={at < 0} onClick={() => step(-1)}>
        <IconChevronUp aria-hidden size={17} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label="Next place" disabled={at < 0} onClick={() => step(1)}>
        <IconChevronDown aria-hidden size={17} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label="Stop finding" onClick={onClose}>
        <IconX aria-hidden size={16} />
      </ActionIcon>
    </search>
  );
}

function sayFound(find: string, isPending: boolean, at: number, count: number, place: string): string {
  if (find === "") return "";
  if (isPending) return "Looking …";
  return count === 0 ? "Not found" : [`${at + 1} of ${count}`, place].filter(Boolean).join(" · ");
}
