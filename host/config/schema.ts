import { SOURCE } from "./schema-source.js";
import { duration, name, path } from "./schema-values.js";

const mqtt = {
  title: "Broker",
  description: "The MQTT broker that messages go to. Without it they are printed, one a line.",
  type: "object",
  additionalProperties: false,
  required: ["url"],
  properties: {
    url: {
      description: "mqtt://, mqtts://, ws:// or wss://, with or without a port.",
      type: "string",
      maxLength: 2048,
      examples: ["mqtt://localhost:1883", "mqtts://broker.example"],
    },
    base: {
      description: "The first part of every topic; may hold slashes.",
      type: "string",
      maxLength: 128,
      pattern: "^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
      patternErrorMessage: "letters, digits, _ and -, in parts separated by one /",
      default: "saccade",
      examples: ["saccade"],
    },
    username: { type: "string", minLength: 1, maxLength: 1024, description: "The user to log in as.", examples: ["pi-lab"] },
    password: {
      title: "Password",
      description: "The password; better {file: PATH}, the first line of a file, or {env: NAME}, an environment variable.",
      type: ["string", "object"],
      minLength: 1,
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      properties: {
        file: { ...path, description: "A file that only the gateway's user may read.", examples: ["/etc/saccade/mqtt.password"] },
        env: {
          description: "The name of an environment variable.",
          type: "string",
          pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
          patternErrorMessage: "the name of a variable, such as MQTT_PASSWORD",
          examples: ["MQTT_PASSWORD"],
        },
      },
      examples: [{ file: "/etc/saccade/mqtt.password" }],
    },
    "client-id": {
      description: "Default: made of the base, the gateway's name and this machine. Two clients with one id throw each other out.",
      type: "string",
      pattern: "^[!-~]{1,128}$",
      patternErrorMessage: "1 to 128 printable characters without blanks",
      examples: ["saccade-pi-lab"],
    },
    cbor: { description: "Whether events are published as CBOR too.", type: "boolean", default: true },
    queue: {
      description: "Events held while the broker is away; more push out the oldest, which are counted.",
      type: "integer",
      minimum: 1,
      maximum: 1_000_000,
      default: 4096,
    },
    expiry: { ...duration("1s", "365d"), description: "How long an event is of use to somebody who was away.", default: "24h" },
  },
} as const;

const model = {
  title: "Model",
  description: "A package, or a mapping of package and workers.",
  type: ["string", "object"],
  minLength: 1,
  additionalProperties: false,
  required: ["package"],
  properties: {
    package: { ...path, description: "A package's path, or its name in the zoo.", examples: ["nmnist", "models/gesture.saccade"] },
    workers: {
      description: "Threads that run it; 0: in line with decoding.",
      type: "integer",
      minimum: 0,
      maximum: 64,
      default: 1,
    },
  },
  examples: ["nmnist", { package: "models/gesture.saccade", workers: 2 }],
} as const;

/**
 * What a file for `saccade run` may hold: closed, with every default that does not depend on another key. Editors read it as
 * docs/config.schema.json. `patternErrorMessage` and `x-range` are ours; who does not know them passes over them.
 */
export const CONFIG_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "saccade.config/1",
  title: "Saccade configuration",
  description: "What `saccade run` reads. Relative paths are relative to the file.",
  type: "object",
  additionalProperties: false,
  required: ["gateway", "sources"],
  properties: {
    gateway: { ...name, description: "This gateway's name, a part of its topics; no two gateways of a broker share one.", examples: ["pi-lab"] },
    mqtt,
    models: {
      description: "Models by the names that sources call them by.",
      type: "object",
      propertyNames: name,
      additionalProperties: model,
      maxProperties: 64,
      default: {},
      examples: [{ digits: "nmnist" }],
    },
    sources: {
      description: "Sensors by their names, a part of their topics.",
      type: "object",
      propertyNames: name,
      additionalProperties: SOURCE,
      minProperties: 1,
      maxProperties: 64,
      examples: [{ cam0: { serial: { port: "/dev/ttyUSB0" }, format: "edvs-e2" } }],
    },
    "state-folder": {
      ...path,
      description: "Where the gateway keeps what outlives it. Default: $STATE_DIRECTORY, else $XDG_STATE_HOME/saccade, else ~/.local/state/saccade.",
      examples: ["/var/lib/saccade"],
    },
  },
} as const;

/** The schema as docs/config.schema.json has it. */
export function schemaText(): string {
  return `${JSON.stringify(CONFIG_SCHEMA, null, 2)}\n`;
}

/** A part of the schema, as far as problems are explained by it. */
export interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly patternErrorMessage?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly "x-range"?: readonly [least: string, most: string];
}
