import { stringify } from "yaml";
import type { BrokerConfig, Config, DenoiseConfig, InputConfig, SourceConfig } from "./config.js";
import { durationText } from "./duration.js";

/** What stands in place of a secret. */
export const HIDDEN = "***";

/** A configuration as its file would say it in full: every default written out, every secret hidden. */
export function shownConfig({ gateway, stateFolder, mqtt, models, sources }: Config): object {
  return {
    gateway,
    "state-folder": stateFolder,
    ...defined({ mqtt: mqtt && shownBroker(mqtt) }),
    models: Object.fromEntries(models),
    sources: Object.fromEntries([...sources].map(([name, source]) => [name, shownSource(source)])),
  };
}

/** The same as YAML, which may be read again once the secrets are put back. */
export function shownYaml(config: Config): string {
  return stringify(shownConfig(config), { lineWidth: 0 });
}

function shownBroker({ url, base, username, password, clientId, cbor, queueLimit, expirySeconds }: BrokerConfig): object {
  return {
    url,
    base,
    ...defined({ username, password: password === undefined ? undefined : HIDDEN, "client-id": clientId }),
    cbor,
    queue: queueLimit,
    expiry: durationText(expirySeconds * 1e6),
  };
}

function shownSource(source: SourceConfig): object {
  const { input, format, size, models, results, overload, stallMillis, denoise, record, sensorInfo } = source;
  return {
    [input.kind]: shownInput(input),
    format,
    ...defined({ size: size && `${size.width}x${size.height}` }),
    models,
    results,
    overload,
    "stall-after": Number.isFinite(stallMillis) ? durationText(stallMillis * 1000) : "never",
    ...defined({ denoise: shownDenoise(denoise), record, "sensor-info": sensorInfo }),
  };
}

function shownInput(input: InputConfig): object {
  switch (input.kind) {
    case "serial":
      return { port: input.port, baud: input.baudRate, rtscts: input.rtscts };
    case "udp":
      return { port: input.port, address: input.address, ...defined({ from: input.from, group: input.group }) };
    case "mqtt":
      return { topic: input.topic };
    case "file":
      return { path: input.path, speed: input.speed };
  }
}

function shownDenoise({ hotPixelRate, refractoryMicros, backgroundActivityMicros }: DenoiseConfig): object | undefined {
  const text = (micros: number | undefined): string | undefined => (micros === undefined ? undefined : durationText(micros));
  const on = defined({
    "hot-pixels": hotPixelRate,
    "background-activity": text(backgroundActivityMicros),
    refractory: text(refractoryMicros),
  });
  return Object.keys(on).length === 0 ? undefined : on;
}

/** Without what is undefined. */
function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
