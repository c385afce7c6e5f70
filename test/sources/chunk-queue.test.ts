import t from "tap";
import { ChunkQueue } from "../../host/sources/chunk-queue.js";

const bytes = (n: number, first: number): Uint8Array => Uint8Array.from({ length: n }, () => first);

async function all(queue: ChunkQueue): Promise<number[]> {
  const found: number[] = [];
  for await (const chunk of queue) found.push(chunk.bytes[0]!);
  return found;
}

t.test("what is put comes out in order, also when it comes later", async (t) => {
  const queue = new ChunkQueue();
  const reading = all(queue);
  queue.put(bytes(3, 1));
  await new Promise(setImmediate);
  for (let k = 2; k < 3000; k++) queue.put(bytes(1, k & 255));
  queue.end();
  queue.put(bytes(1, 9));
  t.same(await reading, Array.from({ length: 2999 }, (_, k) => (k + 1) & 255));
  t.same(queue.drops, {});
});

t.test("a full queue forgets the oldest or the newest, byte by byte counted", async (t) => {
  const oldest = new ChunkQueue({ capacity: 10, overload: "drop-oldest" });
  const newest = new ChunkQueue({ capacity: 10, overload: "drop-newest" });
  for (const queue of [oldest, newest]) {
    for (let k = 1; k <= 5; k++) queue.put(bytes(4, k));
    queue.end();
  }
  t.same(await all(oldest), [4, 5]);
  t.same(oldest.drops, { queue_full: 12 });
  t.same(await all(newest), [1, 2]);
  t.same(newest.drops, { queue_full: 12 });
});

t.test("a chunk that is greater than the queue is kept while it is alone", async (t) => {
  const queue = new ChunkQueue({ capacity: 10 });
  queue.put(bytes(100, 1));
  queue.end();
  t.same(await all(queue), [1]);
});

t.test("block asks the writer to wait, once, and to go on at half", async (t) => {
  const asked: boolean[] = [];
  const queue = new ChunkQueue({ capacity: 10, overload: "block", hold: full => asked.push(full) });
  for (let k = 1; k <= 5; k++) queue.put(bytes(4, k));
  queue.end();
  t.same(asked, [true]);
  t.same(await all(queue), [1, 2, 3, 4, 5]);
  t.same(asked, [true, false]);
  t.same(queue.drops, {});
});
