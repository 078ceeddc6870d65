import { type Entrance, Factor, type MfaChallenge } from "@lyceum/client";
import { Anchor, Button, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { PasskeyButton } from "./passkey-button.tsx";
import { readForm } from "./read-form.ts";

type Props = { challenge: MfaChallenge; onEntered: (to: Entrance) => void };

/** The second half of a sign-in: a passkey, the code of an authenticator app, or a recovery code. */
export function SecondFactorForm({ challenge, onEntered }: Props) {
  const { identity, session } = useApp().lyceum;
  const [byApp, setByApp] = useState(challenge.factors.includes(Factor.TOTP));
  const complete = useMutation({
    mutationFn: async (code: string) => {
      const proof = { case: byApp ? ("totpCode" as const) : ("recoveryCode" as const), value: code };
      return session.enter(await identity.completeMfa({ challengeToken: challenge.token, proof }));
    },
    onSuccess: onEntered,
  });
  const byCode = challenge.factors.includes(Factor.TOTP) || challenge.factors.includes(Factor.RECOVERY_CODE);
  const byPasskey = challenge.factors.includes(Factor.PASSKEY) && (
    <PasskeyButton
      label="Use a passkey"
      onPasskey={async (value) =>
        session.enter(
          await identity.completeMfa({ challengeToken: challenge.token, proof: { case: "passkey", value } }),
        )
      }
      onEntered={onEntered}
    />
  );
  if (!byCode) return byPasskey;
  return (
    <form key={String(byApp)} onSubmit={readForm(({ code }) => complete.mutate(code.trim()))} noValidate>
      <Stack gap="md">
        {byPasskey}
        <TextInput
          name="code"
          label={byApp ? "Code of your authenticator app" : "Recovery code"}
          autoComplete="one-time-code"
          inputMode={byApp ? "numeric" : "text"}
          size="md"
          data-autofocus
          autoFocus
          data-testid="second-factor-code"
        />
        {complete.error && <ProblemNotice error={complete.error} />}
        <Button type="submit" size="md" loading={complete.isPending} data-testid="second-factor-submit">
          Go on
        </Button>
        {challenge.factors.includes(Factor.RECOVERY_CODE) && challenge.factors.includes(Factor.TOTP) && (
          <Anchor component="button" type="button" size="sm" underline="always" onClick={() => setByApp(!byApp)}>
            {byApp ? "Use a recovery code" : "Use the authenticator app"}
          </Anchor>
        )}
      </Stack>
    </form>
  );
}
