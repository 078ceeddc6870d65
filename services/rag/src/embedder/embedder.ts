/** Turns texts into vectors whose dot product says how alike their meanings are. */
export interface Embedder extends AsyncDisposable {
  /** Names the model; vectors of different models are never compared. */
  readonly modelId: string;
  readonly dimensions: number;
  /** The share of the dense score in the fused ranking that serves this model best, 0 to 1. */
  readonly denseWeight: number;
  /**
   * One unit vector per text, in order. `query` goes before any `bulk` that waits. Rejects with the signal's reason when
   * it aborts, and with EmbedderUnavailableError when the model cannot be used.
   */
  embed(texts: readonly string[], urgency: Urgency, signal: AbortSignal): Promise<Float32Array[]>;
}

/** Whether a person waits for the vectors. */
export type Urgency = "query" | "bulk";

/** The model could not be loaded or broke off; trying again later may help. */
export class EmbedderUnavailableError extends Error {
  override readonly name = "EmbedderUnavailableError";
}
