import type { BrokerConfig, SourceConfig } from "../config/config.js";
import type { Device } from "../sources/connection.js";
import { mqttDevice } from "../sources/mqtt.js";
import { serialDevice } from "../sources/serial.js";
import { udpDevice } from "../sources/udp.js";

/** Where a live source's bytes come from. @throws SaccadeError CONFIG_INVALID */
export function deviceOf({ input, overload }: SourceConfig, broker: BrokerConfig | undefined): Device {
  switch (input.kind) {
    case "serial": return serialDevice({ port: input.port, baudRate: input.baudRate, rtscts: input.rtscts, overload });
    case "udp": return udpDevice({ address: input.address, port: input.port, from: input.from, group: input.group, overload });
    case "mqtt": {
      const { url, username, password, clientId } = broker!;
      return mqttDevice({ url, username, password, clientId, topic: input.topic, overload });
    }
    case "file": throw new RangeError("a file is no device");
  }
}
