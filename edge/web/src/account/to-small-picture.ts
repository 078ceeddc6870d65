/** Larger than any place where it is shown. */
const maxSidePx = 512;

/** The middle of a picture, square and small enough to keep. Rejects with what to tell if the browser can't read it. */
export async function toSmallPicture(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new Error("This file is not a picture that can be shown.");
  });
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(side, maxSidePx);
  canvas.height = canvas.width;
  const left = (picture.width - side) / 2;
  const top = (picture.height - side) / 2;
  canvas.getContext("2d")?.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
  picture.close();
  const { promise, resolve } = Promise.withResolvers<Blob | null>();
  canvas.toBlob(resolve, "image/webp", 0.86);
  return (await promise) ?? file;
}
