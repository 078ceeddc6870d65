import type { IHeaders, KafkaMessage, Message } from "kafkajs";
import type { EventRecord, LoggedEvent } from "../event-record.ts";

/** An event as a Kafka message: the envelope are CloudEvents headers. */
export function toMessage({ id, type, source, time, traceparent, key, body }: EventRecord): Message {
  return {
    key,
    value: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    headers: {
      ce_id: id,
      ce_type: type,
      ce_source: source,
      ce_time: time.toISOString(),
      ...(traceparent !== undefined && { traceparent }),
    },
  };
}

/** Reads a message; what is missing from its envelope is empty, so that a foreign one is parked and not lost. */
export function toLoggedEvent(topic: string, partition: number, message: KafkaMessage): LoggedEvent {
  const { headers = {}, key, value, offset, timestamp } = message;
  const time = new Date(readHeader(headers, "ce_time") ?? Number(timestamp));
  return {
    id: readHeader(headers, "ce_id") ?? `${topic}/${partition}/${offset}`,
    topic,
    type: readHeader(headers, "ce_type") ?? "",
    source: readHeader(headers, "ce_source") ?? "",
    time: Number.isNaN(time.getTime()) ? new Date(Number(timestamp)) : time,
    traceparent: readHeader(headers, "traceparent"),
    key: key?.toString() ?? "",
    body: value ?? Buffer.alloc(0),
    partition,
    offset: Number(offset),
  };
}

export function readHeader(headers: IHeaders, name: string): string | undefined {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value)?.toString();
}
