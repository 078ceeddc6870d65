import { createBlob, DamagedSegmentError, layOut, openBlob, sealBlob } from "./blob.ts";

/** One file's vectors: views of a blob. A passage's vector is its row of `values` times its scale. */
export type Vectors = {
  readonly count: number;
  readonly dimensions: number;
  readonly scales: Float32Array;
  readonly values: Int8Array;
  readonly sizeBytes: number;
};

const kind = 2;

/** Stores unit vectors of equal dimensions as bytes with a scale each, which loses nothing that ranking would notice. */
export function writeVectors(vectors: readonly ArrayLike<number>[], dimensions: number): Uint8Array<ArrayBuffer> {
  const { offsets, end } = layOut([vectors.length * 4, vectors.length * dimensions]);
  const bytes = createBlob(kind, [vectors.length, dimensions], end);
  const scales = new Float32Array(bytes.buffer, offsets[0], vectors.length);
  const values = new Int8Array(bytes.buffer, offsets[1], vectors.length * dimensions);
  for (const [row, vector] of vectors.entries()) {
    const { scale, values: quantized } = quantize(vector, dimensions);
    scales[row] = scale;
    values.set(quantized, row * dimensions);
  }
  return sealBlob(bytes);
}

/** Opens a blob of `writeVectors`. Throws DamagedSegmentError. */
export function openVectors(blob: Uint8Array): Vectors {
  const { bytes, numbers } = openBlob(blob, kind);
  const [count = 0, dimensions = 0] = numbers;
  const { offsets, end } = layOut([count * 4, count * dimensions]);
  const [scales = 0, values = 0] = offsets.map((offset) => bytes.byteOffset + offset);
  if (end !== bytes.length) throw new DamagedSegmentError("of another shape");
  return {
    count,
    dimensions,
    scales: new Float32Array(bytes.buffer, scales, count),
    values: new Int8Array(bytes.buffer, values, count * dimensions),
    sizeBytes: bytes.length,
  };
}

/** A vector scaled to unit length, then to bytes. */
export function quantize(
  vector: ArrayLike<number>,
  dimensions = vector.length,
): { scale: number; values: Int8Array<ArrayBuffer> } {
  let squares = 0;
  let largest = 0;
  for (let at = 0; at < dimensions; at++) {
    const value = vector[at] ?? 0;
    squares += value * value;
    largest = Math.max(largest, Math.abs(value));
  }
  const values = new Int8Array(dimensions);
  if (largest === 0) return { scale: 0, values };
  for (let at = 0; at < dimensions; at++) values[at] = Math.round(((vector[at] ?? 0) / largest) * 127);
  return { scale: largest / 127 / Math.sqrt(squares), values };
}
