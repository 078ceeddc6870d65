/** Turns text into vectors whose cosine tells how alike two texts are in meaning. */
export interface Embedder extends AsyncDisposable {
  /** Names the model and its version: vectors of different models are never compared. */
  readonly model: string;
  /** How much its ranking counts beside the words', 0 to 1; chosen on development sets. */
  readonly weight: number;
  /** The cosine below which two texts have nothing in common. */
  readonly nearness: number;
  /** Whether the model was made for the language this text is in. */
  canRead(text: string): boolean;
  /**
   * One unit vector per text, in order, all of one length; the same text gives the same vector. Queries go before bulk work
   * that waits. Throws EmbedderUnavailableError, or the signal's reason.
   */
  embed(texts: readonly string[], purpose: "query" | "bulk", signal: AbortSignal): Promise<Float32Array[]>;
}

/** The model cannot be reached or loaded now. */
export class EmbedderUnavailableError extends Error {
  override readonly name = "EmbedderUnavailableError";
}
