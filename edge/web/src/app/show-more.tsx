import { Button, Center } from "@mantine/core";
import { useIntersection } from "@mantine/hooks";
import { useEffect } from "react";

/** Fetches the next page as it comes into view, or at a press. */
export function ShowMore({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const { ref, entry } = useIntersection({ rootMargin: "400px" });
  const near = entry?.isIntersecting ?? false;
  useEffect(() => {
    if (near && !busy) onMore();
  });
  return (
    <Center ref={ref} py="lg">
      <Button variant="subtle" loading={busy} onClick={onMore}>
        Show more
      </Button>
    </Center>
  );
}
