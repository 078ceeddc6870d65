import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { useInfiniteQuery } from "@connectrpc/connect-query";
import { AdminService, type AuditEvent } from "@lyceum/client";
import { Group, Select, Skeleton, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { sayDevice } from "../account/say-device.ts";
import { knownEvents, sayEvent } from "../account/say-event.ts";
import { formatMoment } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { ShowMore } from "../app/show-more.tsx";
import classes from "./admin.module.css";

const nothing = { actorId: "", targetId: "", event: "", from: "", until: "" };

/** What happened to all accounts, the latest first. */
export function AuditLog() {
  const [fields, setFields] = useState(nothing);
  const [{ actorId, targetId, event, from, until }] = useDebouncedValue(fields, 250);
  const set = (change: Partial<typeof nothing>) => setFields((now) => ({ ...now, ...change }));
  const list = useInfiniteQuery(
    AdminService.method.listAuditEvents,
    {
      actorId: actorId.trim(),
      targetId: targetId.trim(),
      event,
      ...(from && { fromTime: timestampFromDate(new Date(from)) }),
      ...(until && { untilTime: timestampFromDate(new Date(until)) }),
      pageSize: 50,
      pageToken: "",
    },
    {
      pageParamKey: "pageToken",
      getNextPageParam: (page) => page.nextPageToken || undefined,
      placeholderData: keepPreviousData,
    },
  );
  const events = list.data?.pages.flatMap((page) => page.auditEvents) ?? [];
  return (
    <>
      <Group align="flex-end" mb="md">
        <Select
          label="What happened"
          placeholder="Anything"
          searchable
          clearable
          clearButtonProps={{ "aria-label": "Anything" }}
          flex={1}
          miw={200}
          value={fields.event || null}
          onChange={(value) => set({ event: value ?? "" })}
          data={[...knownEvents]}
        />
        {(["from", "until"] as const).map((side) => (
          <TextInput
            key={side}
            type="datetime-local"
            label={side === "from" ? "From" : "Until"}
            value={fields[side]}
            onChange={({ currentTarget }) => set({ [side]: currentTarget.value })}
          />
        ))}
        {(["actorId", "targetId"] as const).map((side) => (
          <TextInput
            key={side}
            label={side === "actorId" ? "Done by (id)" : "Done to (id)"}
            flex={1}
            miw={200}
            maxLength={64}
            value={fields[side]}
            onChange={({ currentTarget }) => set({ [side]: currentTarget.value })}
          />
        ))}
      </Group>
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={240} aria-busy="true" aria-label="Loading the log" />}
      {list.isSuccess && events.length === 0 && <Text c="dimmed">Nothing like that happened.</Text>}
      <ul className={classes.list} aria-label="Audit log">
        {events.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
      {list.hasNextPage && <ShowMore busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </>
  );
}

function Entry({ entry }: { entry: AuditEvent }) {
  const { actorId, targetId, userAgent, network, traceId } = entry;
  const facts = [
    formatMoment(entry.eventTime),
    actorId && `by ${actorId}`,
    targetId && targetId !== actorId && `to ${targetId}`,
    userAgent && sayDevice(userAgent),
    network,
    traceId && `trace ${traceId}`,
  ];
  return (
    <li className={classes.entry} data-testid="log-entry" data-event={entry.event}>
      <Text fw={500}>{sayEvent(entry)}</Text>
      {entry.details.reason && <Text className={classes.reason ?? ""}>{entry.details.reason}</Text>}
      <Text size="sm" c="dimmed">
        {facts.filter(Boolean).join(" · ")}
      </Text>
    </li>
  );
}
