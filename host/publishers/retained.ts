import type { Content } from "./properties.js";

export interface RetainedMessage {
  readonly topic: string;
  readonly payload: string;
  readonly content: Content;
}

/**
 * What is true now, one message a topic: a newer one takes the place of an older. After a new connection all of it is said again,
 * since the broker may have lost it.
 */
export class RetainedBoard {
  #messages = new Map<string, RetainedMessage>();
  #unsaid = new Set<string>();

  set(message: RetainedMessage): void {
    const old = this.#messages.get(message.topic);
    if (old?.payload === message.payload) return;
    this.#messages.set(message.topic, message);
    this.#unsaid.add(message.topic);
  }

  sayAllAgain(): void {
    for (const topic of this.#messages.keys()) this.#unsaid.add(topic);
  }

  take(): RetainedMessage | undefined {
    for (const topic of this.#unsaid) {
      this.#unsaid.delete(topic);
      return this.#messages.get(topic);
    }
    return undefined;
  }

  get unsaid(): number {
    return this.#unsaid.size;
  }
}
