import { type Profile, ProfileService, problemOf } from "@lyceum/client";
import { Avatar, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { useApp } from "../app/app-context.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { usePicture } from "../people/use-picture.ts";
import { toSmallPicture } from "./to-small-picture.ts";

/** One's picture, as others see it. */
export function PictureForm({ profile }: { profile: Profile }) {
  const { lyceum, people } = useApp();
  const invalidate = useInvalidate();
  const input = useRef<HTMLInputElement>(null);
  const picture = usePicture(profile.avatarUrl);
  const change = useMutation({
    mutationFn: async (file: Blob | undefined) => lyceum.setAvatar(file && (await toSmallPicture(file))),
    async onSuccess(changed) {
      people.learn([changed]);
      await invalidate(ProfileService.method.getProfile);
    },
  });
  return (
    <Group gap="lg" mb="lg">
      <Avatar src={picture ?? null} name={profile.displayName} color="laurel" size={84} alt="Your picture" />
      <Stack gap={6}>
        <Group gap="xs">
          <Button variant="default" size="compact-md" loading={change.isPending} onClick={() => input.current?.click()}>
            {profile.avatarUrl ? "Change picture" : "Add a picture"}
          </Button>
          {profile.avatarUrl && (
            <Button variant="subtle" color="gray" size="compact-md" onClick={() => change.mutate(undefined)}>
              Remove
            </Button>
          )}
        </Group>
        <Text size="sm" c={change.error ? "var(--danger)" : "dimmed"} role={change.error ? "alert" : undefined}>
          {change.error ? problemOf(change.error).message : "Its middle is shown, cut to a circle."}
        </Text>
      </Stack>
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif"
        hidden
        data-testid="picture-input"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file) change.mutate(file);
          currentTarget.value = "";
        }}
      />
    </Group>
  );
}
