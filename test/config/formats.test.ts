import t from "tap";
import { AUTO, FORMAT_FACTS } from "../../host/config/format-facts.js";
import { isPointStream, liveFormats, TRANSPORTS } from "../../host/decoders/live.js";

t.test("a configuration takes those formats of each kind of source that there is a decoder for", async (t) => {
  for (const transport of TRANSPORTS) {
    const configured = [...FORMAT_FACTS].filter(([name, { inputs }]) => name !== AUTO && inputs.includes(transport)).map(([name]) => name);
    t.same(configured.sort(), [...liveFormats(transport)].sort(), transport);
  }
});

t.test("and knows which of them give points", async (t) => {
  const live = new Set(TRANSPORTS.flatMap((transport) => liveFormats(transport)));
  t.same([...live].filter((name) => (FORMAT_FACTS.get(name)!.gives === "points") !== isPointStream(name)), []);
});
