import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import xz from "xz-decompress";

/**
 * What an .xz file holds.
 * @param most bytes that it may hold
 * @throws Error when it is damaged, cut short or holds more
 */
export async function unpackXz(packed: Uint8Array, most: number): Promise<Uint8Array> {
  const source = new ReadableStream({
    start(controller) {
      controller.enqueue(packed);
      controller.close();
    },
  });
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of Readable.fromWeb(new xz.XzReadableStream(source as never) as never) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > most) throw new Error(`more than ${most} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}
