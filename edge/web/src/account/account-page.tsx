import { useQuery } from "@connectrpc/connect-query";
import { IdentityService, ProfileService } from "@lyceum/client";
import { Button, Container, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconLogout } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import classes from "./account.module.css";
import { PictureForm } from "./picture-form.tsx";
import { PreferencesForm, PrivacyForm } from "./preferences-form.tsx";
import { ProfileForm } from "./profile-form.tsx";
import { SessionList } from "./session-list.tsx";

/** How one appears, how Lyceum behaves, who finds one, and where one is signed in. */
export function AccountPage() {
  useDocumentTitle("Account · Lyceum");
  const { lyceum } = useApp();
  const { data } = useQuery(IdentityService.method.getAccount, {});
  return (
    <Container size="sm" className={classes.page ?? ""}>
      <Title order={1}>Account</Title>
      <Text c="dimmed" mb="xl">
        {data?.user?.email ?? lyceum.session.current()?.email}
      </Text>
      <OwnProfile />
      <Section
        title="Where you are signed in"
        hint="End any session you don't recognise. It is cut off within seconds."
      >
        <SessionList />
      </Section>
      <Button
        variant="default"
        leftSection={<IconLogout aria-hidden size={18} />}
        onClick={() => void lyceum.session.signOut()}
        data-testid="sign-out"
      >
        Sign out
      </Button>
    </Container>
  );
}

function OwnProfile() {
  const { data, error, refetch } = useQuery(ProfileService.method.getProfile, { userId: "me" });
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!data?.profile) {
    return (
      <Stack aria-busy="true" aria-label="Loading your profile">
        {[84, 180, 120].map((height) => (
          <Skeleton key={height} height={height} />
        ))}
      </Stack>
    );
  }
  const { profile } = data;
  return (
    <>
      <Section title="Profile" hint="How others see you.">
        <PictureForm profile={profile} />
        <ProfileForm profile={profile} />
      </Section>
      <Section title="Preferences" hint="Kept at once, for all your devices.">
        <PreferencesForm profile={profile} />
      </Section>
      <Section title="Privacy" hint="Who finds you when looking for people to share with.">
        <PrivacyForm profile={profile} />
      </Section>
    </>
  );
}

function Section({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>{title}</h2>
      <Text size="sm" c="dimmed" mb="md">
        {hint}
      </Text>
      {children}
    </section>
  );
}
