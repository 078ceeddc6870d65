import { ConnectError, type Transport } from "@connectrpc/connect";
import { problemOf } from "@lyceum/client";
import { createStore, type Store } from "../app/store.ts";

/** A call that waits until the person has proved once more who they are. */
export type ProofWanted = {
  /** The ways that will do: fields of ReauthenticateRequest, or `signIn` where only a new sign-in will. */
  readonly methods: readonly string[];
  /** Lets the call go on, or fail if nothing was proved. */
  finish(proved: boolean): void;
};

/** Where sensitive calls wait for a proof, one question for all of them. */
export type StepUp = {
  /** What StepUpDialog asks now; undefined for nothing. */
  readonly wanted: Store<ProofWanted | undefined>;
  /** Repeats a call that was refused with `STEP_UP_REQUIRED` once the proof is there. */
  readonly transport: Transport;
};

/** Puts the question for a proof between the page's calls and `transport`. */
export function createStepUp(transport: Transport): StepUp {
  const wanted = createStore<ProofWanted | undefined>(undefined);
  let asking: Promise<boolean> | undefined;

  function ask(methods: readonly string[]): Promise<boolean> {
    asking ??= new Promise<boolean>((resolve) => wanted.set(() => ({ methods, finish: resolve }))).finally(() => {
      asking = undefined;
      wanted.set(() => undefined);
    });
    return asking;
  }

  return {
    wanted,
    transport: {
      async unary(method, signal, ...rest) {
        try {
          return await transport.unary(method, signal, ...rest);
        } catch (error) {
          const { reason, metadata } = problemOf(error);
          if (reason !== "STEP_UP_REQUIRED") throw error;
          if (!(await ask((metadata.methods ?? "").split(",")))) throw ConnectError.from(error);
          return transport.unary(method, signal, ...rest);
        }
      },
      stream: (...call) => transport.stream(...call),
    },
  };
}
