import { useInfiniteQuery, useMutation } from "@connectrpc/connect-query";
import { ProfileService } from "@lyceum/client";
import { Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { ShowMore } from "../app/show-more.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { PeoplePicker } from "../people/people-picker.tsx";
import classes from "./account.module.css";

const { listBlocked, blockUser, searchProfiles, unblockUser } = ProfileService.method;

/** Whom one has blocked; they don't find one, nor bring one into rooms. */
export function BlockedList() {
  const invalidate = useInvalidate();
  const [picked, setPicked] = useState<readonly string[]>([]);
  // Who is blocked is not found.
  const renew = () => invalidate(listBlocked, searchProfiles);
  const list = useInfiniteQuery(
    listBlocked,
    { pageSize: 50, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
  const block = useMutation(blockUser, {
    async onSuccess() {
      setPicked([]);
      await renew();
    },
  });
  const unblock = useMutation(unblockUser, { onSuccess: renew });
  const error = list.error ?? block.error ?? unblock.error;
  const blocked = list.data?.pages.flatMap((page) => page.profiles) ?? [];
  const [userId] = picked;
  return (
    <Stack gap="md">
      {error && <ProblemNotice error={error} />}
      {blocked.length > 0 && (
        <ul className={classes.sessions} aria-label="Blocked people">
          {blocked.map((person) => (
            <li key={person.userId} className={classes.session} data-testid="blocked">
              <Text fw={500} className={classes.device ?? ""}>
                {person.displayName}
              </Text>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Unblock ${person.displayName}`}
                loading={unblock.isPending && unblock.variables.userId === person.userId}
                onClick={() => unblock.mutate({ userId: person.userId })}
                data-testid="unblock"
              >
                Unblock
              </Button>
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && <ShowMore busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
      <PeoplePicker label="Block a person" userIds={picked} onChange={setPicked} most={1} />
      {userId && (
        <Button
          variant="default"
          loading={block.isPending}
          onClick={() => block.mutate({ userId })}
          style={{ alignSelf: "flex-start" }}
          data-testid="block"
        >
          Block
        </Button>
      )}
    </Stack>
  );
}
