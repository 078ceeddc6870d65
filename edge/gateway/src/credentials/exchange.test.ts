import type { Clients } from "@lyceum/service";
import { expect, test } from "vitest";
import { createExchange } from "./exchange.ts";

/** An identity that answers exchanges when it is told to. */
function startIdentity() {
  const waiting: ((accessToken: string) => void)[] = [];
  const exchangeCredential = () =>
    new Promise((resolve) => waiting.push((accessToken) => resolve({ accessToken, scopes: [] })));
  const clients = { asService: async () => ({}), of: () => ({ exchangeCredential }) } as unknown as Clients;
  const answer = async (accessToken: string) => {
    await expect.poll(() => waiting.length).toBeGreaterThan(0);
    waiting.shift()?.(accessToken);
  };
  return { clients, answer };
}

const cookie = { case: "cookie", value: "secret" } as const;

test("calls that come at once share one exchange, and later ones its ticket", async () => {
  const { clients, answer } = startIdentity();
  const exchange = createExchange(clients);
  const both = Promise.all([exchange.get(cookie), exchange.get(cookie)]);
  await answer("first");
  expect((await both).map(({ accessToken }) => accessToken)).toEqual(["first", "first"]);
  expect(exchange.find(cookie)?.accessToken).toBe("first");
});

test("an exchange that was under way when its credential changed is not kept", async () => {
  const { clients, answer } = startIdentity();
  const exchange = createExchange(clients);
  const early = exchange.get(cookie);
  exchange.forget(cookie);
  await answer("before the change");
  await early;
  expect(exchange.find(cookie)).toBeUndefined();
});
