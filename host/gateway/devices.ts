import type { BrokerConfig, SourceConfig } from "../config/config.js";
import type { Device } from "../sources/connection.js";
import { mqttDevice } from "../sources/mqtt.js";
import { serialDevice } from "../sources/serial.js";
import { udpDevice } from "../sources/udp.js";

/** An RPLIDAR A1's motor stands still while DTR is set. */
const MOTOR_OFF_BY_DTR = "rplidar";

/** Where a live source's bytes come from. @throws SaccadeError CONFIG_INVALID */
export function deviceOf({ input, format, overload }: SourceConfig, broker: BrokerConfig | undefined): Device {
  switch (input.kind) {
    case "serial": {
      const { port, baudRate, rtscts } = input;
      return serialDevice({ port, baudRate, rtscts, dtr: format.startsWith(MOTOR_OFF_BY_DTR) ? false : undefined, overload });
    }
    case "udp": return udpDevice({ address: input.address, port: input.port, from: input.from, group: input.group, overload });
    case "mqtt": {
      const { url, username, password, clientId } = broker!;
      return mqttDevice({ url, username, password, clientId, topic: input.topic, overload });
    }
    case "file": throw new RangeError("a file is no device");
  }
}
