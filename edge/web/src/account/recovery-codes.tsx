import { useMutation } from "@connectrpc/connect-query";
import { IdentityService } from "@lyceum/client";
import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { count } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { NewCodesDialog } from "./new-codes-dialog.tsx";

/** How many recovery codes are left, and a way to ten new ones. */
export function RecoveryCodes({ left }: { left: number }) {
  const invalidate = useInvalidate();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const renew = useMutation(IdentityService.method.regenerateRecoveryCodes, {
    async onSuccess({ recoveryCodes }) {
      setCodes(recoveryCodes);
      await invalidate(IdentityService.method.getFactors);
    },
  });
  return (
    <>
      <Group justify="space-between">
        <Text fw={500} data-testid="codes-left">
          {count(left, "code")} left
        </Text>
        <Button
          size="compact-md"
          variant="default"
          loading={renew.isPending}
          onClick={() => renew.mutate({})}
          data-testid="renew-codes"
        >
          Make new ones
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        New ones make those before worthless.
      </Text>
      {renew.error && <ProblemNotice error={renew.error} />}
      <NewCodesDialog codes={codes} onClose={() => setCodes([])} />
    </>
  );
}
