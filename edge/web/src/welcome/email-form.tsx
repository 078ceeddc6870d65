import { Button, Stack, TextInput } from "@mantine/core";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { readForm } from "./read-form.ts";

type Props = {
  /** Begins the names by which tests find the parts. */
  testId: string;
  action: string;
  busy: boolean;
  error: unknown;
  onSubmit: (email: string) => void;
};

/** Asks for an address that something is to be mailed to. */
export function EmailForm({ testId, action, busy, error, onSubmit }: Props) {
  return (
    <form onSubmit={readForm(({ email }) => onSubmit(email.trim()))} noValidate>
      <Stack gap="md">
        <TextInput
          name="email"
          type="email"
          label="E-mail"
          autoComplete="username"
          size="md"
          data-testid={`${testId}-email`}
        />
        {error != null && <ProblemNotice error={error} />}
        <Button type="submit" size="md" loading={busy} data-testid={`${testId}-ask`}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}
