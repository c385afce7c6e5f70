import type { Events } from "../types.js";

/** Events that grow in number, as columns. */
export class EventColumns implements Events {
  count = 0;
  t = new Float64Array(1024);
  x = new Uint16Array(1024);
  y = new Uint16Array(1024);
  p = new Uint8Array(1024);

  push(t: number, x: number, y: number, p: number): void {
    if (this.count === this.t.length) this.#double();
    this.t[this.count] = t;
    this.x[this.count] = x;
    this.y[this.count] = y;
    this.p[this.count] = p;
    this.count++;
  }

  /** Forgets the events and keeps the room. */
  clear(): void {
    this.count = 0;
  }

  #double(): void {
    const { t, x, y, p } = this;
    const room = 2 * t.length;
    (this.t = new Float64Array(room)).set(t);
    (this.x = new Uint16Array(room)).set(x);
    (this.y = new Uint16Array(room)).set(y);
    (this.p = new Uint8Array(room)).set(p);
  }
}
