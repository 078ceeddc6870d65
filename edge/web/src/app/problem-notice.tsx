import { type Problem, problemOf } from "@lyceum/client";
import { Alert, Anchor, Button, Code, Collapse, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle } from "@tabler/icons-react";

/** What went wrong and what to do about it; the trace id for whoever helps is one click away. */
export function ProblemNotice({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title?: string }) {
  const problem = problemOf(error);
  const mayHelp = problem.code !== "not_found" && problem.code !== "permission_denied";
  return (
    <Alert
      color="red"
      bg="var(--danger-soft)"
      icon={<IconAlertCircle aria-hidden color="var(--danger)" />}
      title={title && <span style={{ color: "var(--danger)" }}>{title}</span>}
      role="alert"
    >
      <Text size="sm">{problem.message}</Text>
      <Group gap="md" mt={6}>
        {onRetry && mayHelp && (
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
        <ProblemDetails problem={problem} />
      </Group>
    </Alert>
  );
}

/** Code, reason and trace id, folded away. */
export function ProblemDetails({ problem }: { problem: Problem }) {
  const [open, { toggle }] = useDisclosure(false);
  return (
    <div>
      <Anchor
        component="button"
        type="button"
        size="xs"
        c="dimmed"
        underline="always"
        onClick={toggle}
        aria-expanded={open}
      >
        {open ? "Hide details" : "Details"}
      </Anchor>
      <Collapse expanded={open}>
        <Text size="xs" c="dimmed" mt={4}>
          {[problem.code, problem.reason].filter(Boolean).join(" · ")}
          {problem.traceId && (
            <>
              {" · trace "}
              <Code fz="xs">{problem.traceId}</Code>
            </>
          )}
        </Text>
      </Collapse>
    </div>
  );
}
