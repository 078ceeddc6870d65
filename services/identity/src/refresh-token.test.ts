import { describe, expect, test } from "vitest";
import {
  absoluteLifetimeMs,
  graceMs,
  hashRefreshToken,
  idleLifetimeMs,
  judgeRefresh,
  newRefreshToken,
  newSuccessorKey,
  successorOf,
} from "./refresh-token.ts";

const now = new Date("2030-01-01T00:00:00Z");
const ago = (ms: number) => new Date(now.getTime() - ms);
const live = { createTime: ago(1_000_000), lastSeenTime: ago(1_000), revokeTime: null };
const latest = { replaceTime: null, successorKey: null };
const replaced = (ms: number) => ({ replaceTime: ago(ms), successorKey: "key" });

describe("given a live session", () => {
  test("when its latest token comes, then it rotates", () => {
    expect(judgeRefresh(latest, live, now)).toEqual({ kind: "rotate" });
  });

  test.each([0, 1, graceMs])("when a token replaced %d ms ago comes, then it repeats its successor", (ms) => {
    expect(judgeRefresh(replaced(ms), live, now)).toEqual({ kind: "repeat", successorKey: "key" });
  });

  test("when a token comes that another process replaced by a clock ahead, then it repeats its successor", () => {
    expect(judgeRefresh(replaced(-2_000), live, now).kind).toBe("repeat");
  });

  test("when a token replaced longer ago comes, then it is reused", () => {
    expect(judgeRefresh(replaced(graceMs + 1), live, now)).toEqual({ kind: "reused" });
  });
});

describe("given a session that ended", () => {
  test("when it was revoked, then every token of it is revoked", () => {
    const revoked = { ...live, revokeTime: ago(5) };
    expect(judgeRefresh(latest, revoked, now).kind).toBe("revoked");
    expect(judgeRefresh(replaced(1), revoked, now).kind).toBe("revoked");
  });

  test("when it idled too long, then its tokens are expired", () => {
    expect(judgeRefresh(latest, { ...live, lastSeenTime: ago(idleLifetimeMs) }, now).kind).toBe("rotate");
    expect(judgeRefresh(latest, { ...live, lastSeenTime: ago(idleLifetimeMs + 1) }, now).kind).toBe("expired");
  });

  test("when it lived too long, then its tokens are expired", () => {
    expect(judgeRefresh(latest, { ...live, createTime: ago(absoluteLifetimeMs) }, now).kind).toBe("rotate");
    expect(judgeRefresh(latest, { ...live, createTime: ago(absoluteLifetimeMs + 1) }, now).kind).toBe("expired");
  });
});

describe("tokens", () => {
  test("have 256 bits and never repeat", () => {
    const tokens = Array.from({ length: 100 }, newRefreshToken);
    expect(new Set(tokens).size).toBe(100);
    expect(Buffer.from(tokens[0] ?? "", "base64url")).toHaveLength(32);
  });

  test("have one successor per key, which their hash does not give away", () => {
    const [token, key] = [newRefreshToken(), newSuccessorKey()];
    expect(successorOf(token, key)).toBe(successorOf(token, key));
    expect(successorOf(token, key)).not.toBe(successorOf(token, newSuccessorKey()));
    expect(successorOf(token, key)).not.toBe(successorOf(hashRefreshToken(token), key));
    expect(Buffer.from(successorOf(token, key), "base64url")).toHaveLength(32);
  });
});
