import { SaccadeError } from "../errors.js";

/** @throws SaccadeError CONFIG_INVALID when it is not mqtt://, mqtts://, ws:// or wss:// with a host */
export function checkBrokerUrl(url: string): void {
  if (URL.canParse(url) && /^(mqtts?|wss?):$/.test(new URL(url).protocol) && new URL(url).hostname !== "") return;
  const remedy = "write it like mqtt://localhost:1883 or mqtts://host";
  throw new SaccadeError("CONFIG_INVALID", "the broker's address is no URL that is understood", remedy);
}

/** No topic has a longer name, bytes. */
const MOST_TOPIC_BYTES = 65_535;

/** One topic, by its whole name: no filter. @throws SaccadeError CONFIG_INVALID */
export function checkTopic(topic: string): void {
  const odd = topic === "" || /[+#\0]/.test(topic) || topic.startsWith("$share/") || Buffer.byteLength(topic) > MOST_TOPIC_BYTES;
  if (odd) throw new SaccadeError("CONFIG_INVALID", `${JSON.stringify(topic)} is no name of a topic`, "write one topic in full, without + and #");
}
