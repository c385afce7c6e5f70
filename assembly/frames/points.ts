// Events to a cloud of points (x, y, t, p): the input of networks that look at events as geometry.

import { PlanField } from "../abi";
import { planWord, tensorRecord } from "../memory/plan";
import { data, width } from "../memory/tensor";

/** Coordinates reach from −127 to 127. */
const REACH: u32 = 127;
/** i8 x, y, t, p: one word a point. */
const POINT: usize = 4;

/** Points in the cloud; one event in `stride` becomes a point, the next after `skip` more. */
let listed: u32 = 0, stride: u32 = 1, skip: u32 = 0;

/** The cloud has no points: all its coordinates are 0. */
export function clearPoints(): void {
  listed = 0;
  stride = 1;
  skip = 0;
  memory.fill(cloud(), 0, room() * POINT);
}

/**
 * Adds events to the cloud i8[1, N, 4], N even. While there is room every event is a point; when it is full, every second point is dropped,
 * and from then on every second event: N/2 to N points, evenly spread over the events however many come and however they are cut into calls.
 * They fill the tensor in their order, each once or several times: row i is point ⌊i · points / N⌋.
 *
 * @param x  u16[n]    @param y  u16[n]    @param p  u8[n], 0 OFF, else ON
 * @param t  u16[n]: 0 the beginning of the frame's time, 65535 its end
 * @returns  how many lie outside the sensor
 */
export function addPoints(x: usize, y: usize, t: usize, p: usize, n: u32): u32 {
  const w = planWord(PlanField.SensorWidth), h = planWord(PlanField.SensorHeight), most = <u32>room(), at = cloud();
  let outside: u32 = 0;
  gather(at, most);
  for (const past = p + <usize>n; p < past; x += 2, y += 2, t += 2, p++) {
    const px = <u32>load<u16>(x), py = <u32>load<u16>(y);
    if (px >= w || py >= h) {
      outside++;
      continue;
    }
    if (skip > 0) {
      skip--;
      continue;
    }
    if (listed == most) thin(at);
    skip = stride - 1;
    const point = at + <usize>listed * POINT;
    store<i8>(point, <i8>(place(px, w) - REACH));
    store<i8>(point, <i8>(place(py, h) - REACH), 1);
    store<i8>(point, <i8>((<u32>load<u16>(t) * (2 * REACH + 1) >> 16) - REACH), 2);
    store<i8>(point, load<u8>(p) != 0 ? <i8>REACH : -<i8>REACH, 3);
    listed++;
  }
  spread(at, most);
  return outside;
}

function cloud(): usize {
  return data(tensorRecord(planWord(PlanField.Input)));
}

/** N */
function room(): usize {
  return width(tensorRecord(planWord(PlanField.Input)));
}

/** The middle of pixel `at` of `size`, in 0..254. */
function place(at: u32, size: u32): u32 {
  return (2 * at + 1) * REACH / size;
}

/** Keeps the points 0, 2, 4, …: what is there had come once in `stride` events, now it is once in twice that. */
function thin(at: usize): void {
  listed >>= 1;
  stride <<= 1;
  for (let i: usize = 0; i < <usize>listed * POINT; i += POINT) store<u32>(at + i, load<u32>(at + 2 * i));
}

/** From the first `listed` rows to all, from the last row on: none is overwritten before it is read. */
function spread(at: usize, most: u32): void {
  if (listed == 0) return;
  // row · listed = from · most + rest
  for (let row = <i32>most - 1, from = <i32>listed, rest: i32 = 0; row >= 0; row--) {
    rest -= <i32>listed;
    if (rest < 0) {
      rest += <i32>most;
      from--;
    }
    store<u32>(at + <usize>row * POINT, load<u32>(at + <usize>from * POINT));
  }
}

/** What `spread` did, undone: point i is at row ⌈i · most / listed⌉ first. */
function gather(at: usize, most: u32): void {
  if (listed == 0) return;
  const whole = most / listed, part = most % listed;
  for (let i: u32 = 0, row: u32 = 0, rest: u32 = 0; i < listed; i++) {
    store<u32>(at + <usize>i * POINT, load<u32>(at + <usize>(row + u32(rest > 0)) * POINT));
    row += whole;
    rest += part;
    if (rest >= listed) {
      rest -= listed;
      row++;
    }
  }
}
