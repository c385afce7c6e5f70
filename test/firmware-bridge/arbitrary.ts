import fc from "fast-check";
import { type EventColumns, isWordForm, type WordForm } from "../../firmware-bridge/protocol/events.js";
import { type Field, type FieldType, FRAMES, type FrameName, type FrameType } from "../../firmware-bridge/protocol/fields.js";
import { type Message } from "./vectors.js";

const integer = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 3, arbitrary: fc.integer({ min, max }) }, { weight: 1, arbitrary: fc.constantFrom(min, max, min + 1, max - 1) });
const text = (most: number): fc.Arbitrary<string> => fc.string({ unit: "grapheme-ascii", maxLength: most });

const VALUE: Readonly<Record<FieldType, fc.Arbitrary<number | string>>> = {
  u8: integer(0, 255),
  u16: integer(0, 65535),
  i16: integer(-32768, 32767),
  u32: integer(0, 2 ** 32 - 1),
  i32: integer(-(2 ** 31), 2 ** 31 - 1),
  text24: text(24),
  text32: text(32),
};

const fields = (list: readonly Field[]): fc.Arbitrary<Record<string, number | string>> =>
  fc.record(Object.fromEntries(list.map(({ name, type }) => [name, VALUE[type]])));

/** Every type and every form, but words. */
export const messages: readonly { readonly title: string; readonly arbitrary: fc.Arbitrary<Message> }[] =
  (Object.entries(FRAMES) as [FrameName, FrameType][]).flatMap(([name, { forms }]) => forms.map(({ name: title, head, record, words }, form) => ({
    title: `${name} ${title}`,
    arbitrary: words
      ? fc.record({ name: fc.constant(name), form: fc.constant(form), flags: fc.constant(0), seq: integer(0, 65535), t0: integer(0, 2 ** 32 - 1),
        head: fields(head), records: fc.constant([]) })
      : fc.record({
        name: fc.constant(name),
        form: fc.constant(form),
        flags: integer(0, 63).map((bits) => bits << 2),
        seq: integer(0, 65535),
        t0: integer(0, 2 ** 32 - 1),
        head: fields(head),
        records: record ? fc.oneof(fc.array(fields(record), { maxLength: 12 }), fc.array(fields(record), { minLength: 40, maxLength: 90 })) : fc.constant([]),
      }),
  })));

export const wordForms: fc.Arbitrary<WordForm> = fc
  .record({ wordBytes: fc.integer({ min: 2, max: 4 }), xBits: fc.integer({ min: 1, max: 15 }), yBits: fc.integer({ min: 1, max: 15 }) })
  .filter(isWordForm);

export interface SomeEvents {
  readonly form: WordForm | undefined;
  readonly columns: EventColumns;
  readonly count: number;
}

/** Events that fit a form: bursts, pauses of every length that a form tells differently, and times that go back. */
export const someEvents = (most: number): fc.Arbitrary<SomeEvents> =>
  fc.option(wordForms, { nil: undefined, freq: 4 }).chain((form) => {
    const timeBits = form === undefined ? 16 : 8 * form.wordBytes - 1 - form.xBits - form.yBits;
    const step = 2 ** timeBits - 1, long = step + 2 ** (form === undefined ? 16 : 1 + form.xBits + form.yBits);
    // A clock of 32 bits cannot tell a longer pause.
    const edges = [long - 1, long, 2 * long, 4 * long - 1, 4 * long, 65535, 65536, 2 ** 31 - 1, 2 ** 31];
    const gap = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 3 }) },
      { weight: 2, arbitrary: fc.constantFrom(0, step - 1, step, step + 1).map((micros) => Math.max(0, micros)) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: Math.min(2 ** 31, 6 * long) }) },
      { weight: 1, arbitrary: fc.constantFrom(...edges.filter((micros) => micros <= 2 ** 31)) },
      { weight: 1, arbitrary: fc.integer({ min: -100, max: -1 }) },
    );
    const side = (bits: number): fc.Arbitrary<number> => integer(0, 2 ** bits - 1);
    const event = fc.record({ gap, x: side(form?.xBits ?? 16), y: side(form?.yBits ?? 15), p: fc.integer({ min: 0, max: 1 }) });
    return fc.record({ start: integer(0, 2 ** 32 - 1), list: fc.array(event, { maxLength: most, size: "max" }) }).map(({ start, list }) => {
      const count = list.length, t = new Float64Array(count);
      let now = 2 ** 34 + start;
      list.forEach(({ gap: micros }, i) => (t[i] = now += micros));
      return { form, count, columns: { t, x: Uint16Array.from(list, (e) => e.x), y: Uint16Array.from(list, (e) => e.y), p: Uint8Array.from(list, (e) => e.p) } };
    });
  });

/** What a line does to bytes: flips bits, replaces, removes and repeats. Places are shares of the length. */
export const damages: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .array(fc.record({
    kind: fc.constantFrom("flip", "replace", "remove", "repeat", "zero"),
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    length: fc.integer({ min: 1, max: 40 }),
    bytes: fc.uint8Array({ maxLength: 20 }),
  }), { maxLength: 6 })
  .map((list) => (bytes: Uint8Array) => list.reduce((before, { kind, place, length, bytes: inserted }) => {
    const at = Math.floor(place * before.length), out = Buffer.from(before);
    switch (kind) {
      case "flip":
        if (out.length > 0) out[at]! ^= 1 << (length & 7);
        return out;
      case "zero":
        if (out.length > 0) out[at] = 0;
        return out;
      case "replace":
        return Buffer.concat([out.subarray(0, at), inserted, out.subarray(at + inserted.length)]);
      case "remove":
        return Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
      default:
        return Buffer.concat([out.subarray(0, at + length), out.subarray(at)]);
    }
  }, bytes));
