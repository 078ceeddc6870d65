import { useMutation } from "@connectrpc/connect-query";
import { type EnrollTotpResponse, IdentityService } from "@lyceum/client";
import { Button, Code, Group, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { readForm } from "../welcome/read-form.ts";
import { NewCodesDialog } from "./new-codes-dialog.tsx";
import { QrCode } from "./qr-code.tsx";

/** Adds an authenticator app by a picture and its first code, or takes it away. */
export function AuthenticatorApp({ enrolled }: { enrolled: boolean }) {
  const invalidate = useInvalidate();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const enroll = useMutation(IdentityService.method.enrollTotp);
  const disable = useMutation(IdentityService.method.disableTotp, {
    onSuccess: () => invalidate(IdentityService.method.getFactors),
  });
  const error = enroll.error ?? disable.error;
  return (
    <Stack gap="md" align="flex-start">
      {enrolled && (
        <Group justify="space-between" w="100%">
          <Text fw={500} data-testid="totp-on">
            On
          </Text>
          <Button
            size="compact-md"
            variant="default"
            loading={disable.isPending}
            onClick={() => disable.mutate({})}
            data-testid="disable-totp"
          >
            Turn off
          </Button>
        </Group>
      )}
      {!enrolled && !enroll.data && (
        <Button
          variant="default"
          loading={enroll.isPending}
          onClick={() => enroll.mutate({})}
          data-testid="enroll-totp"
        >
          Add an app
        </Button>
      )}
      {!enrolled && enroll.data && (
        <Confirmation
          secret={enroll.data}
          onCancel={enroll.reset}
          onConfirmed={async (recoveryCodes) => {
            setCodes(recoveryCodes);
            await invalidate(IdentityService.method.getFactors);
            enroll.reset();
          }}
        />
      )}
      {error && <ProblemNotice error={error} />}
      <NewCodesDialog codes={codes} onClose={() => setCodes([])} />
    </Stack>
  );
}

type ConfirmationProps = {
  secret: EnrollTotpResponse;
  onCancel: () => void;
  onConfirmed: (recoveryCodes: readonly string[]) => Promise<void>;
};

function Confirmation({ secret, onCancel, onConfirmed }: ConfirmationProps) {
  const confirm = useMutation(IdentityService.method.confirmTotp, {
    onSuccess: ({ recoveryCodes }) => onConfirmed(recoveryCodes),
  });
  return (
    <form onSubmit={readForm(({ code }) => confirm.mutate({ code: code.trim() }))} noValidate>
      <Stack gap="md">
        <Text size="sm">Scan this with your app, or type the secret into it.</Text>
        <Group align="flex-start" gap="lg">
          <QrCode text={secret.uri} label="QR code for your authenticator app" />
          <Stack gap="xs" maw={260}>
            <Code fz="sm" data-testid="totp-secret" data-secret={secret.secret}>
              {secret.secret.match(/.{1,4}/g)?.join(" ")}
            </Code>
            <TextInput
              name="code"
              label="Code that the app shows now"
              autoComplete="one-time-code"
              inputMode="numeric"
              autoFocus
              data-testid="totp-code"
            />
          </Stack>
        </Group>
        {confirm.error && <ProblemNotice error={confirm.error} />}
        <Group>
          <Button type="submit" loading={confirm.isPending} data-testid="confirm-totp">
            Turn on
          </Button>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
