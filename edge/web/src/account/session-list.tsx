import { useMutation, useQuery } from "@connectrpc/connect-query";
import { IdentityService, type SessionInfo } from "@lyceum/client";
import { Badge, Button, Skeleton, Text } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { formatAgo, formatMoment } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import classes from "./account.module.css";
import { sayDevice } from "./say-device.ts";

/** One's signed-in devices, to end one or all others of. */
export function SessionList() {
  const { data, error, refetch } = useQuery(IdentityService.method.listSessions, { pageSize: 50 });
  const revoke = useMutation(IdentityService.method.revokeSession, { onSuccess: () => refetch() });
  const revokeOthers = useMutation(IdentityService.method.revokeOtherSessions, { onSuccess: () => refetch() });
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={64} />;
  const others = data.sessions.filter(({ current }) => !current);
  const failure = revoke.error ?? revokeOthers.error;
  return (
    <>
      {failure && <ProblemNotice error={failure} />}
      <ul className={classes.sessions}>
        {data.sessions.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            busy={revoke.isPending && revoke.variables.sessionId === session.id}
            onRevoke={() => revoke.mutate({ sessionId: session.id })}
          />
        ))}
      </ul>
      {others.length > 1 && (
        <Button
          size="compact-md"
          variant="default"
          mt="xs"
          loading={revokeOthers.isPending}
          onClick={() => revokeOthers.mutate({})}
          data-testid="end-others"
        >
          End all others
        </Button>
      )}
    </>
  );
}

function SessionRow({ session, busy, onRevoke }: { session: SessionInfo; busy: boolean; onRevoke: () => void }) {
  const device = sayDevice(session.userAgent);
  const Icon = /iPhone|Android/.test(session.userAgent) ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className={classes.session}>
      <Icon aria-hidden size={24} stroke={1.4} />
      <div className={classes.device}>
        <Text fw={500}>{device}</Text>
        <Text size="sm" c="dimmed" title={formatMoment(session.createTime)}>
          Signed in {formatAgo(session.createTime)}
        </Text>
      </div>
      {session.current ? (
        <Badge variant="light" tt="none" fw={500}>
          This device
        </Badge>
      ) : (
        <Button
          size="compact-sm"
          variant="default"
          loading={busy}
          aria-label={`End the session on ${device}`}
          onClick={onRevoke}
        >
          End
        </Button>
      )}
    </li>
  );
}
