import type { MessageInitShape } from "@bufbuild/protobuf";
import { IdentityService, type ReauthenticateRequestSchema } from "@lyceum/client";
import { Button, Group, Modal, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { PasswordField } from "../app/password-field.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useStore } from "../app/store.ts";
import { useInvalidate } from "../app/use-invalidate.ts";
import { useSignOut } from "../app/use-sign-out.ts";
import { readForm } from "../welcome/read-form.ts";
import { answerWithPasskey } from "./passkeys.ts";
import type { ProofWanted } from "./step-up.ts";

type Proof = MessageInitShape<typeof ReauthenticateRequestSchema>["proof"];

const ways = {
  password: "Password",
  passkey: "Passkey",
  totpCode: "Authenticator app",
  recoveryCode: "Recovery code",
} as const;
type Way = keyof typeof ways;

/** Asks for a proof of who one is whenever a sensitive call waits for it, whatever form it came from. */
export function StepUpDialog() {
  const wanted = useStore(useApp().stepUp.wanted);
  return (
    <Modal
      opened={wanted !== undefined}
      onClose={() => wanted?.finish(false)}
      title="Is it you?"
      centered
      zIndex={300}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {wanted && <ProofForm wanted={wanted} />}
    </Modal>
  );
}

function ProofForm({ wanted }: { wanted: ProofWanted }) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const possible = wanted.methods.filter((method): method is Way => Object.hasOwn(ways, method));
  const [way, setWay] = useState(possible[0]);
  const prove = useMutation({
    async mutationFn(typed: string) {
      await lyceum.identity.reauthenticate({ proof: await readProof(typed) });
      // A recovery code is used up.
      if (way === "recoveryCode") await invalidate(IdentityService.method.getFactors);
    },
    onSuccess: () => wanted.finish(true),
  });
  async function readProof(typed: string): Promise<Proof> {
    if (way === "passkey") return { case: way, value: await answerWithPasskey(lyceum.identity) };
    return { case: way ?? "password", value: typed };
  }
  if (!way) return <OnlyBySignIn />;
  return (
    <form key={way} onSubmit={readForm(({ password, code }) => prove.mutate(password || code.trim()))} noValidate>
      <Stack>
        <Text size="sm">This is worth a second look. Prove once more who you are; it holds for ten minutes.</Text>
        {possible.length > 1 && (
          <SegmentedControl
            aria-label="How to prove it"
            orientation="vertical"
            value={way}
            onChange={(chosen) => setWay(chosen as Way)}
            data={possible.map((value) => ({ value, label: ways[value] }))}
          />
        )}
        {way === "password" && (
          <PasswordField
            name="password"
            label="Password"
            autoComplete="current-password"
            data-autofocus
            data-testid="step-up-password"
          />
        )}
        {(way === "totpCode" || way === "recoveryCode") && (
          <TextInput
            name="code"
            label={way === "totpCode" ? "Code of your authenticator app" : "Recovery code"}
            autoComplete="one-time-code"
            inputMode={way === "totpCode" ? "numeric" : "text"}
            data-autofocus
            data-testid="step-up-code"
          />
        )}
        {prove.error && <ProblemNotice error={prove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => wanted.finish(false)}>
            Cancel
          </Button>
          <Button type="submit" loading={prove.isPending} data-testid="step-up-submit">
            {way === "passkey" ? "Use the passkey" : "Go on"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function OnlyBySignIn() {
  const signOut = useSignOut();
  return (
    <Stack>
      <Text size="sm">Please sign in anew for this: your account has no password, app or passkey to ask for.</Text>
      <Button onClick={signOut}>Sign out</Button>
    </Stack>
  );
}
