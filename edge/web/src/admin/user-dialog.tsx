import { useMutation, useQuery } from "@connectrpc/connect-query";
import { AdminService, type ManagedUser } from "@lyceum/client";
import { Button, Checkbox, Group, Modal, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { count, formatAgo, formatMoment } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import classes from "./admin.module.css";

type Props = { userId: string | undefined; isAdmin: boolean; onClose: () => void };

/** One person's account, and what can be done to it. */
export function UserDialog({ userId, isAdmin, onClose }: Props) {
  return (
    <Modal
      opened={userId !== undefined}
      onClose={onClose}
      title="Account"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {userId && <Account key={userId} userId={userId} isAdmin={isAdmin} />}
    </Modal>
  );
}

function Account({ userId, isAdmin }: { userId: string; isAdmin: boolean }) {
  const { data, error, refetch } = useQuery(AdminService.method.getUser, { userId });
  const [text, setText] = useState("");
  const reason = text.trim();
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!data?.user) return <Skeleton height={200} aria-busy="true" aria-label="Loading the account" />;
  return (
    <Stack gap="lg">
      <Facts user={data.user} />
      <TextInput
        label="Reason"
        description="Say why before you act: the audit log keeps it, and only admins read it"
        value={text}
        maxLength={500}
        required
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        data-testid="reason"
      />
      <Acts user={data.user} reason={reason} />
      {isAdmin && <RolesForm key={data.user.roles.join()} user={data.user} reason={reason} />}
    </Stack>
  );
}

function Facts({ user }: { user: ManagedUser }) {
  return (
    <dl className={classes.facts}>
      <dt>Name</dt>
      <dd>{user.displayName}</dd>
      <dt>E-mail</dt>
      <dd>
        {user.email}
        {!user.emailVerified && ", not confirmed"}
      </dd>
      <dt>Id</dt>
      <dd>{user.id}</dd>
      <dt>Since</dt>
      <dd>{formatMoment(user.createTime)}</dd>
      <dt>Signed in</dt>
      <dd>
        on {count(user.sessionCount, "device")}
        {user.lastSeenTime && `, last seen ${formatAgo(user.lastSeenTime)}`}
      </dd>
      {user.suspended && (
        <>
          <dt>Suspended</dt>
          <dd data-testid="user-suspended">{formatMoment(user.suspendTime)}</dd>
        </>
      )}
    </dl>
  );
}

function Acts({ user, reason }: { user: ManagedUser; reason: string }) {
  const refresh = useRefresh();
  const [sure, setSure] = useState(false);
  const suspend = useMutation(AdminService.method.suspendUser, { onSuccess: refresh });
  const restore = useMutation(AdminService.method.restoreUser, { onSuccess: refresh });
  const signOut = useMutation(AdminService.method.revokeUserSessions, { onSuccess: refresh });
  const error = suspend.error ?? restore.error ?? signOut.error;
  const userId = user.id;
  return (
    <Stack gap="sm">
      {error && <ProblemNotice error={error} />}
      <Group gap="xs">
        {user.suspended ? (
          <Button
            variant="default"
            loading={restore.isPending}
            disabled={!reason}
            onClick={() => restore.mutate({ userId, reason })}
            data-testid="restore-user"
          >
            Let them in again
          </Button>
        ) : (
          <Button
            variant={sure ? "filled" : "default"}
            {...(sure && { color: "red.9" })}
            loading={suspend.isPending}
            disabled={!reason}
            onClick={() => {
              if (sure) suspend.mutate({ userId, reason });
              setSure(!sure);
            }}
            data-testid="suspend-user"
          >
            {sure ? "Yes, suspend the account" : "Suspend"}
          </Button>
        )}
        <Button
          variant="default"
          loading={signOut.isPending}
          disabled={!reason}
          onClick={() => signOut.mutate({ userId, reason })}
          data-testid="end-user-sessions"
        >
          Sign out everywhere
        </Button>
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {sure && "All sessions and API keys of this person end for good, everywhere within two seconds."}
        {signOut.isSuccess && "All sessions have ended."}
      </Text>
    </Stack>
  );
}

function RolesForm({ user, reason }: { user: ManagedUser; reason: string }) {
  const refresh = useRefresh();
  const [roles, setRoles] = useState<string[]>(user.roles);
  const save = useMutation(AdminService.method.setUserRoles, { onSuccess: refresh });
  const isChanged = [...roles].sort().join() !== [...user.roles].sort().join();
  return (
    <Stack gap="sm">
      <Checkbox.Group
        label="Roles"
        description="A change signs the person out; the next sign-in has the new ones"
        value={roles}
        onChange={setRoles}
      >
        <Group mt="xs">
          <Checkbox value="moderator" label="Moderator" data-testid="role-moderator" />
          <Checkbox value="admin" label="Admin" data-testid="role-admin" />
        </Group>
      </Checkbox.Group>
      {save.error && <ProblemNotice error={save.error} />}
      <Group>
        <Button
          variant="default"
          disabled={!isChanged || !reason}
          loading={save.isPending}
          onClick={() => save.mutate({ userId: user.id, roles, reason })}
          data-testid="save-roles"
        >
          Keep these roles
        </Button>
      </Group>
    </Stack>
  );
}

function useRefresh(): () => Promise<void> {
  const invalidate = useInvalidate();
  return () => invalidate(AdminService.method.getUser, AdminService.method.listUsers);
}
