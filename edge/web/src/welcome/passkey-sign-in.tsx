import type { Entrance } from "@lyceum/client";
import { Box } from "@mantine/core";
import { useApp } from "../app/app-context.tsx";
import { PasskeyButton } from "./passkey-button.tsx";

/** The way in without a password or an address: a passkey says who one is. */
export function PasskeySignIn({ onEntered }: { onEntered: (to: Entrance) => void }) {
  const { identity, session } = useApp().lyceum;
  return (
    <Box mt="md">
      <PasskeyButton
        label="Sign in with a passkey"
        onPasskey={async (credential) => session.enter(await identity.finishPasskeySignIn({ credential }))}
        onEntered={onEntered}
      />
    </Box>
  );
}
