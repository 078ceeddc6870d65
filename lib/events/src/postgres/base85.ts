// Letters that stand for themselves in JSON and SQL (ZeroMQ RFC 32).
const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const values = new Uint8Array(128);
for (let value = 0; value < letters.length; value += 1) values[letters.charCodeAt(value)] = value;

/** Bytes as text, five letters for four bytes; the padded length is left out by shortening the last group. */
export function toBase85(bytes: Uint8Array): string {
  const padding = (4 - (bytes.length % 4)) % 4;
  const padded = Buffer.concat([bytes, Buffer.alloc(padding)]);
  let text = "";
  for (let at = 0; at < padded.length; at += 4) {
    let rest = padded.readUInt32BE(at);
    let group = "";
    for (let digit = 0; digit < 5; digit += 1) {
      group = letters.charAt(rest % 85) + group;
      rest = Math.floor(rest / 85);
    }
    text += group;
  }
  return text.slice(0, text.length - padding);
}

/** Reads what toBase85 wrote. */
export function fromBase85(text: string): Uint8Array {
  const padding = (5 - (text.length % 5)) % 5;
  const padded = text + "#".repeat(padding);
  const bytes = Buffer.alloc((padded.length / 5) * 4);
  for (let group = 0; group < padded.length / 5; group += 1) {
    let value = 0;
    for (let digit = 0; digit < 5; digit += 1) value = value * 85 + (values[padded.charCodeAt(group * 5 + digit)] ?? 0);
    bytes.writeUInt32BE(value % 2 ** 32, group * 4);
  }
  return bytes.subarray(0, bytes.length - padding);
}
