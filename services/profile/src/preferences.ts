import { ColorScheme, RoomNotifications } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";

/** How Lyceum shows and tells things to a person. */
export type Preferences = {
  readonly roomNotifications: RoomNotifications;
  readonly documentNotifications: boolean;
  readonly sounds: boolean;
  readonly colorScheme: ColorScheme;
  readonly compact: boolean;
  readonly reducedMotion: boolean;
};

const defaults: Preferences = {
  roomNotifications: RoomNotifications.ALL,
  documentNotifications: true,
  sounds: false,
  colorScheme: ColorScheme.SYSTEM,
  compact: false,
  reducedMotion: false,
};

/** All preferences of someone who chose these. */
export function withDefaults(chosen: Partial<Preferences>): Preferences {
  return { ...defaults, ...chosen };
}
