import type { FileHandle } from "node:fs/promises";

/** What is written at once. */
const bufferBytes = 256 * 1024;
/** Buffers that are kept for the next writers. */
const maxSpare = 32;
const spare: Buffer[] = [];

/** Adds to the end of a file. */
export type FileAppender = Disposable & {
  /** Takes all of `piece`, which is its owner's again afterwards; one at a time. Throws what an earlier write met. */
  write(piece: Uint8Array): Promise<void>;
  /** Has what was written until this call in the file, while writing may go on; answers the file's length then. */
  flush(): Promise<number>;
};

/**
 * Appends from `startBytes` on, through two buffers: one fills while the other is written. Pieces as a socket brings them would
 * each take a turn of the thread pool, and would have to stay until it is over.
 */
export function createFileAppender(handle: FileHandle, startBytes: number): FileAppender {
  let filling = takeBuffer();
  let resting: Buffer | undefined;
  /** Where in the file the buffer that fills begins, how much is in it, and how much of that is on its way. */
  let position = startBytes;
  let filled = 0;
  let sent = 0;
  let writing: Promise<unknown> = Promise.resolve();

  function send(): void {
    if (sent < filled) {
      writing = Promise.all([writing, writeAll(handle, filling.subarray(sent, filled), position + sent)]);
      // Whoever writes or flushes next is told.
      writing.catch(() => {});
    }
    sent = filled;
  }

  async function swap(): Promise<void> {
    // The buffer that rests is free once all that was sent before is written.
    await writing;
    send();
    [filling, resting] = [resting ?? takeBuffer(), filling];
    position += bufferBytes;
    filled = 0;
    sent = 0;
  }

  return {
    async write(piece) {
      for (let done = 0; done < piece.length; ) {
        const part = piece.subarray(done, done + bufferBytes - filled);
        filling.set(part, filled);
        filled += part.length;
        done += part.length;
        if (filled === bufferBytes) await swap();
      }
    },
    async flush() {
      send();
      const lengthBytes = position + filled;
      await writing;
      return lengthBytes;
    },
    [Symbol.dispose]() {
      const buffers = resting ? [filling, resting] : [filling];
      // What is still being written must not be given to anybody else.
      writing.then(
        () => spare.push(...buffers.slice(0, Math.max(0, maxSpare - spare.length))),
        () => {},
      );
    },
  };
}

const takeBuffer = () => spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
