import t from "tap";
import { Talk } from "../../host/gateway/talk.js";
import type { Command, SensorControl } from "../../host/sensors/control.js";
import type { Connection } from "../../host/sources/connection.js";

const command = (text: string): Command => ({ bytes: Buffer.from(text), restMillis: 0 });

/** Begins to talk on a line that notes what is written, and whether what came at that moment would have been decoded. */
function begun(control: SensorControl | undefined, said: string[]): Talk {
  const connection: Connection = {
    chunks: (async function* () {})(),
    ended: new Promise(() => undefined),
    drops: {},
    write: async (bytes) => {
      said.push(`${Buffer.from(bytes).toString()} ${talk.foreign ? "foreign" : "own"}`);
      return true;
    },
    close: async () => undefined,
  };
  const talk = new Talk(connection, { control, tell: () => undefined });
  talk.begin();
  return talk;
}

const START = ["stop", "format", "go"].map(command), STOP = [command("bye")];

t.test("what the last command asks for may come before its write is known to be done", async (t) => {
  const said: string[] = [], talk = begun({ start: START, foreignUntilStarted: true, stop: STOP }, said);
  t.equal(talk.foreign, true);
  await talk.end();
  t.same(said, ["stop foreign", "format foreign", "go own", "bye own"]);
});

t.test("what is due waits until all has been said that starts it", async (t) => {
  const said: string[] = [], talk = begun({ start: START, stop: STOP, due: () => [command("due")] }, said);
  talk.hear({ bytes: Buffer.from("answer"), at: 0 });
  await talk.end();
  t.same(said, ["stop own", "format own", "go own", "due own", "bye own"]);
});

t.test("a sensor that streams by itself is told nothing", async (t) => {
  const said: string[] = [], talk = begun(undefined, said);
  t.equal(talk.foreign, false);
  await talk.end();
  t.same(said, []);
});
