import { problemOf } from "@lyceum/client";
import { Anchor, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle, useLocalStorage } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { Wordmark } from "../app/wordmark.tsx";
import { Glimpse } from "./glimpse.tsx";
import classes from "./welcome.module.css";

type Mode = "sign-up" | "sign-in";

/** The way in: a new account, or one's own. Whoever was here before finds sign-in first. */
export function WelcomePage() {
  const [mode, setMode] = useLocalStorage<Mode>({
    key: "lyceum.welcome",
    defaultValue: "sign-up",
    getInitialValueInEffect: false,
  });
  const signingUp = mode === "sign-up";
  useDocumentTitle(signingUp ? "Create an account · Lyceum" : "Sign in · Lyceum");
  return (
    <div className={classes.page}>
      <main className={classes.entrance}>
        <div className={classes.column}>
          <Wordmark />
          <Title order={1} mt={48} mb={6} fz={34}>
            {signingUp ? "Create your account" : "Welcome back"}
          </Title>
          <Text c="dimmed" mb={28}>
            {signingUp ? "Have one already? " : "New here? "}
            <Anchor
              component="button"
              type="button"
              underline="always"
              onClick={() => setMode(signingUp ? "sign-in" : "sign-up")}
            >
              {signingUp ? "Sign in" : "Create an account"}
            </Anchor>
          </Text>
          <EntryForm key={mode} mode={mode} onEntered={() => setMode("sign-in")} />
        </div>
      </main>
      <Glimpse />
    </div>
  );
}

function EntryForm({ mode, onEntered }: { mode: Mode; onEntered: () => void }) {
  const { session } = useApp().lyceum;
  const signingUp = mode === "sign-up";
  const enter = useMutation({
    mutationFn: ({ email, password, displayName }: Record<"email" | "password" | "displayName", string>) =>
      signingUp ? session.signUp({ email, password, displayName }) : session.signIn({ email, password }),
    onSuccess: onEntered,
  });
  const fields = enter.error ? fieldErrors(enter.error) : {};

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string) => String(form.get(name) ?? "");
    enter.mutate({ email: read("email").trim(), password: read("password"), displayName: read("name").trim() });
  }

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
        <PasswordInput
          name="password"
          label="Password"
          description={signingUp ? "At least 8 characters; a few words in a row are easy to keep" : undefined}
          autoComplete={signingUp ? "new-password" : "current-password"}
          size="md"
          required
          withAsterisk={false}
          error={fields.password}
          visibilityToggleButtonProps={{ "aria-label": "Show or hide the password", tabIndex: 0 }}
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

/** What is wrong with each field, in words for people. */
function fieldErrors(error: unknown): Partial<Record<string, string>> {
  const { reason, message, violations } = problemOf(error);
  if (reason === "EMAIL_TAKEN") return { email: message };
  return Object.fromEntries(violations.map(({ field, rule, message }) => [field, sayRule(field, rule) ?? message]));
}

function sayRule(field: string, rule: string): string | undefined {
  if (field === "email") return "This is not an e-mail address.";
  if (rule === "string.min_len")
    return field === "password" ? "At least 8 characters, please." : "Please fill this in.";
  return rule === "string.max_len" ? "This is too long." : undefined;
}
