import { problemOf } from "@lyceum/client";
import { Anchor, Button, Stack, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { PasswordField } from "../app/password-field.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { EntranceFrame } from "./entrance-frame.tsx";
import { fieldErrors } from "./field-errors.ts";
import { type MailLink, mailLinks } from "./mail-links.ts";
import { mailedToken as token } from "./mailed-token.ts";
import { readForm } from "./read-form.ts";

/** Where a link in a mail leads. Nothing happens before a click, since mail programs open links by themselves. */
export function MailLinkPage({ link }: { link: MailLink }) {
  const { identity } = useApp().lyceum;
  const { title, action, done } = mailLinks[link];
  useDocumentTitle(`${title} · Lyceum`);
  // Who asked for the link is known by this browser, or else by a password.
  const [asked, setAsked] = useState<"nothing" | "password" | "new password">(
    link === "reset-password" ? "new password" : "nothing",
  );
  const follow = useMutation({
    mutationFn: async (typed: string) => {
      const proof = asked === "new password" ? { newPassword: typed } : { password: typed };
      if (link === "verify-email") await identity.verifyEmail({ token, ...proof, requireOwnerProof: true });
      else if (link === "reset-password") await identity.resetPassword({ token, newPassword: typed });
      else if (link === "confirm-email-change") await identity.confirmEmailChange({ token, password: typed });
      else await identity.undoEmailChange({ token });
      return done;
    },
    onError: (error) => {
      if (problemOf(error).reason === "OWNER_PROOF_REQUIRED") setAsked("password");
    },
  });
  // Loaded anew, so that what was shown before is asked for again.
  const onward = <Anchor href="/">Go on to Lyceum</Anchor>;
  if (follow.data)
    return (
      <EntranceFrame title={title} hint={onward}>
        <Text data-testid="link-done">{follow.data}</Text>
      </EntranceFrame>
    );
  const fields = follow.error ? fieldErrors(follow.error) : {};
  const reason = follow.error ? problemOf(follow.error).reason : "";
  const isWrong = reason === "INVALID_CREDENTIALS";
  const passwordError = isWrong ? "This is not the password." : (fields.newPassword ?? fields.password);
  const isPlain = follow.error && !passwordError && reason !== "OWNER_PROOF_REQUIRED";
  return (
    <EntranceFrame title={title} hint={onward}>
      <form key={asked} onSubmit={readForm(({ password }) => follow.mutate(password))} noValidate>
        <Stack gap="md">
          {asked === "password" && (
            <PasswordField
              name="password"
              label="Your password"
              description="The one that you chose when you signed up"
              autoComplete="current-password"
              size="md"
              error={passwordError}
              data-testid="link-proof"
            />
          )}
          {asked === "new password" && (
            <PasswordField
              name="password"
              label="New password"
              description="At least 8 characters; a few words in a row are easy to keep"
              autoComplete="new-password"
              size="md"
              error={passwordError}
              data-testid="link-password"
            />
          )}
          {isPlain && <ProblemNotice error={follow.error} />}
          <Button type="submit" size="md" loading={follow.isPending} data-testid="link-follow">
            {action}
          </Button>
          {link === "verify-email" && asked === "password" && (
            <Anchor
              component="button"
              type="button"
              size="sm"
              underline="always"
              onClick={() => {
                follow.reset();
                setAsked("new password");
              }}
              data-testid="link-take-over"
            >
              I did not sign up, or forgot the password: choose a new one
            </Anchor>
          )}
        </Stack>
      </form>
    </EntranceFrame>
  );
}
