import { Container } from "@mantine/core";
import { ProblemNotice } from "./problem-notice.tsx";

/** Shown where a screen itself fails, as when its code can't be fetched. */
export function ErrorPage({ error }: { error: unknown }) {
  return (
    <Container size="xs" py={96}>
      <ProblemNotice error={error} title="This screen could not be shown" onRetry={() => location.reload()} />
    </Container>
  );
}
