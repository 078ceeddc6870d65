import { setImmediate as turn } from "node:timers/promises";
import { create, type DescMessage } from "@bufbuild/protobuf";
import { validator } from "./interceptors/index.ts";
import type { Routes } from "./recorded-routes.ts";

/** Compiles the rules of every request, one per turn of the event loop: the first call need not wait for it. */
export async function warmUp(routes: Routes): Promise<void> {
  const inputs = new Set<DescMessage>([...routes.values()].map(({ method }) => method.input));
  for (const input of inputs) {
    validator.validate(input, create(input));
    await turn();
  }
}
