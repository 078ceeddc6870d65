import { createConnectQueryKey, useMutation, useQuery } from "@connectrpc/connect-query";
import { type Profile, ProfileService, problemOf } from "@lyceum/client";
import { Button, Group, Skeleton, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ProblemNotice } from "../app/problem-notice.tsx";

export function ProfileForm() {
  const { data, error, refetch } = useQuery(ProfileService.method.getProfile, { userId: "me" });
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!data?.profile) return <Skeleton height={180} />;
  return <Fields profile={data.profile} />;
}

function Fields({ profile }: { profile: Profile }) {
  const queries = useQueryClient();
  const [displayName, setDisplayName] = useState(profile.displayName);
  const [bio, setBio] = useState(profile.bio);
  const save = useMutation(ProfileService.method.updateProfile, {
    onSuccess: () =>
      queries.invalidateQueries({
        queryKey: createConnectQueryKey({ schema: ProfileService.method.getProfile, cardinality: undefined }),
      }),
  });
  const violations = save.error ? problemOf(save.error).violations : [];
  const wrong = (field: string) => violations.find((violation) => violation.field === field)?.message;
  const changed = displayName !== profile.displayName || bio !== profile.bio;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ displayName: displayName.trim(), bio });
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          value={displayName}
          maxLength={80}
          error={wrong("displayName")}
          onChange={(event) => setDisplayName(event.currentTarget.value)}
        />
        <Textarea
          label="About you"
          value={bio}
          maxLength={500}
          autosize
          minRows={2}
          maxRows={8}
          error={wrong("bio")}
          onChange={(event) => setBio(event.currentTarget.value)}
        />
        {save.error && violations.length === 0 && <ProblemNotice error={save.error} />}
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!changed || displayName.trim() === ""}>
            Save
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {save.isSuccess && !changed && "Saved."}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
