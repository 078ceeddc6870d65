import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type File, FileService, GrantRole } from "@lyceum/client";
import { Button, Group, Select, Stack } from "@mantine/core";
import { IconLink } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";

const dayMs = 86_400_000;

/** Makes a link by which whoever has it may read the file, for a while. */
export function LinkForm({ file }: { file: File }) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const [days, setDays] = useState("7");
  const make = useMutation({
    mutationFn: () =>
      lyceum.files.grantAccess({
        fileId: file.id,
        principal: "link:",
        role: GrantRole.READER,
        ...(days !== "" && { expireTime: timestampFromMs(Date.now() + Number(days) * dayMs) }),
      }),
    onSuccess: () => invalidate(FileService.method.listGrants),
  });
  return (
    <Stack gap="xs">
      <Group align="flex-end">
        <Select
          label="A link for anyone"
          description="Whoever has it may read the file, without an account"
          allowDeselect={false}
          flex={1}
          value={days}
          onChange={(value) => setDays(value ?? "")}
          data={[
            { value: "1", label: "For a day" },
            { value: "7", label: "For a week" },
            { value: "30", label: "For 30 days" },
            { value: "", label: "Until it is taken back" },
          ]}
        />
        <Button
          variant="default"
          leftSection={<IconLink aria-hidden size={17} stroke={1.6} />}
          loading={make.isPending}
          onClick={() => make.mutate()}
          data-testid="make-link"
        >
          Make a link
        </Button>
      </Group>
      {make.error && <ProblemNotice error={make.error} />}
    </Stack>
  );
}
