/** Datagrams of sensors of which no recording is at hand, written from their manuals apart from the decoders. */

/** A Velodyne's packet: block b points to azimuth + b·step (0.01°); return r of block b is at steps(b, r). */
export function velodynePacket(
  model: number,
  mode: number,
  micros: number,
  azimuth: number,
  step: number,
  steps: (block: number, at: number) => number,
): Buffer {
  const packet = Buffer.alloc(1206);
  for (let block = 0; block < 12; block++) {
    packet.writeUInt16LE(0xeeff, 100 * block);
    packet.writeUInt16LE((azimuth + block * step) % 36000, 100 * block + 2);
    for (let at = 0; at < 32; at++) {
      packet.writeUInt16LE(steps(block, at), 100 * block + 4 + 3 * at);
      packet.writeUInt8(at, 100 * block + 6 + 3 * at);
    }
  }
  packet.writeUInt32LE(micros, 1200);
  packet.writeUInt8(mode, 1204);
  packet.writeUInt8(model, 1205);
  return packet;
}

export interface LivoxPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly intensity: number;
}

/** @param points in the units of the type: mm, cm, or distance in mm with angles in 0.01° as y zenith and z azimuth */
export function livoxPacket(
  type: 0 | 1 | 2 | 3,
  sequence: number,
  nanos: bigint,
  intervalTenths: number,
  points: readonly LivoxPoint[],
): Buffer {
  const size = [24, 14, 8, 10][type]!, packet = Buffer.alloc(36 + size * points.length);
  packet.writeUInt16LE(packet.length, 1);
  packet.writeUInt16LE(intervalTenths, 3);
  packet.writeUInt16LE(points.length, 5);
  packet.writeUInt16LE(sequence, 7);
  packet.writeUInt8(type, 10);
  packet.writeBigUInt64LE(nanos, 28);
  points.forEach(({ x, y, z, intensity }, i) => {
    const at = 36 + i * size;
    if (type === 1) [x, y, z].forEach((value, axis) => packet.writeInt32LE(value, at + 4 * axis));
    else if (type === 2) [x, y, z].forEach((value, axis) => packet.writeInt16LE(value, at + 2 * axis));
    else if (type === 3) {
      packet.writeUInt32LE(x, at);
      packet.writeUInt16LE(y, at + 4);
      packet.writeUInt16LE(z, at + 6);
    }
    if (type > 0) packet.writeUInt8(intensity, at + [0, 12, 6, 8][type]!);
  });
  return packet;
}

/** A Hesai XT's packet. @param echoes blocks of a firing, which share their azimuth */
export function hesaiPacket(
  lasers: number,
  blocks: number,
  mode: number,
  echoes: number,
  azimuth: number,
  sequence: number,
  steps: (block: number, laser: number) => number,
): Buffer {
  const stride = 2 + 4 * lasers, tail = 12 + blocks * stride, packet = Buffer.alloc(tail + 28);
  packet.set([0xee, 0xff, 6, 1, 0, 0, lasers, blocks, 1, 4, echoes, 1]);
  for (let block = 0; block < blocks; block++) {
    packet.writeUInt16LE((azimuth + 18 * Math.floor(block / echoes)) % 36000, 12 + block * stride);
    for (let laser = 0; laser < lasers; laser++) {
      packet.writeUInt16LE(steps(block, laser), 14 + block * stride + 4 * laser);
      packet.writeUInt8(laser, 16 + block * stride + 4 * laser);
    }
  }
  packet.writeUInt8(mode, tail + 10);
  packet.set([126, 11, 22, 6, 30, 15], tail + 13);
  packet.writeUInt32LE(500_000, tail + 19);
  packet.writeUInt32LE(sequence, tail + 24);
  return packet;
}

export interface MadeOuster {
  readonly info: string;
  packet(frame: number, firstColumn: number, nanos: bigint, range: (echo: number, pixel: number) => number): Buffer;
}

/** An Ouster of 4 pixels, whose beams look up by 0, 10, 20, 30° and start at the axis. */
export function madeOuster(profile: "RNG19_RFL8_SIG16_NIR16" | "RNG19_RFL8_SIG16_NIR16_DUAL"): MadeOuster {
  const dual = profile.endsWith("DUAL"), pixel = dual ? 16 : 12, stride = 12 + 4 * pixel, columns = 16;
  const info = JSON.stringify({
    beam_intrinsics: { beam_altitude_angles: [0, 10, 20, 30], beam_azimuth_angles: [0, 0, 0, 90], lidar_origin_to_beam_origin_mm: 0 },
    lidar_intrinsics: { lidar_to_sensor_transform: [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 100, 0, 0, 0, 1] },
    lidar_data_format: { columns_per_frame: 64, columns_per_packet: columns, pixels_per_column: 4, udp_profile_lidar: profile },
    config_params: { udp_profile_lidar: profile },
  });
  return {
    info,
    packet(frame, firstColumn, nanos, range) {
      const packet = Buffer.alloc(32 + columns * stride + 32);
      packet.writeUInt16LE(1, 0);
      packet.writeUInt16LE(frame, 2);
      for (let column = 0; column < columns; column++) {
        const at = 32 + column * stride;
        packet.writeBigUInt64LE(nanos + BigInt(column) * 1000n, at);
        packet.writeUInt16LE(firstColumn + column, at + 8);
        packet.writeUInt16LE(column === 3 ? 0 : 1, at + 10);
        for (let p = 0; p < 4; p++) {
          const from = at + 12 + p * pixel;
          packet.writeUInt32LE(range(0, p), from);
          packet.writeUInt8(50 + p, from + (dual ? 3 : 4));
          if (dual) packet.writeUInt32LE(range(1, p), from + 4);
          if (dual) packet.writeUInt8(60 + p, from + 7);
        }
      }
      return packet;
    },
  };
}
