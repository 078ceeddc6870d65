import { useQuery } from "@connectrpc/connect-query";
import { IdentityService } from "@lyceum/client";
import { Button, Container, SegmentedControl, Text, Title, useMantineColorScheme } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconLogout } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useApp } from "../app/app-context.tsx";
import classes from "./account.module.css";
import { ProfileForm } from "./profile-form.tsx";
import { SessionList } from "./session-list.tsx";

/** How one appears, how the page looks, and where one is signed in. */
export function AccountPage() {
  useDocumentTitle("Account · Lyceum");
  const { lyceum } = useApp();
  const { data } = useQuery(IdentityService.method.getAccount, {});
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Container size="sm" className={classes.page ?? ""}>
      <Title order={1}>Account</Title>
      <Text c="dimmed" mb="xl">
        {data?.user?.email ?? lyceum.session.current()?.email}
      </Text>
      <Section title="Profile" hint="How others see you.">
        <ProfileForm />
      </Section>
      <Section title="Appearance" hint="Follows your system unless you choose.">
        <SegmentedControl
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
          aria-label="Colour scheme"
          data={[
            { value: "auto", label: "System" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
      </Section>
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
