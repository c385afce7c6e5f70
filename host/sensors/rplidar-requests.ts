const MARK = 0xa5, HAS_PAYLOAD = 0x80;

/** What may be asked of an RPLIDAR, by the protocol document's names. */
export const enum Request {
  Scan = 0x20,
  Stop = 0x25,
  GetInfo = 0x50,
  GetHealth = 0x52,
  ExpressScan = 0x82,
  GetLidarConf = 0x84,
  MotorSpeedCtrl = 0xa8,
  SetMotorPwm = 0xf0,
}

/** Entries of the sensor's configuration that GetLidarConf asks for. */
export const enum Conf {
  /** u16 */
  ScanModeCount = 0x70,
  /** Of a mode, the type of the answer that it measures in: u8. */
  ScanModeAnswerType = 0x75,
  /** The mode that SLAMTEC recommends: u16. */
  ScanModeTypical = 0x7c,
}

/** A5, command, and with a payload: its length, itself, the xor of all bytes before. */
export function request(command: Request, payload?: readonly number[]): Uint8Array {
  if (payload === undefined) return Uint8Array.of(MARK, command);
  const bytes = [MARK, command | HAS_PAYLOAD, payload.length, ...payload];
  return Uint8Array.of(...bytes, bytes.reduce((xor, byte) => xor ^ byte, 0));
}

/** @param value 0 to 65535 */
export const u16Payload = (value: number): readonly number[] => [value & 0xff, value >> 8];

/** @param mode 0 in firmware without configuration, where it measures in "express"; else as the sensor numbers its modes */
export const expressScan = (mode: number): Uint8Array => request(Request.ExpressScan, [mode, 0, 0, 0, 0]);

/** @param scanMode of entries that are told by mode */
export function getConf(entry: Conf, scanMode?: number): Uint8Array {
  return request(Request.GetLidarConf, [entry, 0, 0, 0, ...(scanMode === undefined ? [] : u16Payload(scanMode))]);
}
