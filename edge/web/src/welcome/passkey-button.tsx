import type { JsonObject } from "@bufbuild/protobuf";
import type { Entrance } from "@lyceum/client";
import { Button, Stack } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { answerWithPasskey, canUsePasskeys } from "../proof/passkeys.ts";

type Props = {
  label: string;
  /** Goes in by what the device answered. */
  onPasskey: (credential: JsonObject) => Promise<Entrance>;
  onEntered: (to: Entrance) => void;
};

/** Has the device answer with a passkey; nothing where it can't. */
export function PasskeyButton({ label, onPasskey, onEntered }: Props) {
  const { identity } = useApp().lyceum;
  const enter = useMutation({
    mutationFn: async () => onPasskey(await answerWithPasskey(identity)),
    onSuccess: onEntered,
  });
  if (!canUsePasskeys()) return null;
  return (
    <Stack gap="md">
      <Button
        variant="default"
        size="md"
        leftSection={<IconFingerprint aria-hidden size={20} stroke={1.6} />}
        loading={enter.isPending}
        onClick={() => enter.mutate()}
        data-testid="passkey-sign-in"
      >
        {label}
      </Button>
      {enter.error && <ProblemNotice error={enter.error} />}
    </Stack>
  );
}
