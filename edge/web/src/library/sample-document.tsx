import { problemOf } from "@lyceum/client";
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";

const name = "tides.pdf";

/** Adds a short document that ships with the page, for whoever has none at hand. */
export function SampleDocument() {
  const { uploads } = useApp();
  const add = useMutation({
    async mutationFn() {
      const response = await fetch(`/sample/${name}`);
      if (!response.ok) throw new Error("The sample could not be fetched. Try again.");
      uploads.add([new File([await response.blob()], name, { type: "application/pdf" })]);
    },
    onError: (error) => notifications.show({ color: "red", message: problemOf(error).message }),
  });
  return (
    <Button variant="subtle" loading={add.isPending} onClick={() => add.mutate()} data-testid="sample">
      Try it with a short text about the tides
    </Button>
  );
}
