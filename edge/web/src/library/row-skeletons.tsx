import { Group, Skeleton, Stack } from "@mantine/core";

/** Stands for rows that are being fetched. */
export function RowSkeletons() {
  return (
    <Stack gap="sm" mt="md" aria-busy="true" aria-label="Loading your files">
      {[72, 56, 64].map((width) => (
        <Group key={width} gap="md" wrap="nowrap" p="sm">
          <Skeleton height={38} width={38} radius="md" />
          <Stack gap={8} flex={1}>
            <Skeleton height={12} width={`${width}%`} />
            <Skeleton height={10} width="30%" />
          </Stack>
        </Group>
      ))}
    </Stack>
  );
}
