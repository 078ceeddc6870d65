import { createClient } from "@connectrpc/connect";
import { useMutation, useQuery, useTransport } from "@connectrpc/connect-query";
import { IdentityService, type Passkey } from "@lyceum/client";
import { Button, Group, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useMutation as useWork } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { formatAgo, formatMoment } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { canUsePasskeys, makePasskey } from "../proof/passkeys.ts";
import { readForm } from "../welcome/read-form.ts";
import classes from "./account.module.css";
import { NewCodesDialog } from "./new-codes-dialog.tsx";
import { sayDevice } from "./say-device.ts";

const { listPasskeys, deletePasskey, getFactors } = IdentityService.method;

/** One's passkeys, to add to and delete from. */
export function PasskeyList() {
  const { data, error, refetch } = useQuery(listPasskeys, {});
  const invalidate = useInvalidate();
  const remove = useMutation(deletePasskey, { onSuccess: () => invalidate(listPasskeys, getFactors) });
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={48} />;
  return (
    <Stack gap="md">
      {data.passkeys.length > 0 && (
        <ul className={classes.sessions} aria-label="Passkeys">
          {data.passkeys.map((passkey) => (
            <PasskeyRow
              key={passkey.id}
              passkey={passkey}
              busy={remove.isPending && remove.variables.passkeyId === passkey.id}
              onDelete={() => remove.mutate({ passkeyId: passkey.id })}
            />
          ))}
        </ul>
      )}
      {remove.error && <ProblemNotice error={remove.error} />}
      {canUsePasskeys() ? (
        <NewPasskey />
      ) : (
        <Text size="sm" c="dimmed">
          This browser can't use passkeys at this address.
        </Text>
      )}
    </Stack>
  );
}

function PasskeyRow({ passkey, busy, onDelete }: { passkey: Passkey; busy: boolean; onDelete: () => void }) {
  return (
    <li className={classes.session} data-testid="passkey">
      <IconFingerprint aria-hidden size={24} stroke={1.4} />
      <div className={classes.device}>
        <Text fw={500}>{passkey.name}</Text>
        <Text size="sm" c="dimmed" title={formatMoment(passkey.createTime)}>
          Added {formatAgo(passkey.createTime)},{" "}
          {passkey.lastUsedTime ? `used ${formatAgo(passkey.lastUsedTime)}` : "never used"}
        </Text>
      </div>
      <Button
        size="compact-sm"
        variant="default"
        loading={busy}
        aria-label={`Delete the passkey ${passkey.name}`}
        onClick={onDelete}
        data-testid="delete-passkey"
      >
        Delete
      </Button>
    </li>
  );
}

function NewPasskey() {
  const identity = createClient(IdentityService, useTransport());
  const invalidate = useInvalidate();
  const form = useRef<HTMLFormElement>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const add = useWork({
    async mutationFn(name: string) {
      const credential = await makePasskey(async () => (await identity.beginPasskeyRegistration({})).options);
      return identity.finishPasskeyRegistration({ name, credential });
    },
    async onSuccess({ recoveryCodes }) {
      form.current?.reset();
      setCodes(recoveryCodes);
      await invalidate(listPasskeys, getFactors);
    },
  });
  return (
    <form ref={form} onSubmit={readForm(({ name }) => add.mutate(name.trim()))}>
      <Group align="flex-end">
        <TextInput
          name="name"
          label="Name of a new passkey"
          flex={1}
          miw={180}
          maxLength={80}
          defaultValue={sayDevice(navigator.userAgent)}
          data-testid="passkey-name"
        />
        <Button type="submit" variant="default" loading={add.isPending} data-testid="add-passkey">
          Add a passkey
        </Button>
      </Group>
      {add.error && (
        <div className={classes.below}>
          <ProblemNotice error={add.error} />
        </div>
      )}
      <NewCodesDialog codes={codes} onClose={() => setCodes([])} />
    </form>
  );
}
