import { useMutation, useQuery } from "@connectrpc/connect-query";
import { IdentityService, type Provider } from "@lyceum/client";
import { Button, Text } from "@mantine/core";
import { IconWorld } from "@tabler/icons-react";
import { formatAgo } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { goToProvider } from "../welcome/provider-flow.ts";
import classes from "./account.module.css";

const { listLinkedProviders, beginProviderLink, unlinkProvider } = IdentityService.method;

/** Which of the providers sign in as oneself, to link and unlink. */
export function LinkedProviders({ providers }: { providers: readonly Provider[] }) {
  const invalidate = useInvalidate();
  const { data, error, refetch } = useQuery(listLinkedProviders, {});
  const link = useMutation(beginProviderLink, { onSuccess: (flow) => goToProvider(flow, "link") });
  const unlink = useMutation(unlinkProvider, { onSuccess: () => invalidate(listLinkedProviders) });
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  const failure = link.error ?? unlink.error;
  return (
    <>
      {failure && <ProblemNotice error={failure} />}
      <ul className={classes.sessions} aria-label="Other providers">
        {providers.map(({ id: providerId, name }) => {
          const linked = data?.linkedProviders.find((found) => found.providerId === providerId);
          const act = linked ? unlink : link;
          return (
            <li key={providerId} className={classes.session} data-testid="provider">
              <IconWorld aria-hidden size={24} stroke={1.4} />
              <div className={classes.device}>
                <Text fw={500}>{name}</Text>
                <Text size="sm" c="dimmed">
                  {linked ? `Linked ${formatAgo(linked.linkTime)}` : "Not linked"}
                </Text>
              </div>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`${linked ? "Unlink" : "Link"} ${name}`}
                loading={act.isPending && act.variables.providerId === providerId}
                disabled={!data}
                onClick={() => act.mutate({ providerId })}
                data-testid={linked ? "unlink-provider" : "link-provider"}
              >
                {linked ? "Unlink" : "Link"}
              </Button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
