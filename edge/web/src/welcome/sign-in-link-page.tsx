import type { Entrance, MfaChallenge } from "@lyceum/client";
import { Anchor, Button, Stack, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { findAsked, forgetAsked } from "./asked-code.ts";
import { EntranceFrame } from "./entrance-frame.tsx";
import { mailedToken as code } from "./mailed-token.ts";
import { SecondFactorForm } from "./second-factor-form.tsx";

/** Where the link beside a mailed code leads. Nothing happens before a click, since mail programs open links by themselves. */
export function SignInLinkPage() {
  useDocumentTitle("Sign in · Lyceum");
  return (
    <EntranceFrame title="Sign in" hint={<Anchor href="/">Go on to Lyceum</Anchor>}>
      <SignInLink />
    </EntranceFrame>
  );
}

/** Signs in where the code was asked for; in any other browser, the code to type there. */
function SignInLink() {
  const { identity, session } = useApp().lyceum;
  const [challenge] = useState(findAsked);
  const [secondFactor, setSecondFactor] = useState<MfaChallenge>();
  const goOn = (to: Entrance) => {
    forgetAsked();
    if (to.state === "second-factor") setSecondFactor(to.challenge);
    else location.replace("/");
  };
  const enter = useMutation({
    mutationFn: async (asked: string) => session.enter(await identity.signInWithCode({ challenge: asked, code })),
    onSuccess: goOn,
  });
  if (secondFactor) return <SecondFactorForm challenge={secondFactor} onEntered={goOn} />;
  if (challenge === undefined)
    return (
      <Stack gap="md" data-testid="link-elsewhere">
        <Text>A sign-in is finished where it was begun. Type this code there:</Text>
        <Text size="xl" ff="monospace">
          {/^\d{8}$/.test(code) ? `${code.slice(0, 4)} ${code.slice(4)}` : "This link is not whole."}
        </Text>
      </Stack>
    );
  return (
    <Stack gap="md">
      {enter.error && <ProblemNotice error={enter.error} />}
      <Button size="md" loading={enter.isPending} onClick={() => enter.mutate(challenge)} data-testid="link-follow">
        Sign in
      </Button>
    </Stack>
  );
}
