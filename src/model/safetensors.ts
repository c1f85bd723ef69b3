/**
 * @file Safetensors files: header length (8 bytes), JSON header, raw tensors.
 * Format and its rules: https://github.com/huggingface/safetensors (README and `SafeTensors::read_metadata`).
 */
import { EquiclipError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import { DTYPES, type StoredDType } from "./dtype.ts";
import { readRange, withFile } from "./file-range.ts";
import { type HeaderEntry, MAX_HEADER, parseHeader } from "./safetensors-header.ts";
import type { StoredTensor } from "./weights.ts";

/** What a file holds, or the part of it that was asked for. */
interface SafetensorsFile {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The tensors of a file that `choose` picks, in the order in which they lie. Each is read into its own memory: the peak
 * is the tensors plus one.
 * Throws EquiclipError (one line: file, tensor, expected, received) for anything but a whole, well-formed file.
 */
export async function openSafetensors(
  path: string,
  choose: (entries: readonly HeaderEntry[]) => readonly HeaderEntry[],
): Promise<SafetensorsFile> {
  return withFile(path, async (file, size) => {
    const damaged = (expected: string, received: string): EquiclipError =>
      new EquiclipError(
        `${path}: not a whole safetensors file: expected ${expected}, received ${received}; download or save it again`,
      );
    if (size < 8) throw damaged("at least 8 bytes", `${size}`);
    const length = new DataView(await readRange(file, path, 0, 8)).getBigUint64(0, true);
    if (length > MAX_HEADER) throw damaged(`a header of at most ${MAX_HEADER} bytes`, `${length}`);
    const start = 8 + Number(length);
    if (start > size)
      throw damaged(`a header of ${length} bytes`, `only ${size - 8} bytes after its length`);
    const { entries, metadata } = parseHeader(
      new Uint8Array(await readRange(file, path, 8, Number(length))),
      size - start,
      damaged,
    );
    const tensors = new Map<string, StoredTensor>();
    for (const { name, dtype, shape, begin, end } of choose(entries)) {
      const raw = await readRange(file, path, start + begin, end - begin);
      tensors.set(name, { shape, data: DTYPES[dtype].decode(raw, `${path}: tensor "${name}"`) });
    }
    return { tensors, metadata };
  });
}

/** All tensors of a file; see `openSafetensors`. */
export const readSafetensors = async (path: string): Promise<Map<string, StoredTensor>> =>
  (await openSafetensors(path, (entries) => entries)).tensors;

const storedAs = (data: StoredTensor["data"]): StoredDType =>
  data instanceof Float32Array ? "F32" : data instanceof Float64Array ? "F64" : "I32";

/**
 * The parts of a file in turn. Equal tensors give equal bytes, and the same ones as the Python library: wider formats
 * first, then by name; the header padded with spaces to a multiple of 8 bytes.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>>,
): readonly Uint8Array[] {
  const sorted = [...tensors]
    .map(([name, { shape, data }]) => ({ name, shape, data, dtype: storedAs(data) }))
    .sort(
      (a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (a.name < b.name ? -1 : 1),
    );
  let end = 0;
  const entries = sorted.map(({ name, shape, data, dtype }) => [
    name,
    { dtype, shape, data_offsets: [end, (end += data.byteLength)] },
  ]);
  const json = Buffer.from(
    JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }),
  );
  const head = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  head.writeBigUInt64LE(BigInt(head.length - 8));
  json.copy(head, 8);
  return [
    head,
    ...sorted.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

/** Writes a file, or leaves the old one whole. */
export const writeSafetensors = (
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
): Promise<void> => writeFileAtomic(path, encodeSafetensors(tensors, { format: "pt" }));
