import { expect, test } from "vitest";
import {
  accountRule,
  countFailure,
  type GuessCount,
  type GuessRule,
  mailRule,
  networkRule,
  waitBeforeGuess,
} from "./guess-rule.ts";

/** When somebody who never stops guesses, in milliseconds from the first guess. */
function guessesOf(rule: GuessRule, untilMs: number): number[] {
  const times: number[] = [];
  let count: GuessCount | undefined;
  for (let now = 0; now < untilMs; ) {
    const waitMs = waitBeforeGuess(count, rule, new Date(now));
    now += Math.ceil(waitMs);
    if (waitMs > 0) continue;
    times.push(now);
    count = countFailure(count, rule, new Date(now));
  }
  return times;
}

function mostWithin(times: readonly number[], windowMs: number): number {
  return Math.max(...times.map((start) => times.filter((time) => time >= start && time < start + windowMs).length));
}

const quarterMs = 15 * 60_000;
const dayMs = 24 * 3_600_000;

test("an account takes at most 10 guesses in any 15 minutes, and some 40 a day", () => {
  const times = guessesOf(accountRule, 7 * dayMs);
  expect(mostWithin(times, quarterMs)).toBe(10);
  expect(times.length / 7).toBeLessThan(40);
});

test("a pause of any length buys no more than 10 guesses in 15 minutes", () => {
  for (const pauseMs of [quarterMs, 3_600_000, 6 * 3_600_000, dayMs]) {
    let count: GuessCount | undefined;
    const times: number[] = [];
    for (let start = 0; start < 3 * dayMs; start += pauseMs) {
      for (let now = start; now < start + Math.min(pauseMs, quarterMs); now += 1_000) {
        if (waitBeforeGuess(count, accountRule, new Date(now)) > 0) continue;
        times.push(now);
        count = countFailure(count, accountRule, new Date(now));
      }
    }
    expect(mostWithin(times, quarterMs)).toBeLessThanOrEqual(10);
  }
});

test("a network takes 100 failures at once and about as many in each quarter of an hour after", () => {
  const times = guessesOf(networkRule, 2 * 3_600_000);
  expect(times.filter((time) => time === 0)).toHaveLength(100);
  expect(mostWithin(times, quarterMs)).toBeLessThanOrEqual(220);
  expect(times.length / 8).toBeLessThan(130);
});

test("an address is sent three mails at once, and no more than some dozens a day", () => {
  expect(guessesOf(mailRule, 1_000)).toHaveLength(3);
  expect(guessesOf(mailRule, dayMs).length).toBeLessThan(40);
});

test("what failed long ago is forgotten", () => {
  const count = { failures: 40, lastTime: new Date(0) };
  expect(waitBeforeGuess(count, accountRule, new Date(dayMs + 1))).toBe(0);
});
