import type { Entrance } from "@lyceum/client";
import { Button, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";
import { PasswordField } from "../app/password-field.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { fieldErrors } from "./field-errors.ts";
import { readForm } from "./read-form.ts";

/** Address and password, and a name for a new account. */
export function EntryForm({ signingUp, onEntered }: { signingUp: boolean; onEntered: (to: Entrance) => void }) {
  const { session } = useApp().lyceum;
  const enter = useMutation({
    mutationFn: ({ email, password, displayName }: Record<"email" | "password" | "displayName", string>) =>
      signingUp ? session.signUp({ email, password, displayName }) : session.signIn({ email, password }),
    onSuccess: onEntered,
  });
  const fields = enter.error ? fieldErrors(enter.error) : {};
  const mode = signingUp ? "sign-up" : "sign-in";
  const submit = readForm(({ email, password, name }) =>
    enter.mutate({ email: email.trim(), password, displayName: name.trim() }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {signingUp && (
          <TextInput
            name="name"
            label="Name"
            description="How others see you"
            autoComplete="name"
            size="md"
            error={fields.displayName}
            data-testid="sign-up-name"
          />
        )}
        <TextInput
          name="email"
          type="email"
          label="E-mail"
          autoComplete={signingUp ? "email" : "username"}
          size="md"
          required
          withAsterisk={false}
          error={fields.email}
          data-testid={`${mode}-email`}
        />
        <PasswordField
          name="password"
          label="Password"
          description={signingUp ? "At least 8 characters; a few words in a row are easy to keep" : undefined}
          autoComplete={signingUp ? "new-password" : "current-password"}
          size="md"
          required
          withAsterisk={false}
          error={fields.password}
          data-testid={`${mode}-password`}
        />
        {enter.error && Object.keys(fields).length === 0 && <ProblemNotice error={enter.error} />}
        <Button type="submit" size="md" mt={4} loading={enter.isPending} data-testid={`${mode}-submit`}>
          {signingUp ? "Create account" : "Sign in"}
        </Button>
      </Stack>
    </form>
  );
}
