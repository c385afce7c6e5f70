import type { Connection } from "../../host/sources/connection.js";

const PAUSE_MILLIS = 2, BYTES_A_PAUSE = 1000;

/** A sensor at the other end of a cable: silent until it is told otherwise, then its frames again and again. */
export abstract class SimulatedSensor {
  /** Commands that it understood, as the sensor's manual names them. */
  readonly understood: string[] = [];
  #device: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;

  attach(device: Connection): void {
    this.#device = device;
    void (async () => {
      for await (const { bytes } of device.chunks) this.hear(Buffer.from(bytes));
    })();
  }

  detach(): void {
    this.rest();
  }

  /** @param bytes latin1 */
  tell(bytes: string): void {
    this.hear(Buffer.from(bytes, "latin1"));
  }

  get streams(): boolean {
    return this.#timer !== undefined;
  }

  protected abstract hear(bytes: Buffer): void;

  protected say(bytes: Uint8Array | string): void {
    void this.#device?.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  protected stream(frames: readonly Uint8Array[]): void {
    let next = 0;
    this.rest();
    this.#timer = setInterval(() => {
      for (let bytes = 0; bytes < BYTES_A_PAUSE; next++) {
        const frame = frames[next % frames.length]!;
        this.say(frame);
        bytes += frame.length;
      }
    }, PAUSE_MILLIS);
  }

  protected rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** One that takes lines of text. */
export abstract class LineSensor extends SimulatedSensor {
  #text = "";

  protected override hear(bytes: Buffer): void {
    const lines = (this.#text + bytes.toString("latin1")).split("\n");
    this.#text = lines.pop()!;
    for (const line of lines) {
      this.understood.push(line);
      this.obey(line);
    }
  }

  protected abstract obey(line: string): void;
}

/** eDVS4337: echoes and answers in text while it sends no events. */
export class Edvs extends LineSensor {
  #format = 0;
  /** @param events the bytes of each event, by format */
  constructor(readonly events: (format: number) => readonly Uint8Array[]) {
    super();
  }

