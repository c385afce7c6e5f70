import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { ChunkQueue } from "../../host/sources/chunk-queue.js";
import { seeds } from "../seeds.js";

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

t.test("decimate keeps every second chunk, then every fourth, and all again when the queue has drained", async (t) => {
  const queue = new ChunkQueue({ capacity: 8, overload: "decimate" });
  for (let k = 0; k < 24; k++) queue.put(bytes(1, k));
  const reader = queue[Symbol.asyncIterator]();
  const kept: number[] = [];
  for (let k = 0; k < 6; k++) kept.push((await reader.next()).value!.bytes[0]);
  t.same(kept, [0, 4, 8, 12, 16, 20], "even distances: 8 were full, 16 were again");
  t.same(queue.drops, { decimated: 18 });
  for (let k = 30; k < 36; k++) queue.put(bytes(1, k));
  queue.end();
  for (let next = await reader.next(); !next.done; next = await reader.next()) kept.push(next.value.bytes[0]!);
  t.same(kept.slice(6), [30, 31, 32, 33, 34, 35]);
  t.same(queue.drops, { decimated: 18 });
});

t.test("decimate stays within its bytes whatever comes, and counts all that it leaves out", async () => {
  for (const seed of seeds())
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ length: fc.integer({ min: 1, max: 200 }), take: fc.boolean() }), { maxLength: 400 }), async (steps) => {
        const queue = new ChunkQueue({ capacity: 300, overload: "decimate" });
        const reader = queue[Symbol.asyncIterator]();
        let sent = 0, got = 0, latest = -1, waiting = 0;
        for (const [k, { length, take }] of steps.entries()) {
          queue.put(Uint8Array.from({ length }, () => k & 255));
          sent += length;
          waiting = sent - got - (queue.drops["decimated"] ?? 0) - (queue.drops["queue_full"] ?? 0);
          assert.ok(waiting <= 300 || waiting <= length);
          if (!take || waiting === 0) continue;
          const { value } = await reader.next();
          assert.ok(value!.at >= latest);
          latest = value!.at;
          got += value!.bytes.length;
        }
        queue.end();
        for (let next = await reader.next(); !next.done; next = await reader.next()) got += next.value.bytes.length;
        assert.equal(got + (queue.drops["decimated"] ?? 0) + (queue.drops["queue_full"] ?? 0), sent);
      }),
      { seed, numRuns: 60 },
    );
});
