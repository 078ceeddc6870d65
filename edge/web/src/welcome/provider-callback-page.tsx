import type { Entrance, Lyceum } from "@lyceum/client";
import { Anchor, Loader } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { EntranceFrame } from "./entrance-frame.tsx";
import { takeProviderFlow } from "./provider-flow.ts";
import { SecondFactorForm } from "./second-factor-form.tsx";

// Taken as this file loads, since both are good once, however often React renders.
const flow = takeProviderFlow();
const callbackQuery = location.search.slice(1);
let finishing: Promise<Outcome> | undefined;

type Outcome = { readonly entrance?: Entrance; readonly returnTo: string };

/** Where a provider sends the person back to: signs in, or links the account there, and goes on. */
export function ProviderCallbackPage() {
  useDocumentTitle("Signing in · Lyceum");
  const { lyceum } = useApp();
  const { mutate, data, error } = useMutation({
    mutationFn: () => (finishing ??= finish(lyceum)),
    onSuccess({ entrance, returnTo }) {
      if (entrance?.state !== "second-factor") location.replace(returnTo);
    },
  });
  useEffect(() => mutate(), [mutate]);
  const title = flow?.purpose === "link" ? "Linking your account" : "Signing you in";
  const challenge = data?.entrance?.state === "second-factor" ? data.entrance.challenge : undefined;
  if (data && challenge)
    return (
      <EntranceFrame title="One more step">
        <SecondFactorForm challenge={challenge} onEntered={() => location.replace(data.returnTo)} />
      </EntranceFrame>
    );
  return (
    <EntranceFrame title={title} hint={error && <Anchor href="/">Back to Lyceum</Anchor>}>
      {error ? <ProblemNotice error={error} /> : <Loader aria-label={title} />}
    </EntranceFrame>
  );
}

async function finish({ identity, session }: Lyceum): Promise<Outcome> {
  if (!flow) throw new Error("This sign-in was begun in another tab or browser. Please begin again.");
  const answer = { flowToken: flow.flowToken, callbackQuery };
  if (flow.purpose === "link") {
    await identity.linkProvider(answer);
    return { returnTo: "/account?part=security" };
  }
  const entered = await identity.finishProviderSignIn(answer);
  return { entrance: session.enter(entered), returnTo: entered.returnTo };
}