  protected override obey(line: string): void {
    if (!this.streams) this.say(`${line}\n`);
    if (line === "E+") this.stream(this.events(this.#format));
    else if (line === "E-") this.rest();
    else if (line === "?V") this.say("EDVS-4337, RELEASE V1.3 Jul  7 2014, 15:51:00\n");
    else if (/^!E[0-4]$/.test(line)) this.say(`-E${(this.#format = Number(line[2]))}\n`);
    else if (line !== "" && line !== "!ET=0") this.say("?\n");
  }
}

const answer = (type: number, body: Uint8Array): Buffer => Buffer.concat([Buffer.from([0xa5, 0x5a, body.length, 0, 0, 0, type]), body]);
const info = (model: number): Buffer => Buffer.concat([Buffer.from([model, 29, 1, 7]), Buffer.from("00112233445566778899aabbccddeeff", "hex")]);

export interface RplidarModel {
  /** By the sensor's own number: the type of the answer, and head and frames of the stream. */
  readonly modes: readonly { readonly type: number; readonly head: Uint8Array; readonly frames: readonly Uint8Array[] }[];
  readonly typical?: number;
  /** Status and code. */
  readonly health?: readonly [status: number, code: number];
  /** Whether a PWM command must turn the motor first. */
  readonly board?: boolean;
}

/** RPLIDAR: while it measures it hears nothing but a stop; while it protects itself it does not measure. */
export class Rplidar extends SimulatedSensor {
  #held = Buffer.alloc(0);
  #turns: boolean;
  constructor(readonly model: RplidarModel) {
    super();
    this.#turns = model.board !== true;
  }

  protected override hear(bytes: Buffer): void {
    this.#held = Buffer.concat([this.#held, bytes]);
    while (this.#held.length >= 2) {
      if (this.#held[0] !== 0xa5) throw new Error(`an RPLIDAR was sent ${this.#held.toString("hex")}`);
      const code = this.#held[1]!, length = code < 0x80 ? 2 : 4 + (this.#held[2] ?? Infinity);
      if (this.#held.length < length) return;
      const request = this.#held.subarray(0, length);
      this.#held = this.#held.subarray(length);
      if (code >= 0x80 && request.reduce((xor, byte) => xor ^ byte, 0) !== 0) throw new Error(`a wrong sum in ${request.toString("hex")}`);
      if (!this.streams || code === 0x25) this.#obey(code, request.subarray(3, -1));
    }
  }

  #obey(code: number, payload: Buffer): void {
    const { health = [0, 0] } = this.model;
    this.understood.push(code.toString(16));
    if (code === 0x25) this.rest();
    else if (code === 0x50) this.say(answer(0x04, info(0x28)));
    else if (code === 0x52) this.say(answer(0x06, Buffer.from([health[0], health[1] & 255, health[1] >> 8])));
    else if (code === 0x84) this.#tell(payload.readUInt32LE(0), payload);
    else if (code === 0xf0) this.#turns = payload.readUInt16LE(0) > 0;
    else if (code === 0x20) this.#measure(this.model.modes.findIndex(({ type }) => type === 0x81));
    else if (code === 0x82) this.#measure(payload[0] === 0 ? this.model.modes.findIndex(({ type }) => type === 0x82) : payload[0]!);
  }

  #tell(entry: number, payload: Buffer): void {
    const { modes, typical } = this.model;
    const value = entry === 0x70 ? [modes.length, 0] : entry === 0x7c ? [typical!, 0] : [modes[payload.readUInt16LE(4)]!.type];
    this.say(answer(0x20, Buffer.from([entry, 0, 0, 0, ...value])));
  }

  #measure(mode: number): void {
    if (!this.#turns || this.model.health?.[0] === 2) return;
    const { head, frames } = this.model.modes[mode]!;
    this.say(head);
    this.stream(frames);
  }
}

/** YDLIDAR: two bytes a command. */
export class Ydlidar extends SimulatedSensor {
  #held = Buffer.alloc(0);
  constructor(readonly frames: readonly Uint8Array[]) {
    super();
  }

  protected override hear(bytes: Buffer): void {
    this.#held = Buffer.concat([this.#held, bytes]);
    for (; this.#held.length >= 2; this.#held = this.#held.subarray(2)) {
      if (this.#held[0] !== 0xa5) throw new Error(`a YDLIDAR was sent ${this.#held.toString("hex")}`);
      const code = this.#held[1]!;
      this.understood.push(code.toString(16));
      if (code === 0x65) this.rest();
      else if (code === 0x90) this.say(answer(0x04, info(6)));
      else if (code === 0x91 || code === 0x92) this.say(answer(0x06, Buffer.from([0, 0, 0])));
      else if (code === 0x60) {
        this.say(Buffer.from("a55a0500004081", "hex"));
        this.stream(this.frames);
      }
    }
  }
}

const scipSum = (text: string): string => `${text}${String.fromCharCode(([...text].reduce((sum, c) => sum + c.charCodeAt(0), 0) & 63) + 0x30)}`;

/** Hokuyo: measures with its laser lit by BM or MD; a URG-04LX may wake up in SCIP 1.1. */
export class Hokuyo extends LineSensor {
  #scip = 2;
  /** @param scans whole answers to MD from the first to the last step   @param scip 1 to wake up in SCIP 1.1 */
  constructor(readonly first: number, readonly last: number, readonly scans: (first: number, last: number) => readonly Uint8Array[], scip = 2) {
    super();
    this.#scip = scip;
  }

  protected override obey(line: string): void {
    const lines = (...rest: readonly string[]): void => this.say([line, ...rest, "", ""].join("\n"));
    if (line === "SCIP2.0") {
      this.#scip = 2;
      lines("0");
    } else if (this.#scip === 1) lines("E");
    else if (line === "QT") {
      this.rest();
      lines("00P");
    } else if (line === "BM") lines("00P");
    else if (line === "VV")
      lines("00P", ...["VEND:Hokuyo Automatic Co.,Ltd.", "FIRM:3.1.00(18/Jan./2007)", "PROT:SCIP 2.0", "SERI:H0614967"].map((text) =>
        `${text};${scipSum(text).at(-1)}`));
    else if (line === "PP")
      lines("00P", ...[
        "MODL:URG-04LX(Hokuyo Automatic Co.,Ltd.)", "DMIN:20", "DMAX:5600", "ARES:1024", `AMIN:${this.first}`, `AMAX:${this.last}`, "AFRT:384", "SCAN:600",
      ].map((text) => scipSum(`${text};`)));
    else this.#measure(line, lines);
  }

  #measure(line: string, lines: (...rest: readonly string[]) => void): void {
    const [, first, last] = /^MD(\d{4})(\d{4})01000$/.exec(line)?.map(Number) ?? [];
    if (first === undefined || last === undefined) return lines(scipSum("0E"));
    if (this.streams) return lines(scipSum("0B"));
    if (last > this.last) return lines(scipSum("04"));
    lines("00P");
    this.stream(this.scans(first, last));
  }
}

/** TFmini Plus, its output off when it wakes up. */
export class Tfmini extends SimulatedSensor {
  #held = Buffer.alloc(0);
  #unit = 1;
  /** @param frames of a unit: 1 cm, 6 mm */
  constructor(readonly frames: (unit: number) => readonly Uint8Array[]) {
    super();
  }

  protected override hear(bytes: Buffer): void {
    this.#held = Buffer.concat([this.#held, bytes]);
    while (this.#held.length >= 4 && this.#held.length >= this.#held[1]!) {
      const frame = this.#held.subarray(0, this.#held[1]!);
      this.#held = this.#held.subarray(frame.length);
      const sum = frame.subarray(0, -1).reduce((total, byte) => total + byte, 0) & 255;
      if (frame[0] !== 0x5a || sum !== frame.at(-1)) throw new Error(`a TFmini was sent ${frame.toString("hex")}`);
      this.understood.push(frame.subarray(2, -1).toString("hex"));
      this.#obey(frame);
    }
  }

  #obey(frame: Buffer): void {
    const reply = [...frame.subarray(0, -1)];
    if (frame[2] === 1) reply.splice(0, 3, 0x5a, 7, 1, 1, 2, 3);
    if (frame[2] === 5) this.#unit = frame[3]!;
    this.say(Buffer.from([...reply, reply.reduce((total, byte) => total + byte, 0) & 255]));
    if (frame[2] === 7 && frame[3] === 1) this.stream(this.frames(this.#unit));
    else if (frame[2] === 7) this.rest();
  }
}
