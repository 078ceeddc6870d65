// `dot.wat`, compiled by wabt's wat2wasm.
const wasm =
  "AGFzbQEAAAABCQFgBX9/f39/AAMCAQAFAwEAQAcQAgZtZW1vcnkCAANkb3QAAAqhAQGeAQICfwF7A0AgACEFIAAgA2ohBv0MAAAAAAAAAAAAAAAA" +
  "AAAAACEHA0AgByAF/QAEAP2HASAB/QAEAP2HAf26ASAF/QAEAP2IASAB/QAEAP2IAf26Af2uAf2uASEHIAFBEGohASAFQRBqIgUgBkkNAAsgBCAH" +
  "/RsAIAf9GwFqIAf9GwIgB/0bA2pqNgIAIARBBGohBCACQQFrIgINAAsL";

/** Multiplies one vector with many. Both must have the same number of dimensions, a multiple of 16. */
export type Dot = (
  query: Int8Array,
  vectors: Int8Array,
  onBlock: (first: number, products: Int32Array) => void,
) => void;

type Exports = {
  memory: WebAssembly.Memory;
  dot(query: number, vectors: number, count: number, dimensions: number, out: number): void;
};

const vectorsAt = 4096;

/** The product in WebAssembly SIMD, about ten times plain JavaScript's speed; that one where SIMD is missing. */
export function createDot(): Dot {
  try {
    const module = new WebAssembly.Module(Buffer.from(wasm, "base64"));
    return dotInWasm(new WebAssembly.Instance(module).exports as unknown as Exports);
  } catch {
    return dotInJavaScript;
  }
}

/** Copies the vectors in blocks into the module's one memory of 4 MiB: query, block, products. */
function dotInWasm({ memory, dot }: Exports): Dot {
  const bytes = new Int8Array(memory.buffer);
  return (query, vectors, onBlock) => {
    const dimensions = query.length;
    if (dimensions > vectorsAt || dimensions % 16 !== 0) return dotInJavaScript(query, vectors, onBlock);
    const count = vectors.length / dimensions;
    const block = Math.floor((bytes.length - vectorsAt) / (dimensions + 4));
    const out = vectorsAt + block * dimensions;
    bytes.set(query, 0);
    for (let first = 0; first < count; first += block) {
      const size = Math.min(block, count - first);
      bytes.set(vectors.subarray(first * dimensions, (first + size) * dimensions), vectorsAt);
      dot(0, vectorsAt, size, dimensions, out);
      onBlock(first, new Int32Array(memory.buffer, out, size));
    }
  };
}

/** The same in plain JavaScript, for any number of dimensions. */
export const dotInJavaScript: Dot = (query, vectors, onBlock) => {
  const dimensions = query.length;
  const products = new Int32Array(vectors.length / dimensions);
  for (let row = 0; row < products.length; row++) {
    let sum = 0;
    for (let at = 0; at < dimensions; at++) sum += (query[at] as number) * (vectors[row * dimensions + at] as number);
    products[row] = sum;
  }
  if (products.length > 0) onBlock(0, products);
};
