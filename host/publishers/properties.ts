import type { IClientPublishOptions } from "mqtt";
import { EVENT_SCHEMA, type EventMessage } from "./messages.js";

type PublishProperties = NonNullable<IClientPublishOptions["properties"]>;

export const CONTENT = { json: "application/json", cbor: "application/cbor", text: "text/plain" } as const;
export type Content = keyof typeof CONTENT;

/** MQTT 5 properties of a retained message. */
export function retainedProperties(content: Content): PublishProperties {
  return { payloadFormatIndicator: content !== "cbor", contentType: CONTENT[content] };
}

/**
 * MQTT 5 properties of an event: what a receiver may route or de-duplicate by without reading the payload.
 * @param expirySeconds  what is left of the message's time, ≥ 1
 */
export function eventProperties(content: "json" | "cbor", event: EventMessage, expirySeconds: number): PublishProperties {
  const userProperties: Record<string, string> = { schema: EVENT_SCHEMA, gw: event.gateway, seq: `${event.seq}`, boot: `${event.boot}` };
  if (event.historical) userProperties["historical"] = "1";
  return { ...retainedProperties(content), messageExpiryInterval: expirySeconds, userProperties };
}
