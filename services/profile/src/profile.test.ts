import { PresenceAudience } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import { describe, expect, test } from "vitest";
import { withDefaults } from "./preferences.ts";
import { applyChange, type ProfileFields, readChange } from "./profile.ts";

const fields: ProfileFields = {
  displayName: "Ada",
  bio: "Counts.",
  locale: "en",
  timeZone: "Europe/London",
  discoverable: true,
  presence: PresenceAudience.ROOMS,
  preferences: withDefaults({ sounds: true }),
};

describe("given a profile", () => {
  test("when nothing is present in a change, then nothing changes", () => {
    expect(applyChange(fields, {})).toBeUndefined();
  });

  test("when a change repeats what is there, then nothing changes", () => {
    expect(applyChange(fields, { displayName: "Ada", locale: "en" })).toBeUndefined();
  });

  test("when a field is present, then it alone changes", () => {
    expect(applyChange(fields, { bio: "Computes." })).toEqual({ ...fields, bio: "Computes." });
  });

  test("when some preferences are present, then the others stay", () => {
    const preferences = { compact: true, sounds: undefined };
    expect(applyChange(fields, { preferences })?.preferences).toEqual({ ...fields.preferences, compact: true });
    expect(applyChange(fields, { preferences: { sounds: true }, discoverable: true })).toBeUndefined();
  });

  test("when a field is present and empty, then it is forgotten", () => {
    expect(applyChange(fields, { locale: "", timeZone: "" })).toEqual({ ...fields, locale: "", timeZone: "" });
  });
});

describe("a change", () => {
  test("keeps absent fields absent", () => {
    expect(readChange({})).toEqual({});
  });

  test("trims the display name", () => {
    expect(readChange({ displayName: "  Ada Lovelace " }).displayName).toBe("Ada Lovelace");
  });

  test.each(["   ", "\u200b\u2060", "Ada\u0000", "Ada\nLovelace", "Ada\u202eecalevoL"])(
    "refuses the display name %j",
    (displayName) => {
      expect(() => readChange({ displayName })).toThrow(/display_name|must not/);
    },
  );

  test("keeps lines in the bio, but no other controls", () => {
    expect(readChange({ bio: "one\n\ttwo\r\n" }).bio).toBe("one\n\ttwo\r\n");
    expect(() => readChange({ bio: "one\u0000two" })).toThrow(/must not contain/);
  });

  test.each([
    ["EN-us", "en-US"],
    ["zh-hant-tw", "zh-Hant-TW"],
    ["iw", "he"],
    ["", ""],
  ])("makes the locale %j canonical: %j", (locale, canonical) => {
    expect(readChange({ locale }).locale).toBe(canonical);
  });

  test.each(["a", "de-1", "en-us-us"])("refuses the locale %j", (locale) => {
    expect(() => readChange({ locale })).toThrow(/BCP 47/);
  });

  test.each([
    ["Europe/Berlin", "Europe/Berlin"],
    ["europe/berlin", "Europe/Berlin"],
    ["Asia/Kolkata", "Asia/Kolkata"],
    ["US/Pacific", "US/Pacific"],
    ["UTC", "UTC"],
    ["Etc/GMT+1", "Etc/GMT+1"],
    ["", ""],
  ])("knows the time zone %j as %j", (timeZone, stored) => {
    expect(readChange({ timeZone }).timeZone).toBe(stored);
  });

  test.each(["Mars/Base", "Europe", "+01", "+0100", "-05"])("refuses the time zone %j", (timeZone) => {
    expect(() => readChange({ timeZone })).toThrow(/IANA/);
  });
});
