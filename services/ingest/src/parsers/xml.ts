import { Parser } from "htmlparser2";
import { ParseFailure } from "./failure.ts";
import { utf16ByteOrder } from "./sniff.ts";

/** The attributes of an element, by name with prefix. */
export type Attributes = Readonly<Record<string, string>>;

/** Hears of elements by their names without prefix, and of the text between them. `open` ends the reading by `stop`. */
export type XmlHandler = {
  open?(name: string, attributes: Attributes): "stop" | undefined;
  text?(text: string): void;
  close?(name: string): void;
};

const maxDepth = 1_000;

/**
 * Reads XML piece by piece. There is nothing it could be made to fetch or to multiply: document type declarations are skipped,
 * and entities beyond XML's own five stay as they are written. Throws ParseFailure CORRUPT for elements nested without end.
 */
export async function readXml(chunks: AsyncIterable<Uint8Array>, handler: XmlHandler): Promise<void> {
  let depth = 0;
  let isStopped = false;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (++depth > maxDepth) throw new ParseFailure("CORRUPT");
        if (!isStopped) isStopped = handler.open?.(withoutPrefix(name), attributes) === "stop";
      },
      ontext(text) {
        // Outside the root element there is only what is left of a declaration.
        if (depth > 0) handler.text?.(text);
      },
      onclosetag(name) {
        depth--;
        handler.close?.(withoutPrefix(name));
      },
    },
    { xmlMode: true },
  );
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    const order = decoder ? undefined : utf16ByteOrder(chunk.subarray(0, 64));
    decoder ??= new TextDecoder(order ? `utf-16${order}` : "utf-8");
    parser.write(decoder.decode(chunk, { stream: true }));
    if (isStopped) return;
  }
  parser.end();
}

const withoutPrefix = (name: string) => name.slice(name.indexOf(":") + 1);

/** An attribute by its name without prefix; of two, the one with a prefix. */
export function attribute(attributes: Attributes, name: string): string | undefined {
  const suffix = `:${name}`;
  for (const key in attributes) if (key.endsWith(suffix)) return attributes[key];
  return attributes[name];
}
