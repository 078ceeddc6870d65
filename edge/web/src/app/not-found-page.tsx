import { Button, Container, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";

export function NotFoundPage() {
  useDocumentTitle("Not found · Lyceum");
  return (
    <Container size="xs" py={96} ta="center">
      <Title order={1}>There is nothing here</Title>
      <Text c="dimmed" my="md">
        The address may be mistyped, or what was here is gone.
      </Text>
      <Button component={Link} to="/" variant="light">
        To your library
      </Button>
    </Container>
  );
}
