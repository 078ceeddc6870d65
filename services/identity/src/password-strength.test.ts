import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { dictionary } from "@zxcvbn-ts/language-common";
import { expect, test } from "vitest";
import { requireStrongPassword } from "./password-strength.ts";

const personal = ["Ada.Lovelace@example.org", "Ada Lovelace"];

test.each([
  ["password", /most common/],
  ["PASSWORD123", /most common/],
  ["pａssword1", /most common/],
  ["passw0rd", /most common/],
  ["iloveyou", /most common/],
  ["aaaaaaaaaaaa", /Repetitions/],
  ["testtest", /most common/],
  ["12345678", /most common/],
  ["qwertyuiop", /most common/],
  ["abcdefghijkl", /Rows of characters/],
  ["ada.lovelace@example.org", /Your name and address/],
  ["Ada Lovelace", /Your name and address/],
  ["adalovelace", /easy to guess|name and address/i],
])("%j is too weak", async (password, why) => {
  const error = await requireStrongPassword(password, [...personal, "adalovelace"]).catch(ConnectError.from);
  if (!(error instanceof ConnectError)) throw new Error("was taken");
  expect(error.code).toBe(Code.InvalidArgument);
  expect(error.findDetails(ErrorInfoSchema)[0]?.reason).toBe("PASSWORD_TOO_WEAK");
  expect(error.rawMessage).toMatch(why);
});

test("every listed password of a length that could be taken is refused, more than 10,000 in all, in whatever case", async () => {
  const listed = dictionary["passwords-common"].map(String).filter((word) => word.length >= 8);
  expect(listed.length).toBeGreaterThan(10_000);
  const taken: string[] = [];
  for (const word of listed)
    await requireStrongPassword(word.toUpperCase(), []).then(
      () => taken.push(word),
      () => {},
    );
  expect(taken).toEqual([]);
});

test.each([
  "correct horse battery",
  "pass-word-1234",
  "a wrong password",
  "лошадь батарея",
  "正しい馬の電池",
  "kittiwake",
  "🐎🔋📎🐎✅🪢🧵🦀",
  "Password-1815",
  "x".repeat(128),
  "x".repeat(256),
])("%j is taken, whatever it is composed of", async (password) => {
  await expect(requireStrongPassword(password, personal)).resolves.toBeUndefined();
});
