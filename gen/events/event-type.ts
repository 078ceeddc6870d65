// Written by `npm run generate`. Do not edit.
/** What is known of a kind of event before any has happened. */
export type EventDescriptor<T> = {
  /** The Avro full name, which is also the registry subject and the envelope's `ce_type`. */
  readonly fullName: string;
  /** The topic of the service that owns it, such as `files.v1`. */
  readonly topic: string;
  /** The field whose value is the aggregate's id: events with the same one stay in order. */
  readonly key: keyof T & string;
  /** The Avro schema as JSON. */
  readonly schema: string;
};

/** Something that happened, ready to be appended to the log. */
export type Fact<T> = { readonly type: EventType<T>; readonly data: T };

/** A kind of event; called with its data it makes a fact. */
export type EventType<T> = EventDescriptor<T> & ((data: T) => Fact<T>);

/** Makes the constant that stands for a kind of event. */
export function defineEvent<T>(descriptor: EventDescriptor<T>): EventType<T> {
  const type: EventType<T> = Object.assign((data: T): Fact<T> => ({ type, data }), descriptor);
  return type;
}
