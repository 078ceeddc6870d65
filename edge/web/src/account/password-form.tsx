import { useMutation } from "@connectrpc/connect-query";
import { IdentityService, problemOf } from "@lyceum/client";
import { Button, Group, Stack, Text } from "@mantine/core";
import { useRef } from "react";
import { PasswordField } from "../app/password-field.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { fieldErrors } from "../welcome/field-errors.ts";
import { readForm } from "../welcome/read-form.ts";

/** Replaces one's password, or sets the first one, which ends all other sessions. */
export function PasswordForm({ hasPassword }: { hasPassword: boolean }) {
  const invalidate = useInvalidate();
  const form = useRef<HTMLFormElement>(null);
  const change = useMutation(IdentityService.method.changePassword, {
    async onSuccess() {
      form.current?.reset();
      await invalidate(IdentityService.method.listSessions, IdentityService.method.getFactors);
    },
  });
  const { reason } = change.error ? problemOf(change.error) : {};
  const fields = change.error ? fieldErrors(change.error) : {};
  const currentError = reason === "INVALID_CREDENTIALS" ? "This is not your password." : fields.currentPassword;
  const newError = fields.newPassword ?? fields.password;
  return (
    <form
      ref={form}
      onSubmit={readForm(({ password, fresh = "" }) =>
        change.mutate({ currentPassword: password, newPassword: fresh }),
      )}
      noValidate
    >
      <Stack gap="md">
        {hasPassword && (
          <PasswordField
            name="password"
            label="Your password so far"
            autoComplete="current-password"
            error={currentError}
            data-testid="current-password"
          />
        )}
        <PasswordField
          name="fresh"
          label="New password"
          description="At least 8 characters; a few words in a row are easy to keep"
          autoComplete="new-password"
          error={newError}
          data-testid="new-password"
        />
        {change.error && !currentError && !newError && <ProblemNotice error={change.error} />}
        <Group>
          <Button type="submit" loading={change.isPending} data-testid="password-submit">
            {hasPassword ? "Change the password" : "Set a password"}
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {change.isSuccess && "Kept. All your other sessions have ended."}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
