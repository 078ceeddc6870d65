import { Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";
import { EmailForm } from "./email-form.tsx";

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
  return <EmailForm testId="reset" action="Send a link" busy={ask.isPending} error={ask.error} onSubmit={ask.mutate} />;
}
