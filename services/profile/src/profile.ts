import { isDeepStrictEqual } from "node:util";
import type { PresenceAudience } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import { hasControls, invalidField, isVisible } from "@lyceum/service";
import type { Preferences } from "./preferences.ts";

/** What a person says of themselves, and decides. */
export type ProfileFields = {
  readonly displayName: string;
  readonly bio: string;
  /** Canonical BCP 47 tag; empty if not chosen. */
  readonly locale: string;
  /** IANA name; empty if not chosen. */
  readonly timeZone: string;
  readonly discoverable: boolean;
  readonly presence: PresenceAudience;
  readonly preferences: Preferences;
};

type Wish<Fields> = { readonly [Field in keyof Fields]?: Fields[Field] | undefined };

/** A wish to change some fields; absent ones stay as they are. */
export type ProfileChange = Wish<Omit<ProfileFields, "preferences">> & {
  readonly preferences?: Wish<Preferences> | undefined;
};

/** Brings the fields that are present into their stored form. Throws `invalid_argument` naming the first that has none. */
export function readChange(change: ProfileChange): ProfileChange {
  return {
    ...change,
    displayName: change.displayName === undefined ? undefined : readDisplayName(change.displayName),
    bio: change.bio === undefined ? undefined : readBio(change.bio),
    locale: change.locale === undefined ? undefined : readLocale(change.locale),
    timeZone: change.timeZone === undefined ? undefined : readTimeZone(change.timeZone),
  };
}

/** The fields after the change; undefined if it changes nothing. */
export function applyChange(fields: ProfileFields, change: ProfileChange): ProfileFields | undefined {
  const preferences = override(fields.preferences, change.preferences ?? {});
  const changed = override(fields, { ...change, preferences });
  return isDeepStrictEqual(changed, fields) ? undefined : changed;
}

/** `fields` with what is present in `wish` instead. */
function override<Fields extends object>(fields: Fields, wish: Wish<Fields>): Fields {
  const present = Object.entries(wish).filter(([name, value]) => value !== undefined && name in fields);
  return { ...fields, ...Object.fromEntries(present) };
}

function readDisplayName(given: string): string {
  const name = given.trim();
  if (!isVisible(name)) throw invalidField("display_name", "must not be blank");
  if (hasControls(name)) throw invalidField("display_name", "must not contain control characters");
  return name;
}

function readBio(bio: string): string {
  if (/[^\P{Cc}\t\n\r]/u.test(bio)) throw invalidField("bio", "must not contain control characters");
  return bio;
}

function readLocale(tag: string): string {
  if (!tag) return "";
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "";
  } catch {
    throw invalidField("locale", "must be a BCP 47 language tag");
  }
}

function readTimeZone(name: string): string {
  if (!name) return "";
  const known = resolveTimeZone(name);
  if (!known) throw invalidField("time_zone", "must be an IANA time zone");
  // Intl follows links to names that are older or coarser (Asia/Kolkata to Asia/Calcutta): it may mend the case, no more.
  return known.toLowerCase() === name.toLowerCase() ? known : name;
}

function resolveTimeZone(name: string): string | undefined {
  // Intl also takes offsets such as +01, which know no daylight saving.
  if (/^[+-]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
