import type { Build } from "./builds.js";
import type { RingMemory } from "./ring.js";
import type { MessageSizes } from "./slots.js";

/** Words that both sides watch, each on its own cache line. */
export const ORDERS = 0, TO_ENGINE = 16, TO_HOST = 32;
export const BELL_BYTES = 256;

/** What a thread of the pool is started with. */
export interface ThreadData {
  readonly plan: Uint8Array;
  readonly constants: Uint8Array;
  readonly build: Build;
  /** Streams that one engine has room for. */
  readonly streams: number;
  readonly sizes: MessageSizes;
  /** i32, zeros. ORDERS counts orders, TO_ENGINE windows and orders, TO_HOST results. */
  readonly bells: Int32Array;
  /** µs that the thread looks for the next window before it sleeps. */
  readonly spinMicros: number;
}

/** The rings of one stream. */
export interface StreamRings {
  readonly windows: RingMemory;
  readonly results: RingMemory;
}

/** From the host to a thread, beside the rings. `ask` is answered under its number. */
export type Order =
  | { readonly kind: "open"; readonly stream: number; readonly rings: StreamRings }
  | { readonly kind: "close"; readonly stream: number }
  | { readonly kind: "reset"; readonly stream: number }
  | { readonly kind: "save"; readonly stream: number; readonly ask: number }
  | { readonly kind: "restore"; readonly stream: number; readonly ask: number; readonly state: Uint8Array };

/** From a thread to the host. */
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly ask: number; readonly state?: Uint8Array }
  | { readonly kind: "refused"; readonly ask: number; readonly message: string; readonly remedy: string };
