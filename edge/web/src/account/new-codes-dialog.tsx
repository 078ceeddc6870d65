import { Button, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { saveBytes } from "../app/save-bytes.ts";
import classes from "./account.module.css";

/** Shows new recovery codes, this once; nothing while there are none. */
export function NewCodesDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = codes.join("\n");
  return (
    <Modal
      opened={codes.length > 0}
      onClose={onClose}
      title="Your recovery codes"
      centered
      closeOnClickOutside={false}
      closeOnEscape={false}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text size="sm">
          Keep them where you find them without your phone. Each one works once, and they are not shown again.
        </Text>
        <ul className={classes.codes} aria-label="Recovery codes">
          {codes.map((code) => (
            <li key={code} data-testid="recovery-code">
              {code}
            </li>
          ))}
        </ul>
        <Group justify="space-between">
          <Group gap="xs">
            <CopyButton value={text} timeout={1500}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? "Copied" : "Copy"}
                </Button>
              )}
            </CopyButton>
            <Button variant="default" onClick={() => saveBytes("lyceum-recovery-codes.txt", `${text}\n`)}>
              Download
            </Button>
          </Group>
          <Button onClick={onClose} data-testid="codes-kept">
            I have kept them
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
