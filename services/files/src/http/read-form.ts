import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import busboy from "busboy";
import { malformedUpload } from "../errors.ts";

/** The one file of a form, as it arrives. */
export type FormFile = {
  /** The name its sender gives it; undefined if none. */
  readonly fileName: string | undefined;
  /** Its bytes; they end only when all of the form has been read and found well. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Stops reading the form, for a file that will not be read. */
  readonly stop: () => void;
};

const limits = { fields: 20, parts: 30, fieldSize: 64 * 1024, fieldNameSize: 256, headerPairs: 50 };

/** Reads a multipart form (RFC 7578) up to the file in its field `file`. Other parts are skipped; a second file is an error. */
export async function readForm(headers: IncomingHttpHeaders, body: AsyncIterable<Uint8Array>): Promise<FormFile> {
  const form = openForm(headers);
  const stopped = new AbortController();
  const found = Promise.withResolvers<{ file: Readable; fileName: string | undefined }>();
  const finished = Promise.withResolvers<void>();
  // Both may fail before anyone waits for them.
  found.promise.catch(() => {});
  finished.promise.catch(() => {});
  let current: Readable | undefined;

  const fail = (error: Error) => {
    stopped.abort();
    found.reject(error);
    finished.reject(error);
    current?.destroy(error);
  };
  form.on("file", (field, file, { filename }) => {
    file.on("error", () => {});
    if (field !== "file") return file.resume();
    if (current) return fail(malformedUpload("Send one file at a time: the form has a second field `file`."));
    current = file;
    found.resolve({ file, fileName: filename });
  });
  form.on("partsLimit", () => fail(malformedUpload("The form has too many parts.")));
  form.on("fieldsLimit", () => fail(malformedUpload("The form has too many fields.")));
  form.on("error", () => fail(malformedUpload("The form is malformed or breaks off.")));
  form.on("close", () => {
    found.reject(malformedUpload("The form has no file in a field `file`."));
    finished.resolve();
  });
  pump(body, form, stopped.signal).catch(fail);

  const { file, fileName } = await found.promise;
  const stop = () => fail(malformedUpload("The upload was stopped."));
  return { fileName, stop, bytes: readFile(file, finished.promise, stop) };
}

async function* readFile(file: Readable, finished: Promise<void>, stop: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* file;
    await finished;
  } catch (error) {
    // A form that ends too early breaks its file off first, and says why after.
    await finished;
    throw error;
  } finally {
    stop();
  }
}

function openForm(headers: IncomingHttpHeaders): busboy.Busboy {
  try {
    return busboy({ headers, limits, defParamCharset: "utf8" });
  } catch {
    throw malformedUpload("The form's content type names no boundary.");
  }
}

/** Writes the body into the form no faster than the file in it is read. */
async function pump(body: AsyncIterable<Uint8Array>, form: busboy.Busboy, signal: AbortSignal): Promise<void> {
  for await (const piece of body) {
    if (signal.aborted) return;
    if (!form.write(piece)) await once(form, "drain", { signal });
  }
  form.end();
}
