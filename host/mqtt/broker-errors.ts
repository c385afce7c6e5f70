import { SaccadeError } from "../errors.js";
import { hexCode, type LinkError } from "./link.js";

/** What to do about a CONNACK, by its code in MQTT 3.1.1 and 5. */
const REFUSALS: Readonly<Record<number, string>> = {
  0x02: "give another client id",
  0x03: "look whether the broker is ready, and try again",
  0x04: "check the user name and password",
  0x05: "check the user name and password, and the broker's access list",
  0x85: "give another client id",
  0x86: "check the user name and password",
  0x87: "check the user name and password, and the broker's access list",
  0x88: "look whether the broker is ready, and try again",
  0x89: "the broker is busy: try again later",
  0x8a: "the broker has banned this client: look into its log",
  0x95: "raise the broker's greatest packet size",
  0x97: "the broker's quota is used up: try again later",
  0x9a: "the broker keeps no retained messages, which the status needs: allow them",
};

/** The error that users see for a connection that did not come about. */
export function brokerError(url: string, error: LinkError): SaccadeError {
  const where = withoutPassword(url);
  if (error.code !== undefined) {
    const remedy = REFUSALS[error.code] ?? "look into the broker's log";
    const what = `${where} answered with reason ${hexCode(error.code)} (${error.message})`;
    return new SaccadeError("BROKER_REFUSED", what, remedy, { cause: error });
  }
  const remedy = error.answered
    ? "look into the broker's log, and whether this port speaks MQTT (and TLS)"
    : "check the address and that the broker runs; Mosquitto listens on loopback only until a listener is configured";
  return new SaccadeError("BROKER_UNREACHABLE", `${where} cannot be reached (${error.message})`, remedy, { cause: error });
}

/** The URL for people and logs. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
