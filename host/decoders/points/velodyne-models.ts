/** What tells one Velodyne from another. Angles in degrees, times in µs. */
export interface VelodyneModel {
  readonly name: string;
  /** Of a distance, 0.1 mm. */
  readonly unit: number;
  /** Of laser i: above the horizon, and clockwise of the block's azimuth. */
  readonly elevation: readonly number[];
  readonly offset: readonly number[];
  /** How often all lasers fire in a block of 32 returns, and how long that takes each time. */
  readonly firings: number;
  readonly firingMicros: number;
  /** When laser i fires after the first. */
  readonly laserMicros: readonly number[];
}

const times = (count: number, of: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => of(i));
const none = times(32, () => 0);

/** Lasers alternate between the lower and the upper half of the field. */
const interleaved = (count: number, lowest: number, step: number): number[] =>
  times(count, (i) => lowest + step * (i % 2 === 0 ? i / 2 : (i - 1) / 2 + count / 2));
const sixteen = (name: string, lowest: number, step: number): VelodyneModel => ({
  name,
  unit: 20,
  elevation: interleaved(16, lowest, step),
  offset: none,
  firings: 2,
  firingMicros: 55.296,
  laserMicros: times(16, (i) => 2.304 * i),
});

const VLP32C_ELEVATION = [
  -25, -1, -1.667, -15.639, -11.31, 0, -0.667, -8.843, -7.254, 0.333, -0.333, -6.148, -5.333, 1.333, 0.667, -4, -4.667, 1.667, 1, -3.667,
  -3.333, 3.333, 2.333, -2.667, -3, 7, 4.667, -2.333, -2, 15, 10.333, -1.333,
];
const VLP32C_OFFSET = [
  1.4, -4.2, 1.4, -1.4, 1.4, -1.4, 4.2, -1.4, 1.4, -4.2, 1.4, -1.4, 4.2, -1.4, 4.2, -1.4, 1.4, -4.2, 1.4, -4.2, 4.2, -1.4, 1.4, -1.4, 1.4,
  -1.4, 1.4, -4.2, 4.2, -1.4, 1.4, -1.4,
];

/** By the number in the last byte of a packet. Source: the user manuals of the sensors. */
export const VELODYNE_MODELS: Readonly<Record<number, VelodyneModel>> = {
  0x21: {
    name: "HDL-32E",
    unit: 20,
    elevation: interleaved(32, -92 / 3, 4 / 3),
    offset: none,
    firings: 1,
    firingMicros: 46.08,
    laserMicros: times(32, (i) => 1.152 * i),
  },
  0x22: sixteen("VLP-16", -15, 2),
  0x24: sixteen("VLP-16 Hi-Res", -10, 4 / 3),
  0x28: {
    name: "VLP-32C",
    unit: 40,
    elevation: VLP32C_ELEVATION,
    offset: VLP32C_OFFSET,
    firings: 1,
    firingMicros: 55.296,
    laserMicros: times(32, (i) => 2.304 * (i >> 1)),
  },
};
