/** Cores that can be asked about. */
export const CORES = ["cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55"] as const;
export type Core = (typeof CORES)[number];

/** A board as its maker sells it. */
export interface Board {
  readonly core: Core;
  /** Bytes that a program may fill. */
  readonly flash: number;
  /** Bytes of its largest run of RAM: one stream lies in one piece. */
  readonly ram: number;
  /** The chip, and which of its memories are meant where it has several. */
  readonly says: string;
}

const K = 1024, M = K * K;

/** Cortex-M0+ runs Cortex-M0 code. */
export const BOARDS = {
  "microbit": { core: "cortex-m0", flash: 256 * K, ram: 16 * K, says: "nRF51822" },
  "microbit-v2": { core: "cortex-m4", flash: 512 * K, ram: 128 * K, says: "nRF52833" },
  "nrf52840-dk": { core: "cortex-m4", flash: M, ram: 256 * K, says: "nRF52840" },
  "bluepill": { core: "cortex-m3", flash: 64 * K, ram: 20 * K, says: "STM32F103C8" },
  "arduino-due": { core: "cortex-m3", flash: 512 * K, ram: 96 * K, says: "SAM3X8E" },
  "nucleo-f446re": { core: "cortex-m4", flash: 512 * K, ram: 128 * K, says: "STM32F446RE" },
  "nucleo-h743zi": { core: "cortex-m7", flash: 2 * M, ram: 512 * K, says: "STM32H743ZI: its AXI SRAM" },
  "pico": { core: "cortex-m0", flash: 2 * M, ram: 256 * K, says: "RP2040: its striped banks" },
  "pico2": { core: "cortex-m33", flash: 4 * M, ram: 512 * K, says: "RP2350: its striped banks" },
  "mps2-an385": { core: "cortex-m3", flash: 4 * M, ram: 4 * M, says: "FPGA image, also emulated by QEMU" },
  "mps2-an500": { core: "cortex-m7", flash: 4 * M, ram: 4 * M, says: "FPGA image, also emulated by QEMU" },
  "mps3-an547": { core: "cortex-m55", flash: 512 * K, ram: 512 * K, says: "FPGA image, also emulated by QEMU: its ITCM and DTCM" },
} as const satisfies Record<string, Board>;
export type BoardName = keyof typeof BOARDS;
