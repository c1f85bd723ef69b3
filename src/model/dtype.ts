/** @file Number formats of stored tensors, little-endian, and how each becomes an array JavaScript can compute with. */
import { EquiclipError } from "../run/errors.ts";
import type { StoredTensor } from "./weights.ts";

interface StoredFormat {
  /** Size of one element. */
  readonly bytes: number;
  /** Bytes to numbers; `where` names the tensor for errors. 32-bit and double data is viewed, not copied. */
  readonly decode: (raw: ArrayBuffer, where: string) => StoredTensor["data"];
}

/** By the name that safetensors gives it. */
export const DTYPES = {
  F64: { bytes: 8, decode: (raw) => new Float64Array(raw) },
  F32: { bytes: 4, decode: (raw) => new Float32Array(raw) },
  F16: { bytes: 2, decode: widenHalf },
  BF16: { bytes: 2, decode: widenBrain },
  I64: { bytes: 8, decode: narrowLong },
  I32: { bytes: 4, decode: (raw) => new Int32Array(raw) },
  I16: { bytes: 2, decode: (raw) => Int32Array.from(new Int16Array(raw)) },
  I8: { bytes: 1, decode: (raw) => Int32Array.from(new Int8Array(raw)) },
  U8: { bytes: 1, decode: (raw) => Int32Array.from(new Uint8Array(raw)) },
  BOOL: { bytes: 1, decode: (raw) => Int32Array.from(new Uint8Array(raw)) },
} as const satisfies Record<string, StoredFormat>;
export type StoredDType = keyof typeof DTYPES;

export const isStoredDType = (name: string): name is StoredDType => Object.hasOwn(DTYPES, name);

/** IEEE 754 half precision: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves: Float32Array | undefined;

/** One look-up per element: an 87-million-parameter file widens in a fifth of a second. */
function widenHalf(raw: ArrayBuffer): Float32Array {
  const table = (halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfToNumber(bits)));
  const from = new Uint16Array(raw);
  const out = new Float32Array(from.length);
  for (let i = 0; i < from.length; i++) out[i] = table[from[i]!]!;
  return out;
}

/** bfloat16 is the upper half of a float32. */
function widenBrain(raw: ArrayBuffer): Float32Array {
  const from = new Uint16Array(raw);
  const bits = new Uint32Array(from.length);
  for (let i = 0; i < from.length; i++) bits[i] = from[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** 64-bit integers are ids and positions, which fit in 32 bits: the upper word repeats the lower one's sign. */
function narrowLong(raw: ArrayBuffer, where: string): Int32Array {
  const words = new Int32Array(raw);
  const out = new Int32Array(words.length / 2);
  for (let i = 0; i < out.length; i++) {
    const low = words[2 * i]!;
    if (words[2 * i + 1] !== low >> 31)
      throw new EquiclipError(
        `${where}: expected 64-bit integers within 32 bits, received ${new BigInt64Array(raw)[i]} at element ${i}; store them as I32 or F64`,
      );
    out[i] = low;
  }
  return out;
}
