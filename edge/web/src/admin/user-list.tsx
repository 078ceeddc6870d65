import { useInfiniteQuery } from "@connectrpc/connect-query";
import { AdminService, type ManagedUser } from "@lyceum/client";
import { Badge, Checkbox, Group, Select, Skeleton, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { formatAgo } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { ShowMore } from "../app/show-more.tsx";
import classes from "./admin.module.css";
import { UserDialog } from "./user-dialog.tsx";

/** Accounts, found by address, name or id, each of which opens. */
export function UserList({ isAdmin }: { isAdmin: boolean }) {
  const [typed, setTyped] = useState("");
  const [query] = useDebouncedValue(typed.trim(), 250);
  const [role, setRole] = useState("");
  const [suspended, setSuspended] = useState(false);
  const [openId, setOpenId] = useState<string>();
  const list = useInfiniteQuery(
    AdminService.method.listUsers,
    { query, role, suspended, pageSize: 50, pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: (page) => page.nextPageToken || undefined,
      placeholderData: keepPreviousData,
    },
  );
  const users = list.data?.pages.flatMap((page) => page.users) ?? [];
  return (
    <>
      <Group align="flex-end" mb="md">
        <TextInput
          label="Find a person"
          description="The beginning of an address or name, or an id"
          flex={1}
          miw={220}
          maxLength={254}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          data-testid="find-user"
        />
        <Select
          label="Role"
          w={150}
          allowDeselect={false}
          value={role}
          onChange={(value) => setRole(value ?? "")}
          data={[
            { value: "", label: "Anybody" },
            { value: "moderator", label: "Moderators" },
            { value: "admin", label: "Admins" },
          ]}
        />
        <Checkbox
          mb={9}
          label="Suspended only"
          checked={suspended}
          onChange={({ currentTarget }) => setSuspended(currentTarget.checked)}
        />
      </Group>
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={240} aria-busy="true" aria-label="Loading people" />}
      {list.isSuccess && users.length === 0 && <Text c="dimmed">Nobody is like that.</Text>}
      <ul className={classes.list} aria-label="People">
        {users.map((user) => (
          <li key={user.id}>
            <UserRow user={user} onOpen={() => setOpenId(user.id)} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && <ShowMore busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
      <UserDialog userId={openId} isAdmin={isAdmin} onClose={() => setOpenId(undefined)} />
    </>
  );
}

function UserRow({ user, onOpen }: { user: ManagedUser; onOpen: () => void }) {
  return (
    <UnstyledButton className={classes.row ?? ""} onClick={onOpen} data-testid="user-row" data-user-id={user.id}>
      <span className={classes.who}>
        <Text component="span" fw={500}>
          {user.displayName}
        </Text>
        <Text component="span" size="sm" c="dimmed">
          {user.email}
        </Text>
      </span>
      <Standing user={user} />
      <Text component="span" size="sm" c="dimmed">
        since {formatAgo(user.createTime)}
      </Text>
    </UnstyledButton>
  );
}

function Standing({ user }: { user: ManagedUser }) {
  return (
    <Group gap={6} component="span">
      {user.roles.map((role) => (
        <Badge key={role} variant="light" tt="none" fw={500}>
          {role}
        </Badge>
      ))}
      {user.suspended && (
        <Badge variant="outline" c="var(--danger)" color="red.9" tt="none" fw={500}>
          suspended
        </Badge>
      )}
    </Group>
  );
}
