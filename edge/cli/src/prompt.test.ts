import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Io } from "./io.ts";
import { promptLine, promptSecret } from "./prompt.ts";

/** A terminal on which someone types, and what it shows. */
function makeTerminal(isTTY = true) {
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: (on: boolean) => raw.push(on) });
  const stderr = new PassThrough();
  let shown = "";
  stderr.on("data", (chunk) => {
    shown += chunk;
  });
  return { io: { stdin, stderr } as unknown as Io, type: (keys: string) => stdin.write(keys), shown: () => shown, raw };
}

test("shows the question and not what is typed", async () => {
  const { io, type, shown, raw } = makeTerminal();
  const secret = promptSecret(io, "Password: ", "");
  type("hunter2 ä");
  type("\x7f\x7fx\r");
  expect(await secret).toBe("hunter2x");
  expect(shown()).toBe("Password: \n");
  expect(raw).toEqual([true, false]);
});

test("shows a line that is no secret as it is typed", async () => {
  const { io, type, shown } = makeTerminal();
  const line = promptLine(io, "E-mail: ", "");
  type("ada@example.org\r");
  expect(await line).toBe("ada@example.org");
  expect(shown()).toContain("ada@example.org");
});

test("Ctrl-C and the end of the input enter nothing", async () => {
  for (const key of ["\x03", "\x04"]) {
    const { io, type } = makeTerminal();
    const secret = promptSecret(io, "Password: ", "");
    type(key);
    await expect(secret).rejects.toThrow("Nothing was entered.");
  }
});

test("asks nobody where there is no terminal, and says what to do instead", async () => {
  const { io, shown } = makeTerminal(false);
  await expect(promptSecret(io, "Password: ", "Set it.")).rejects.toThrow("Set it.");
  expect(shown()).toBe("");
});
