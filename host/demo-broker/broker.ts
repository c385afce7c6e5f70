import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { SaccadeError } from "../errors.js";

export interface DemoBroker {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const USUAL_PORT = 1883;

/**
 * A small MQTT 3.1.1 broker inside this process, on loopback, in memory: for the demo, where nobody has installed one.
 * @param wanted  a port; by default 1883, or any free one when that is taken
 * @throws SaccadeError BROKER_UNREACHABLE when the wanted port is taken
 */
export async function startDemoBroker(wanted?: number): Promise<DemoBroker> {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    broker.handle(socket);
  });
  const port = await listenSomewhere(server, wanted).catch((error: unknown) => {
    // Its timers would keep the process alive.
    broker.close();
    throw error;
  });
  return {
    url: `mqtt://${LOOPBACK}:${port}`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await closed;
    },
  };
}

async function listenSomewhere(server: Server, wanted: number | undefined): Promise<number> {
  try {
    return await listen(server, wanted ?? USUAL_PORT);
  } catch (error) {
    if (wanted === undefined) return listen(server, 0);
    const remedy = "give another port, or use the broker that has it";
    throw new SaccadeError("BROKER_UNREACHABLE", `port ${wanted} is taken (${(error as Error).message})`, remedy, { cause: error });
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => {
      server.removeListener("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
