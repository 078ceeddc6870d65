import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { useMutation } from "@connectrpc/connect-query";
import { IdentityService } from "@lyceum/client";
import {
  Button,
  Checkbox,
  Code,
  CopyButton,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { fieldErrors } from "../welcome/field-errors.ts";
import { readForm } from "../welcome/read-form.ts";
import classes from "./account.module.css";

const dayMs = 86_400_000;

const scopes = [
  ["files:read", "Read files"],
  ["files:write", "Read and change files"],
  ["rag:read", "Read answers"],
  ["rag:write", "Ask questions"],
  ["chat:read", "Read rooms"],
  ["chat:write", "Read and write in rooms"],
  ["ingest:read", "See documents"],
  ["ingest:write", "Process documents"],
  ["profile:read", "Read profiles"],
  ["profile:write", "Change the profile"],
  ["identity:read", "Read the account"],
] as const;

/** Makes a key, and shows it this once. */
export function NewKeyForm() {
  const invalidate = useInvalidate();
  const [everything, setEverything] = useState(false);
  const [chosen, setChosen] = useState<string[]>(["files:read", "rag:write"]);
  const [days, setDays] = useState("90");
  const make = useMutation(IdentityService.method.createApiKey, {
    onSuccess: () => invalidate(IdentityService.method.listApiKeys),
  });
  if (make.data) return <NewSecret secret={make.data.secret} onKept={make.reset} />;
  const fields = make.error ? fieldErrors(make.error) : {};
  return (
    <form
      onSubmit={readForm(({ name }) =>
        make.mutate({
          name: name.trim(),
          scopes: everything ? [] : chosen,
          ...(days !== "" && { expireTime: timestampFromMs(Date.now() + Number(days) * dayMs) }),
        }),
      )}
      noValidate
    >
      <Stack gap="md">
        <Group align="flex-start" grow>
          <TextInput
            name="name"
            label="Name"
            placeholder="Backup script"
            maxLength={80}
            error={fields.name}
            data-testid="key-name"
          />
          <Select
            label="Works"
            allowDeselect={false}
            value={days}
            onChange={(value) => setDays(value ?? "")}
            data={[
              { value: "7", label: "For a week" },
              { value: "90", label: "For 90 days" },
              { value: "365", label: "For a year" },
              { value: "", label: "Until it is revoked" },
            ]}
          />
        </Group>
        <Switch
          label="It may do everything that keys may"
          checked={everything}
          onChange={({ currentTarget }) => setEverything(currentTarget.checked)}
        />
        {!everything && (
          <Checkbox.Group label="It may" value={chosen} onChange={setChosen}>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt="xs">
              {scopes.map(([value, label]) => (
                <Checkbox key={value} value={value} label={label} />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
        )}
        {make.error && !fields.name && <ProblemNotice error={make.error} />}
        <Group>
          <Button
            type="submit"
            loading={make.isPending}
            disabled={!everything && chosen.length === 0}
            data-testid="make-key"
          >
            Make the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function NewSecret({ secret, onKept }: { secret: string; onKept: () => void }) {
  return (
    <Stack gap="sm" role="status">
      <Text size="sm">This is the key. Keep it now: it is not shown again.</Text>
      <Code block className={classes.secret ?? ""} data-testid="key-secret">
        {secret}
      </Code>
      <Group>
        <CopyButton value={secret} timeout={1500}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onKept} data-testid="key-kept">
          I have kept it
        </Button>
      </Group>
    </Stack>
  );
}
