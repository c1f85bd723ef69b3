/**
 * @file TFRecord framing: length (uint64), masked crc32c of the length, data, masked crc32c of the data; all little-endian.
 * Source: tensorflow/core/lib/io/record_writer.h and tensorflow/core/lib/hash/crc32c.h.
 */

const HEADER = 12;
const FOOTER = 4;

/** The CRC-32C (Castagnoli) of one byte, reflected polynomial 0x82f63b78. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});

/** CRC-32C of some bytes, as an unsigned 32-bit integer (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Rotated and shifted, so that the checksum of data which holds checksums stays a good one. */
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

/** One record around `data`. */
export function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER + data.length + FOOTER);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, HEADER);
  view.setUint32(HEADER + data.length, masked(data), true);
  return record;
}

/** The records of a file up to the first that is torn or damaged, and the number of bytes they take. */
export function wholeRecords(bytes: Uint8Array): { records: Uint8Array[]; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Uint8Array[] = [];
  let at = 0;
  while (at + HEADER + FOOTER <= bytes.length) {
    const size = Number(view.getBigUint64(at, true));
    const end = at + HEADER + size;
    if (end + FOOTER > bytes.length) break;
    const data = bytes.subarray(at + HEADER, end);
    if (view.getUint32(at + 8, true) !== masked(bytes.subarray(at, at + 8))) break;
    if (view.getUint32(end, true) !== masked(data)) break;
    records.push(data);
    at = end + FOOTER;
  }
  return { records, length: at };
}
