import { useMutation } from "@connectrpc/connect-query";
import { type Profile, ProfileService, problemOf } from "@lyceum/client";
import { Button, Group, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { listLocales, listTimeZones } from "./places.ts";

/** Who one is, and where. */
export function ProfileForm({ profile }: { profile: Profile }) {
  const { people } = useApp();
  const invalidate = useInvalidate();
  const [fields, setFields] = useState(readFields(profile));
  const save = useMutation(ProfileService.method.updateProfile, {
    async onSuccess(response) {
      if (response.profile) people.learn([response.profile]);
      await invalidate(ProfileService.method.getProfile);
    },
  });
  const violations = save.error ? problemOf(save.error).violations : [];
  const wrong = (field: string) => violations.find((violation) => violation.field === field)?.message;
  const set = (change: Partial<typeof fields>) => setFields((now) => ({ ...now, ...change }));
  const before = readFields(profile);
  const isChanged = Object.entries(fields).some(([field, value]) => value !== before[field as keyof typeof before]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...fields, displayName: fields.displayName.trim() });
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          value={fields.displayName}
          maxLength={80}
          error={wrong("displayName")}
          onChange={(event) => set({ displayName: event.currentTarget.value })}
          data-testid="profile-name"
        />
        <Textarea
          label="About you"
          value={fields.bio}
          maxLength={500}
          autosize
          minRows={2}
          maxRows={8}
          error={wrong("bio")}
          onChange={(event) => set({ bio: event.currentTarget.value })}
        />
        <Group grow align="flex-start">
          <Select
            label="Language"
            description="Only you see it"
            placeholder="Not chosen"
            searchable
            clearable
            clearButtonProps={{ "aria-label": "Forget the language" }}
            data={listLocales(profile.locale)}
            value={fields.locale || null}
            error={wrong("locale")}
            onChange={(locale) => set({ locale: locale ?? "" })}
          />
          <Select
            label="Time zone"
            description="Only you see it"
            placeholder="Not chosen"
            searchable
            clearable
            limit={80}
            clearButtonProps={{ "aria-label": "Forget the time zone" }}
            data={listTimeZones(profile.timeZone)}
            value={fields.timeZone || null}
            error={wrong("timeZone")}
            onChange={(timeZone) => set({ timeZone: timeZone ?? "" })}
          />
        </Group>
        {save.error && violations.length === 0 && <ProblemNotice error={save.error} />}
        <Group>
          <Button
            type="submit"
            loading={save.isPending}
            disabled={!isChanged || fields.displayName.trim() === ""}
            data-testid="save-profile"
          >
            Save
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {save.isSuccess && !isChanged && "Saved."}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}

function readFields({ displayName, bio, locale, timeZone }: Profile) {
  return { displayName, bio, locale, timeZone };
}
