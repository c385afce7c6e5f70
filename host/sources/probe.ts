import type { Chunk, Connection } from "./connection.js";

export interface PeekOptions {
  /** Bytes that are enough. Default 16 KiB. */
  readonly bytes?: number;
  /** How long to listen from the first chunk on, ms. Default 500. */
  readonly millis?: number;
}

const BYTES = 16_384, MILLIS = 500;

/** A connection's first chunks, and the connection, which gives them again and then what follows. */
export interface Peeked {
  /** Empty when it ended before it said anything. */
  readonly first: readonly Chunk[];
  readonly connection: Connection;
}

/** Listens to what a connection says first, so that its format can be found; nothing of it is lost. */
export async function peek(connection: Connection, { bytes = BYTES, millis = MILLIS }: PeekOptions = {}): Promise<Peeked> {
  const chunks = connection.chunks[Symbol.asyncIterator]();
  const first: Chunk[] = [];
  let held = 0, late: Promise<undefined> | undefined, timer: NodeJS.Timeout | undefined;
  let coming = chunks.next();
  while (held < bytes) {
    const next = await (late === undefined ? coming : Promise.race([coming, late]));
    if (next === undefined || next.done) break;
    first.push({ at: next.value.at, bytes: next.value.bytes.slice() });
    held += next.value.bytes.length;
    late ??= new Promise((resolve) => (timer = setTimeout(resolve, millis, undefined)));
    coming = chunks.next();
  }
  clearTimeout(timer);
  async function* again(): AsyncGenerator<Chunk> {
    yield* first;
    for (let next = await coming; !next.done; next = await chunks.next()) yield next.value;
  }
  const { ended, drops } = connection;
  return {
    first,
    connection: { chunks: again(), ended, drops, write: (out) => connection.write(out), close: () => connection.close() },
  };
}
