import type { Entrance } from "@lyceum/client";
import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { forgetAsked, keepAsked } from "./asked-code.ts";
import { EmailForm } from "./email-form.tsx";
import { readForm } from "./read-form.ts";

/** Sign-in without a password: an address, then the code that came by mail, or its link in a tab beside this one. */
export function CodeForm({ onEntered }: { onEntered: (to: Entrance) => void }) {
  const { identity, session } = useApp().lyceum;
  const ask = useMutation({
    mutationFn: (email: string) => identity.requestSignInCode({ email }),
    onSuccess: ({ challenge }) => keepAsked(challenge),
  });
  const enter = useMutation({
    mutationFn: async (code: string) =>
      session.enter(await identity.signInWithCode({ challenge: ask.data?.challenge ?? "", code })),
    onSuccess: (to) => {
      forgetAsked();
      onEntered(to);
    },
  });
  if (!ask.data)
    return (
      <EmailForm testId="code" action="Send a code" busy={ask.isPending} error={ask.error} onSubmit={ask.mutate} />
    );
  return (
    <form key="code" onSubmit={readForm(({ code }) => enter.mutate(code))} noValidate>
      <Stack gap="md">
        <Text size="sm">
          If there is an account with this address, a code is on its way to it. It works for ten minutes; so does the
          link beside it, in this browser.
        </Text>
        <TextInput
          name="code"
          label="Code"
          autoComplete="one-time-code"
          inputMode="numeric"
          size="md"
          autoFocus
          data-testid="code-code"
        />
        {enter.error && <ProblemNotice error={enter.error} />}
        <Button type="submit" size="md" loading={enter.isPending} data-testid="code-submit">
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
