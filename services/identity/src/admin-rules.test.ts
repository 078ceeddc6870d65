import { describe, expect, test } from "vitest";
import { requireAnotherAdmin, requireAuthority } from "./admin-rules.ts";

const person = (id: string, ...roles: string[]) => ({ id, roles, suspendTime: null });
const suspended = (id: string, ...roles: string[]) => ({ id, roles, suspendTime: new Date() });

describe("authority", () => {
  test.each([
    ["an admin", person("a", "admin"), "anybody", person("b", "admin", "moderator")],
    ["a moderator", person("m", "moderator"), "a person without a role", person("b")],
  ])("%s has it over %s", (_, actor, __, target) => {
    expect(() => requireAuthority(actor, target)).not.toThrow();
  });

  test.each([
    ["a moderator", person("m", "moderator"), "an admin", person("a", "admin")],
    ["a moderator", person("m", "moderator"), "another moderator", person("n", "moderator")],
    ["a moderator", person("m", "moderator"), "themselves", person("m", "moderator")],
    ["a person without a role", person("p"), "another", person("q")],
    ["a suspended admin", suspended("a", "admin"), "anybody", person("q")],
    ["a suspended moderator", suspended("m", "moderator"), "anybody", person("q")],
  ])("%s has none over %s", (_, actor, __, target) => {
    expect(() => requireAuthority(actor, target)).toThrow(/role/);
  });
});

describe("the last admin", () => {
  const admin = person("a", "admin");

  test("cannot go", () => {
    expect(() => requireAnotherAdmin(admin, [admin])).toThrow(/last admin/);
    expect(() => requireAnotherAdmin(admin, [admin, suspended("b", "admin")])).toThrow(/last admin/);
  });

  test("is none where there is another", () => {
    expect(() => requireAnotherAdmin(admin, [admin, person("b", "admin")])).not.toThrow();
  });

  test("is nobody who is no admin, or suspended", () => {
    expect(() => requireAnotherAdmin(person("m", "moderator"), [admin])).not.toThrow();
    expect(() => requireAnotherAdmin(suspended("b", "admin"), [admin])).not.toThrow();
  });
});
