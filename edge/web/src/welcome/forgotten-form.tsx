import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { readForm } from "./read-form.ts";

/** Asks for a mail that lets a forgotten password be replaced. */
export function ForgottenForm() {
  const { identity } = useApp().lyceum;
  const ask = useMutation({ mutationFn: (email: string) => identity.requestPasswordReset({ email }) });
  if (ask.data)
    return (
      <Text data-testid="reset-sent">
        If there is an account with this address, a mail is on its way to it. Its link works for an hour.
      </Text>
    );
  return (
    <form onSubmit={readForm(({ email }) => ask.mutate(email.trim()))} noValidate>
      <Stack gap="md">
        <TextInput
          name="email"
          type="email"
          label="E-mail"
          autoComplete="username"
          size="md"
          data-testid="reset-email"
        />
        {ask.error && <ProblemNotice error={ask.error} />}
        <Button type="submit" size="md" loading={ask.isPending} data-testid="reset-ask">
          Send a link
        </Button>
      </Stack>
    </form>
  );
}
