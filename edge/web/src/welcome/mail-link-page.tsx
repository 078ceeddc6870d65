import { Anchor, Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";
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
  const follow = useMutation({
    mutationFn: async (newPassword: string) => {
      if (link === "verify-email") await identity.verifyEmail({ token });
      else if (link === "reset-password") await identity.resetPassword({ token, newPassword });
      else if (link === "confirm-email-change") await identity.confirmEmailChange({ token });
      else await identity.undoEmailChange({ token });
      return done;
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
  const passwordError = fields.newPassword ?? fields.password;
  return (
    <EntranceFrame title={title} hint={onward}>
      <form onSubmit={readForm(({ password }) => follow.mutate(password))} noValidate>
        <Stack gap="md">
          {link === "reset-password" && (
            <PasswordInput
              name="password"
              label="New password"
              description="At least 8 characters; a few words in a row are easy to keep"
              autoComplete="new-password"
              size="md"
              error={passwordError}
              visibilityToggleButtonProps={{ "aria-label": "Show or hide the password", tabIndex: 0 }}
              data-testid="link-password"
            />
          )}
          {follow.error && !passwordError && <ProblemNotice error={follow.error} />}
          <Button type="submit" size="md" loading={follow.isPending} data-testid="link-follow">
            {action}
          </Button>
        </Stack>
      </form>
    </EntranceFrame>
  );
}
