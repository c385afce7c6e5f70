/** A board that QEMU emulates, and what code for it is compiled with. */
export interface Board {
  readonly machine: string;
  readonly core: string;
  readonly flags: readonly string[];
  /** Linker script in firmware-bridge/firmware/embed/boards. */
  readonly script: string;
  readonly flash: number;
  readonly ram: number;
}

const M55 = "cortex-m55+nomve.fp+nofp";

export const BOARDS = {
  m3: { machine: "mps2-an385", core: "Cortex-M3", flags: ["-mcpu=cortex-m3"], script: "mps2.ld", flash: 4 << 20, ram: 4 << 20 },
  m7: { machine: "mps2-an500", core: "Cortex-M7", flags: ["-mcpu=cortex-m7", "-mfloat-abi=soft"], script: "mps2.ld", flash: 4 << 20, ram: 4 << 20 },
  m55: { machine: "mps3-an547", core: "Cortex-M55", flags: [`-mcpu=${M55}`, "-mfloat-abi=soft"], script: "an547.ld", flash: 512 << 10, ram: 512 << 10 },
  m0: { machine: "microbit", core: "Cortex-M0", flags: ["-mcpu=cortex-m0"], script: "microbit.ld", flash: 256 << 10, ram: 16 << 10 },
} as const satisfies Record<string, Board>;
