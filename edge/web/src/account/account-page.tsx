import { useQuery } from "@connectrpc/connect-query";
import { IdentityService, ProfileService } from "@lyceum/client";
import { Button, Container, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconLogout } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useSignOut } from "../app/use-sign-out.ts";
import classes from "./account.module.css";
import { readAccountSearch } from "./account-search.ts";
import { ApiKeys } from "./api-keys.tsx";
import { BlockedList } from "./blocked-list.tsx";
import { History } from "./history.tsx";
import { PictureForm } from "./picture-form.tsx";
import { PreferencesForm, PrivacyForm } from "./preferences-form.tsx";
import { ProfileForm } from "./profile-form.tsx";
import { Section } from "./section.tsx";
import { Security } from "./security.tsx";

/** How one appears, how Lyceum behaves, how and where one signs in, and what happened to the account. */
export function AccountPage() {
  useDocumentTitle("Account · Lyceum");
  const { lyceum } = useApp();
  const signOut = useSignOut();
  const { part } = useSearch({ from: "/account" });
  const navigate = useNavigate();
  const { data } = useQuery(IdentityService.method.getAccount, {});
  const show = (to: string) => {
    const { part: chosen } = readAccountSearch({ part: to });
    void navigate({ to: "/account", search: chosen ? { part: chosen } : {} });
  };
  return (
    <Container size="sm" className={classes.page ?? ""}>
      <Title order={1}>Account</Title>
      <Text c="dimmed" mb="md">
        {data?.user?.email ?? lyceum.session.current()?.email}
      </Text>
      <SegmentedControl
        className={classes.views ?? ""}
        value={part ?? "profile"}
        onChange={show}
        aria-label="Which part"
        data={[
          { value: "profile", label: "Profile" },
          { value: "security", label: "Security" },
          { value: "keys", label: "API keys" },
          { value: "history", label: "History" },
        ]}
      />
      {!part && <OwnProfile />}
      {part === "security" && <Security />}
      {part === "keys" && <ApiKeys />}
      {part === "history" && <History />}
      <Button
        variant="default"
        leftSection={<IconLogout aria-hidden size={18} />}
        onClick={signOut}
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
      <Section
        title="Blocked people"
        hint="They don't find you, and can't bring you into a room. They are not told; rooms you share stay."
      >
        <BlockedList />
      </Section>
    </>
  );
}
