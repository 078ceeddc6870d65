import { useInfiniteQuery, useMutation } from "@connectrpc/connect-query";
import { type ApiKey, IdentityService } from "@lyceum/client";
import { Button, Code, Skeleton, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { formatAgo, formatMoment } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { ShowMore } from "../app/show-more.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import classes from "./account.module.css";
import { NewKeyForm } from "./new-key-form.tsx";
import { Section } from "./section.tsx";

/** Keys by which programs act for oneself. */
export function ApiKeys() {
  return (
    <>
      <Section title="A new API key" hint="A program with it acts for you. It can't change how you sign in.">
        <NewKeyForm />
      </Section>
      <Section title="Your API keys" hint="A key that you revoke stops working within seconds.">
        <KeyList />
      </Section>
    </>
  );
}

function KeyList() {
  const invalidate = useInvalidate();
  const list = useInfiniteQuery(
    IdentityService.method.listApiKeys,
    { pageSize: 50, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
  const revoke = useMutation(IdentityService.method.revokeApiKey, {
    onSuccess: () => invalidate(IdentityService.method.listApiKeys),
  });
  if (list.error) return <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton height={64} />;
  const keys = list.data.pages.flatMap((page) => page.apiKeys);
  return (
    <Stack gap="md">
      {revoke.error && <ProblemNotice error={revoke.error} />}
      {keys.length === 0 && <Text c="dimmed">You have none.</Text>}
      <ul className={classes.sessions} aria-label="API keys">
        {keys.map((key) => (
          <KeyRow
            key={key.id}
            apiKey={key}
            busy={revoke.isPending && revoke.variables.apiKeyId === key.id}
            onRevoke={() => revoke.mutate({ apiKeyId: key.id })}
          />
        ))}
      </ul>
      {list.hasNextPage && <ShowMore busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </Stack>
  );
}

function KeyRow({ apiKey, busy, onRevoke }: { apiKey: ApiKey; busy: boolean; onRevoke: () => void }) {
  const { name, prefix, scopes, createTime, expireTime, lastUsedTime } = apiKey;
  return (
    <li className={classes.session} data-testid="api-key">
      <IconKey aria-hidden size={24} stroke={1.4} />
      <div className={classes.device}>
        <Text fw={500}>
          {name} <Code>{prefix}…</Code>
        </Text>
        <Text size="sm" c="dimmed" title={formatMoment(createTime)}>
          Made {formatAgo(createTime)}, {lastUsedTime ? `used ${formatAgo(lastUsedTime)}` : "never used"},{" "}
          {expireTime ? `ends ${formatAgo(expireTime)}` : "has no end"}
        </Text>
        <Text size="sm" c="dimmed">
          {scopes.join(", ") || "Everything"}
        </Text>
      </div>
      <Button
        size="compact-sm"
        variant="default"
        loading={busy}
        aria-label={`Revoke the key ${name}`}
        onClick={onRevoke}
        data-testid="revoke-key"
      >
        Revoke
      </Button>
    </li>
  );
}
