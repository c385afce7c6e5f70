import { setTimeout as sleep } from "node:timers/promises";
import { fullJitter } from "./backoff.js";
import { brokerError, withoutPassword } from "./broker-errors.js";
import { hexCode, LinkError, openLink, type Link, type LinkOptions } from "./link.js";
import type { Notice } from "./notices.js";

/** A connection that ends sooner, while the broker is there all the time, is not a success: the waits go on growing. */
const SETTLED_MILLIS = 10_000;
/** So many such connections in a row are a sign of two clients with one id. */
const QUICK_ENDS = 3;
const SESSION_TAKEN_OVER = hexCode(0x8e);

/** Connects with MQTT 5, or with 3.1.1 where the broker does not know 5. @throws LinkError */
export async function openNewest(options: LinkOptions, notify: (notice: Notice) => void): Promise<Link> {
  const five = await attempt(options, "5");
  if (!(five instanceof LinkError)) return five;
  if (!five.mayBeVersion) throw five;
  const old = await attempt(options, "3.1.1");
  if (old instanceof LinkError) throw old.code === undefined ? five : old;
  notify({
    code: "BROKER_OLD_PROTOCOL",
    message: `${withoutPassword(options.url)} speaks MQTT 3.1.1 only`,
    remedy: "messages go out without properties, expiry and will delay; a broker with MQTT 5 has them",
  });
  return old;
}

async function attempt(options: LinkOptions, protocol: Link["protocol"]): Promise<Link | LinkError> {
  try {
    return await openLink(options, protocol);
  } catch (error) {
    if (error instanceof LinkError) return error;
    throw error;
  }
}

export interface KeptConnection {
  readonly link: LinkOptions;
  readonly notify: (notice: Notice) => void;
  /** An open connection to begin with. */
  readonly first?: Link | undefined;
  up(link: Link): void;
  down(): void;
}

/** Connects, and connects again with growing waits whenever the connection ends, until link.signal. */
export async function keepConnected(kept: KeptConnection): Promise<void> {
  const { notify } = kept;
  const { signal } = kept.link;
  const where = withoutPassword(kept.link.url);
  let next = kept.first;
  let failures = 0;
  let quickEnds = 0;
  while (!signal.aborted) {
    try {
      const link = next ?? (await openNewest(kept.link, notify));
      next = undefined;
      if (signal.aborted) {
        await link.end();
        return;
      }
      const since = performance.now();
      // A broker that does not remember this client was started anew, which explains the end before.
      if (!link.sessionPresent) quickEnds = 0;
      notify({ code: "BROKER_CONNECTED", message: `connected to ${where} with MQTT ${link.protocol}`, remedy: "nothing to do" });
      kept.up(link);
      const reason = await link.closed;
      kept.down();
      if (signal.aborted) return;
      const settled = performance.now() - since >= SETTLED_MILLIS;
      quickEnds = settled ? 0 : quickEnds + 1;
      failures = quickEnds;
      notify({ code: "BROKER_LOST", message: `${where}: ${reason}`, remedy: "it is tried again by itself" });
      if (quickEnds === QUICK_ENDS || reason.includes(SESSION_TAKEN_OVER)) notify(duplicateNotice(kept.link.clientId));
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      if (signal.aborted) return;
      const { code, message, remedy } = brokerError(kept.link.url, error);
      notify({ code: code as Notice["code"], message, remedy });
      failures++;
      // Nobody listened: it was the broker that went, not we that were thrown out.
      if (!error.answered) quickEnds = 0;
    }
    await sleep(fullJitter(Math.max(0, failures - 1)), undefined, { signal }).catch(() => undefined);
  }
}

function duplicateNotice(clientId: string): Notice {
  return {
    code: "BROKER_DUPLICATE_ID",
    message: `the broker keeps ending the connection; another client may use the id ${clientId}`,
    remedy: "give each gateway its own name or client id",
  };
}
