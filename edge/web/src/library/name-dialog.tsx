import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ProblemNotice } from "../app/problem-notice.tsx";

type Props = {
  opened: boolean;
  onClose: () => void;
  title: string;
  action: string;
  name: string;
  /** Keeps the name; what it rejects with is shown. */
  onName: (name: string) => Promise<unknown>;
};

/** Asks for a name, the part before its ending chosen at first. */
export function NameDialog({ opened, onClose, title, ...props }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ "aria-label": "Close" }}>
      <Form onClose={onClose} {...props} />
    </Modal>
  );
}

function Form({ onClose, action, name: before, onName }: Omit<Props, "opened" | "title">) {
  const [name, setName] = useState(before);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const dot = before.lastIndexOf(".");
    input.current?.setSelectionRange(0, dot > 0 ? dot : before.length);
  }, [before]);
  const save = useMutation({ mutationFn: onName, onSuccess: onClose });
  const trimmed = name.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (trimmed === before) onClose();
        else if (trimmed !== "") save.mutate(trimmed);
      }}
    >
      <Stack>
        <TextInput
          ref={input}
          label="Name"
          value={name}
          maxLength={255}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="name-input"
        />
        {save.error && <ProblemNotice error={save.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={trimmed === ""} loading={save.isPending} data-testid="name-submit">
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
