import type { Entrance, MfaChallenge } from "@lyceum/client";
import { Anchor, Text } from "@mantine/core";
import { useDocumentTitle, useLocalStorage } from "@mantine/hooks";
import { useState } from "react";
import { CodeForm } from "./code-form.tsx";
import { EntranceFrame } from "./entrance-frame.tsx";
import { EntryForm } from "./entry-form.tsx";
import { ForgottenForm } from "./forgotten-form.tsx";
import { PasskeySignIn } from "./passkey-sign-in.tsx";
import { ProviderButtons } from "./provider-buttons.tsx";
import { SecondFactorForm } from "./second-factor-form.tsx";

type Way = "sign-up" | "sign-in";

/** The way in: a new account, or one's own. Whoever was here before finds sign-in first. */
export function WelcomePage() {
  const [way, setWay] = useLocalStorage<Way>({
    key: "lyceum.welcome",
    defaultValue: "sign-up",
    getInitialValueInEffect: false,
  });
  const [side, setSide] = useState<"code" | "forgotten">();
  const [challenge, setChallenge] = useState<MfaChallenge>();
  const [mailed, setMailed] = useState(false);
  useDocumentTitle(way === "sign-up" ? "Create an account · Lyceum" : "Sign in · Lyceum");

  function goOn(entrance: Entrance) {
    if (entrance.state === "second-factor") setChallenge(entrance.challenge);
    else if (entrance.state === "mail-sent") setMailed(true);
    else setWay("sign-in");
  }
  function startOver(to: Way) {
    setWay(to);
    setSide(undefined);
    setChallenge(undefined);
    setMailed(false);
  }
  const back = <TextButton onClick={() => startOver("sign-in")}>Back to sign-in</TextButton>;

  if (challenge)
    return (
      <EntranceFrame title="One more step" hint={back}>
        <SecondFactorForm challenge={challenge} onEntered={goOn} />
      </EntranceFrame>
    );
  if (mailed)
    return (
      <EntranceFrame title="Look into your mail" hint={back}>
        <Text data-testid="mail-sent">A mail is on its way to you. Follow the link in it, then sign in.</Text>
      </EntranceFrame>
    );
  if (side === "code")
    return (
      <EntranceFrame title="Sign in with a code" hint={back}>
        <CodeForm onEntered={goOn} />
      </EntranceFrame>
    );
  if (side === "forgotten")
    return (
      <EntranceFrame title="Choose a new password" hint={back}>
        <ForgottenForm />
      </EntranceFrame>
    );
  const signingUp = way === "sign-up";
  return (
    <EntranceFrame
      title={signingUp ? "Create your account" : "Welcome back"}
      hint={
        <>
          {signingUp ? "Have one already? " : "New here? "}
          <TextButton onClick={() => startOver(signingUp ? "sign-in" : "sign-up")}>
            {signingUp ? "Sign in" : "Create an account"}
          </TextButton>
        </>
      }
    >
      <EntryForm key={way} signingUp={signingUp} onEntered={goOn} />
      {!signingUp && <PasskeySignIn onEntered={goOn} />}
      <ProviderButtons />
      {!signingUp && (
        <Text size="sm" mt="lg">
          <TextButton onClick={() => setSide("forgotten")}>Forgot the password?</TextButton>
          {" · "}
          <TextButton onClick={() => setSide("code")}>Sign in with a code by mail</TextButton>
        </Text>
      )}
    </EntranceFrame>
  );
}

function TextButton({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <Anchor component="button" type="button" fz="inherit" underline="always" onClick={onClick}>
      {children}
    </Anchor>
  );
}
