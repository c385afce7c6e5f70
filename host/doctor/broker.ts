import { randomUUID } from "node:crypto";
import mqtt from "mqtt";
import type { BrokerConfig, Config } from "../config/config.js";
import { SaccadeError } from "../errors.js";
import { brokerError } from "../mqtt/broker-errors.js";
import { openNewest } from "../mqtt/connection.js";
import { hexCode, type Link, LinkError, type LinkOptions } from "../mqtt/link.js";
import { topicsOf } from "../publishers/topics.js";
import { codeOf, fail, type Finding, ok, warn } from "./finding.js";

const CONNECT_MILLIS = 5000;
/** Retained messages come right behind the subscription's acknowledgement. */
const RETAINED_MILLIS = 500;
const REFUSED = 0x80;

/**
 * Whether the broker is there, lets us in, takes what we publish, and whether a gateway of this name is online already. Under a client id
 * of its own, so that it throws nobody out.
 */
export async function checkBroker({ mqtt: broker, gateway }: Pick<Config, "mqtt" | "gateway">): Promise<Finding[]> {
  if (broker === undefined) return [ok("broker", "none is configured: messages are printed")];
  const topic = `${broker.base}/${gateway}/doctor`;
  const stop = new AbortController();
  try {
    const link = await openNewest(linkOptions(broker, topic, stop.signal), () => undefined);
    const findings = [reached(broker, link), ...(await checkPublishing(link, topic))];
    await link.end();
    return [...findings, ...(await checkName(broker, gateway))];
  } catch (error) {
    const told = error instanceof LinkError ? brokerError(broker.url, error) : error;
    if (told instanceof SaccadeError) return [fail("broker", told.message, told.remedy)];
    return [fail("broker", `${broker.url}: ${codeOf(error)}`, "check the address")];
  }
}

function linkOptions(broker: BrokerConfig, topic: string, signal: AbortSignal): LinkOptions {
  return {
    url: broker.url,
    clientId: `saccade-doctor-${randomUUID().slice(0, 8)}`,
    username: broker.username,
    password: broker.password,
    will: { topic, payload: "", retain: false },
    connectTimeoutMillis: CONNECT_MILLIS,
    signal,
  };
}

function reached({ url }: BrokerConfig, { protocol, retainAvailable }: Link): Finding {
  if (!retainAvailable) return fail("broker", `${url} keeps no retained messages, which the status needs`, "allow them in the broker's configuration");
  if (protocol === "3.1.1") return warn("broker", `${url} speaks MQTT 3.1.1 only`, "use a broker with MQTT 5: messages then expire and carry properties");
  return ok("broker", `${url} answers with MQTT ${protocol}`);
}

async function checkPublishing(link: Link, topic: string): Promise<Finding[]> {
  const code = await link.publish(topic, "", { retain: false });
  if (code === undefined) return [fail("broker", "it ended the connection when something was published", "look into the broker's log")];
  if (code < REFUSED) return [];
  const remedy = `let this user write below ${topic.slice(0, topic.lastIndexOf("/"))}/ in the broker's access list`;
  return [fail("broker", `it refuses what is published at ${topic} (reason ${hexCode(code)})`, remedy)];
}

/** By the retained status of that name. */
async function checkName({ url, base, username, password }: BrokerConfig, gateway: string): Promise<Finding[]> {
  const { status } = topicsOf(base, gateway);
  const client = await mqtt.connectAsync(url, {
    protocolVersion: 4,
    clientId: `saccade-doctor-${randomUUID().slice(0, 8)}`,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_MILLIS,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  client.on("error", () => undefined);
  try {
    const said = new Promise<string>((resolve) => {
      client.once("message", (_topic, payload) => resolve(payload.toString("latin1")));
      setTimeout(() => resolve("nothing"), RETAINED_MILLIS);
    });
    await client.subscribeAsync(status, { qos: 0 });
    if ((await said) !== "online") return [];
    return [warn("broker", `a gateway of the name ${gateway} is online`, "nothing, if it is this one; if it is another, give each its own name")];
  } catch {
    return [];
  } finally {
    await client.endAsync(true);
  }
}
