import { useInfiniteQuery } from "@connectrpc/connect-query";
import { type AuditEvent, IdentityService } from "@lyceum/client";
import { Skeleton, Text } from "@mantine/core";
import { formatAgo, formatMoment } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { ShowMore } from "../app/show-more.tsx";
import classes from "./account.module.css";
import { sayDevice } from "./say-device.ts";
import { sayEvent } from "./say-event.ts";
import { Section } from "./section.tsx";

/** What happened to one's account, the latest first. */
export function History() {
  const list = useInfiniteQuery(
    IdentityService.method.listMyAuditEvents,
    { pageSize: 50, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
  return (
    <Section
      title="What happened to your account"
      hint="If something here wasn't you, change your password; that ends all other sessions."
    >
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={240} aria-busy="true" aria-label="Loading what happened" />}
      <ul className={classes.sessions} aria-label="Events">
        {list.data?.pages
          .flatMap((page) => page.auditEvents)
          .map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
      </ul>
      {list.hasNextPage && <ShowMore busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </Section>
  );
}

function EventRow({ event }: { event: AuditEvent }) {
  const where = [event.userAgent && sayDevice(event.userAgent), event.network].filter(Boolean).join(", ");
  return (
    <li className={classes.event} data-testid="audit-event" data-event={event.event}>
      <Text fw={500}>{sayEvent(event)}</Text>
      <Text size="sm" c="dimmed">
        <time title={formatMoment(event.eventTime)}>{formatAgo(event.eventTime)}</time>
        {where && ` · ${where}`}
      </Text>
    </li>
  );
}
