import { useQuery } from "@connectrpc/connect-query";
import { IdentityService } from "@lyceum/client";
import { Container, Group, SegmentedControl, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import classes from "./admin.module.css";
import { AuditLog } from "./audit-log.tsx";
import { UserList } from "./user-list.tsx";

/** Other people's accounts, for moderators and admins. The services decide who may do what. */
export function AdminPage() {
  useDocumentTitle("Administration · Lyceum");
  const { log } = useSearch({ from: "/admin" });
  const navigate = useNavigate();
  const { data } = useQuery(IdentityService.method.getAccount, {});
  const roles = data?.user?.roles ?? [];
  const isAdmin = roles.includes("admin");
  return (
    <Container size="md" className={classes.page ?? ""}>
      <Group justify="space-between" mb="lg" gap="sm">
        <Title order={1}>Administration</Title>
        {isAdmin && (
          <SegmentedControl
            value={log ? "log" : "people"}
            onChange={(to) => void navigate({ to: "/admin", search: to === "log" ? { log: true } : {} })}
            aria-label="What to see"
            data={[
              { value: "people", label: "People" },
              { value: "log", label: "Audit log" },
            ]}
          />
        )}
      </Group>
      {data?.user && roles.length === 0 && <Text c="dimmed">This is for moderators and admins.</Text>}
      {roles.length > 0 && (log && isAdmin ? <AuditLog /> : <UserList isAdmin={isAdmin} />)}
    </Container>
  );
}
