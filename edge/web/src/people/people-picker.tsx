import { useQuery } from "@connectrpc/connect-query";
import { ProfileService } from "@lyceum/client";
import { Group, MultiSelect, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useApp, useMe } from "../app/app-context.tsx";
import { useStore } from "../app/store.ts";
import { PersonAvatar } from "./person-avatar.tsx";

type Props = {
  label: string;
  description?: string | undefined;
  userIds: readonly string[];
  onChange: (userIds: readonly string[]) => void;
  /** How many may be chosen. */
  most: number;
  /** People who are not offered. */
  except?: readonly string[];
};

/** Finds people by the beginnings of their names. */
export function PeoplePicker({ label, description, userIds, onChange, most, except = [] }: Props) {
  const { people } = useApp();
  const me = useMe();
  const known = useStore(people.known);
  const [text, setText] = useState("");
  const [query] = useDebouncedValue(text.trim(), 180);
  const { data, isFetching, error } = useQuery(
    ProfileService.method.searchProfiles,
    { query, pageSize: 20 },
    { enabled: query.length >= 2, placeholderData: keepPreviousData },
  );
  const found = query.length >= 2 ? (data?.profiles ?? []) : [];
  const names = useMemo(() => new Map([...known].map(([id, { name }]) => [id, name] as const)), [known]);
  const offered = found.filter(({ userId }) => userId !== me && !except.includes(userId) && !userIds.includes(userId));
  const options = [
    ...userIds.map((value) => ({ value, label: names.get(value) ?? "…" })),
    ...offered.map(({ userId, displayName }) => ({ value: userId, label: displayName })),
  ];
  return (
    <MultiSelect
      label={label}
      description={description}
      placeholder={userIds.length < most ? "Find by name" : ""}
      searchable
      hidePickedOptions
      maxValues={most}
      value={[...userIds]}
      onChange={(next) => {
        people.learn(found);
        onChange(next);
      }}
      searchValue={text}
      onSearchChange={setText}
      data={options}
      filter={({ options: all }) => all}
      nothingFoundMessage={sayNothing(query, text.trim(), isFetching, error !== null)}
      renderOption={({ option }) => (
        <Group gap="sm" wrap="nowrap">
          <PersonAvatar userId={option.value} size={28} />
          <Text size="sm" truncate>
            {option.label}
          </Text>
        </Group>
      )}
      data-testid="people-picker"
    />
  );
}

/** Why nobody is offered; nothing before anybody is looked for. */
function sayNothing(query: string, text: string, isFetching: boolean, isFailed: boolean): string | undefined {
  if (text === "") return undefined;
  if (text.length < 2) return "Go on writing the name.";
  if (isFailed) return "People can't be searched right now.";
  return isFetching || query !== text ? "Searching…" : "Nobody of that name can be found.";
}
