import type { MessageInitShape } from "@bufbuild/protobuf";
import { useMutation } from "@connectrpc/connect-query";
import {
  ColorScheme,
  type PreferencesChangeSchema,
  PresenceAudience,
  type Profile,
  ProfileService,
  problemOf,
  RoomNotifications,
} from "@lyceum/client";
import { SegmentedControl, Select, Stack, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInvalidate } from "../app/use-invalidate.ts";
import { useSchemeChoice } from "../app/use-preferences.ts";
import classes from "./account.module.css";

/** How Lyceum looks to oneself and tells things; each choice is kept at once, for all of one's devices. */
export function PreferencesForm({ profile }: { profile: Profile }) {
  const invalidate = useInvalidate();
  const chooseScheme = useSchemeChoice();
  const { mutate } = useMutation(ProfileService.method.updateProfile, {
    onSuccess: () => invalidate(ProfileService.method.getProfile),
    onError: (error) => notifications.show({ color: "red", message: problemOf(error).message }),
  });
  const { preferences } = profile;
  const choose = (change: MessageInitShape<typeof PreferencesChangeSchema>) => mutate({ preferences: change });
  return (
    <Stack gap="lg">
      <div>
        <Text size="sm" fw={500} mb={6} id="scheme">
          Colours
        </Text>
        <SegmentedControl
          value={`${preferences?.colorScheme || ColorScheme.SYSTEM}`}
          onChange={(value) => {
            const colorScheme = Number(value) as ColorScheme;
            chooseScheme(colorScheme);
            choose({ colorScheme });
          }}
          aria-labelledby="scheme"
          data={[
            { value: `${ColorScheme.SYSTEM}`, label: "System" },
            { value: `${ColorScheme.LIGHT}`, label: "Light" },
            { value: `${ColorScheme.DARK}`, label: "Dark" },
          ]}
        />
      </div>
      <Switch
        label="Dense lists"
        description="More on one screen"
        checked={preferences?.compact ?? false}
        onChange={({ currentTarget }) => choose({ compact: currentTarget.checked })}
      />
      <Switch
        label="Less movement"
        description="Nothing slides or fades, whatever your system says"
        checked={preferences?.reducedMotion ?? false}
        onChange={({ currentTarget }) => choose({ reducedMotion: currentTarget.checked })}
      />
      <Select
        className={classes.narrow ?? ""}
        label="Tell me of messages"
        description="While Lyceum is open but out of sight"
        allowDeselect={false}
        value={`${preferences?.roomNotifications || RoomNotifications.ALL}`}
        onChange={(value) => {
          const roomNotifications = Number(value) as RoomNotifications;
          // The browser asks whether that may be, and only after a press.
          if (roomNotifications !== RoomNotifications.NONE) void globalThis.Notification?.requestPermission();
          choose({ roomNotifications });
        }}
        data={[
          { value: `${RoomNotifications.ALL}`, label: "Every message" },
          { value: `${RoomNotifications.DIRECT}`, label: "Only between two people" },
          { value: `${RoomNotifications.NONE}`, label: "Nothing" },
        ]}
      />
      <Switch
        label="With a sound"
        checked={preferences?.sounds ?? false}
        onChange={({ currentTarget }) => choose({ sounds: currentTarget.checked })}
      />
    </Stack>
  );
}

/** Whether others find one by name, and who sees that one is there. */
export function PrivacyForm({ profile }: { profile: Profile }) {
  const invalidate = useInvalidate();
  const save = useMutation(ProfileService.method.updateProfile, {
    onSuccess: () => invalidate(ProfileService.method.getProfile),
    onError: (error) => notifications.show({ color: "red", message: problemOf(error).message }),
  });
  return (
    <Stack gap="lg">
      <Switch
        label="Others find me by my name"
        description="Whoever shares a room with you sees your name and picture either way"
        checked={profile.privacy?.discoverable ?? true}
        onChange={({ currentTarget }) => save.mutate({ privacy: { discoverable: currentTarget.checked } })}
        data-testid="discoverable"
      />
      <Select
        className={classes.narrow ?? ""}
        label="Who sees that I am here"
        allowDeselect={false}
        value={`${profile.privacy?.presence || PresenceAudience.ROOMS}`}
        onChange={(value) => save.mutate({ privacy: { presence: Number(value) as PresenceAudience } })}
        data={[
          { value: `${PresenceAudience.ROOMS}`, label: "People in small rooms with me" },
          { value: `${PresenceAudience.DIRECT}`, label: "Only those I talk to alone" },
          { value: `${PresenceAudience.NOBODY}`, label: "Nobody" },
        ]}
        data-testid="presence"
      />
    </Stack>
  );
}
