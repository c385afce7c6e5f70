// Which operators an engine holds. The host's builds hold all. The embedded build asks whoever compiles it, so that a network's firmware
// carries its own operators alone: `has` is then a constant of its C program (saccade_wasm.h), and the compiler drops the others.

import { Op } from "../abi";

@external("env", "has")
declare function chosen(op: i32): bool;

export function has(op: Op): bool {
  if (isDefined(EMBEDDED)) return chosen(op);
  return true;
}
