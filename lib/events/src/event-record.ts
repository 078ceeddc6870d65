/** An event on its way into the log: the envelope, and the body in Confluent wire format. */
export type EventRecord = {
  readonly id: string;
  readonly topic: string;
  readonly type: string;
  readonly source: string;
  readonly time: Date;
  readonly traceparent: string | undefined;
  readonly key: string;
  readonly body: Uint8Array;
};

/** An event in the log. Offsets of a partition are dense from 0. */
export type LoggedEvent = EventRecord & { readonly partition: number; readonly offset: number };
