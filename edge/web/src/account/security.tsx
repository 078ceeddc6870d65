import { useQuery } from "@connectrpc/connect-query";
import { IdentityService } from "@lyceum/client";
import { Skeleton } from "@mantine/core";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { AddressForm } from "./address-form.tsx";
import { AuthenticatorApp } from "./authenticator-app.tsx";
import { LinkedProviders } from "./linked-providers.tsx";
import { PasskeyList } from "./passkey-list.tsx";
import { PasswordForm } from "./password-form.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { Section } from "./section.tsx";
import { SessionList } from "./session-list.tsx";

/** How one signs in, and where one is signed in. */
export function Security() {
  const { data: factors, error, refetch } = useQuery(IdentityService.method.getFactors, {});
  const { data: offered } = useQuery(IdentityService.method.listProviders, {});
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!factors) return <Skeleton height={320} aria-busy="true" aria-label="Loading how you sign in" />;
  const providers = offered?.providers ?? [];
  const hasSecond = factors.totp || factors.passkeys > 0;
  return (
    <>
      <Section title="E-mail" hint="Mails to confirm who you are go there.">
        <AddressForm hasPassword={factors.password} />
      </Section>
      <Section title="Password" hint="A new one signs you out everywhere but here.">
        <PasswordForm hasPassword={factors.password} />
      </Section>
      <Section
        title="Passkeys"
        hint="Sign in with your fingerprint, face or device PIN. Nobody can steal or guess them."
      >
        <PasskeyList />
      </Section>
      {providers.length > 0 && (
        <Section title="Other providers" hint="Sign in here with an account you have elsewhere.">
          <LinkedProviders providers={providers} />
        </Section>
      )}
      <Section title="Authenticator app" hint="A code from an app on your phone, asked for after your password.">
        <AuthenticatorApp enrolled={factors.totp} />
      </Section>
      {hasSecond && (
        <Section title="Recovery codes" hint="For the day your phone or passkey is lost. Each one works once.">
          <RecoveryCodes left={factors.recoveryCodes} />
        </Section>
      )}
      <Section
        title="Where you are signed in"
        hint="End any session you don't recognise. It is cut off within seconds."
      >
        <SessionList />
      </Section>
    </>
  );
}
