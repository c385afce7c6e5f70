import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { Turns } from "../../host/cli/turns.js";

t.test("what is done side by side is said in order", async t => {
  const turns = new Turns();
  const said: string[] = [];
  const work = async (name: string, millis: number): Promise<void> => {
    const turn = turns.next();
    await sleep(millis);
    for (const part of ["a", "b", "c"])
      await turn.do(async () => {
        await sleep(3);
        said.push(name + part);
      });
    await turn.end();
  };
  await Promise.all([work("1", 30), work("2", 0), work("3", 10)]);
  t.same(said, ["1a", "1b", "1c", "2a", "2b", "2c", "3a", "3b", "3c"]);
});

t.test("what is given without waiting keeps its order too", async t => {
  const turn = new Turns().next();
  const said: number[] = [];
  for (let i = 0; i < 6; i++) void turn.do(() => (i % 2 === 0 ? sleep(5) : Promise.resolve()).then(() => void said.push(i)));
  await turn.end();
  t.same(said, [0, 1, 2, 3, 4, 5]);
});

t.test("more than is held waits for its turn", async t => {
  const turns = new Turns();
  const [first, second] = [turns.next(), turns.next()];
  let done = 0;
  for (let i = 0; i < 4096; i++) await second.do(() => void done++);
  let resolved = false;
  const beyond = second.do(() => void done++).then(() => (resolved = true));
  await sleep(5);
  t.same([done, resolved], [0, false]);
  await first.end();
  await beyond;
  t.equal(done, 4097);
});

t.test("an error is thrown to those who wait, and the next turn comes all the same", async t => {
  const turns = new Turns();
  const [first, second] = [turns.next(), turns.next()];
  await t.rejects(first.do(() => Promise.reject(new Error("full disk"))).then(() => first.end()), { message: "full disk" });
  await t.rejects(first.end(), { message: "full disk" });
  let said = false;
  await second.do(() => void (said = true));
  await second.end();
  t.ok(said);
});
