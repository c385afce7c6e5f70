// Scratch that lives no longer than a call of a kernel. The host's builds have it among their static data. The embedded build has it in
// a block that its caller lends: then no address is fixed before a program is linked, and an address is the processor's own.

/** Bytes of the block that the embedded build wants; saccade.h says the same. */
export const SCRATCH_BYTES: u32 = 1024;

let lent: usize = 0;

/** @param at  SCRATCH_BYTES, aligned to 16 */
export function lendScratch(at: usize): void {
  lent = at;
}

/** i32[CHUNK], for a neuron's drive (neurons/drive.ts). */
export function driveScratch(): usize {
  if (isDefined(EMBEDDED)) return lent;
  return memory.data(1024, 16);
}

/** i32[CHUNK], for synaptic currents (neurons/current.ts). */
export function currentScratch(): usize {
  if (isDefined(EMBEDDED)) return lent + 256;
  return memory.data(1024, 16);
}

/** 512 bytes, for a list of spikes (kernels/spike-words.ts). */
export function listScratch(): usize {
  if (isDefined(EMBEDDED)) return lent + 512;
  return memory.data(512, 16);
}
