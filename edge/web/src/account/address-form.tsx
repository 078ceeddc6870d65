import { useMutation, useQuery } from "@connectrpc/connect-query";
import { IdentityService, problemOf } from "@lyceum/client";
import { Alert, Button, Group, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { PasswordField } from "../app/password-field.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { fieldErrors } from "../welcome/field-errors.ts";
import { readForm } from "../welcome/read-form.ts";

/** The account's address, whether it is confirmed, and how to move to another one, which asks for the password where there is one. */
export function AddressForm({ hasPassword }: { hasPassword: boolean }) {
  const { data, error, refetch } = useQuery(IdentityService.method.getAccount, {});
  const [changing, setChanging] = useState(false);
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!data?.user) return <Skeleton height={64} />;
  const { email, emailVerified } = data.user;
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text fw={500} data-testid="account-email">
          {email}
        </Text>
        {!changing && (
          <Button size="compact-md" variant="default" onClick={() => setChanging(true)} data-testid="change-email">
            Change
          </Button>
        )}
      </Group>
      {!emailVerified && <Unconfirmed />}
      {changing && <ChangeForm hasPassword={hasPassword} onClose={() => setChanging(false)} />}
    </Stack>
  );
}

function Unconfirmed() {
  const send = useMutation(IdentityService.method.requestEmailVerification);
  return (
    <Alert
      color="gray"
      bg="var(--sunken)"
      title={<span style={{ color: "var(--ink)" }}>This address is not confirmed</span>}
      data-testid="unconfirmed"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm" role="status">
          {send.data
            ? "A mail is on its way. Follow the link in it within a day."
            : "Have a mail sent to you, and follow the link in it, so that we know that mails reach you."}
        </Text>
        {!send.data && (
          <Button
            size="compact-sm"
            variant="default"
            loading={send.isPending}
            onClick={() => send.mutate({})}
            data-testid="send-verification"
          >
            Send the mail
          </Button>
        )}
        {send.error && <ProblemNotice error={send.error} />}
      </Stack>
    </Alert>
  );
}

function ChangeForm({ hasPassword, onClose }: { hasPassword: boolean; onClose: () => void }) {
  const change = useMutation(IdentityService.method.requestEmailChange);
  if (change.data)
    return (
      <Text size="sm" role="status" data-testid="email-change-sent">
        A mail is on its way to the new address. Your account moves when you follow the link in it.
      </Text>
    );
  const wrongPassword = change.error && problemOf(change.error).reason === "INVALID_CREDENTIALS";
  const fields = change.error ? fieldErrors(change.error) : {};
  return (
    <form
      onSubmit={readForm(({ email, password }) => change.mutate({ newEmail: email.trim(), currentPassword: password }))}
      noValidate
    >
      <Stack gap="md">
        <TextInput
          name="email"
          type="email"
          label="New address"
          autoComplete="email"
          autoFocus
          error={fields.newEmail}
          data-testid="new-email"
        />
        {hasPassword && (
          <PasswordField
            name="password"
            label="Your password"
            autoComplete="current-password"
            error={wrongPassword ? "This is not your password." : fields.currentPassword}
            data-testid="email-password"
          />
        )}
        {change.error && !wrongPassword && Object.keys(fields).length === 0 && <ProblemNotice error={change.error} />}
        <Group>
          <Button type="submit" loading={change.isPending} data-testid="email-submit">
            Send the mail
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
