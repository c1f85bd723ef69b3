/**
 * @file NumPy's .npy files: magic, version, header length, a Python dict, raw numbers.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { DTYPES } from "../model/dtype.ts";
import { readRange, withFile } from "../model/file-range.ts";
import { EquiclipError } from "../run/errors.ts";
import type { EmbeddingFormat } from "./format.ts";

const MAGIC = Buffer.from("\x93NUMPY", "latin1");
/** Magic and version. */
const PREAMBLE = 8;
/** Bytes that say how long the header is, by major version. */
const LENGTH_BYTES: Readonly<Record<number, 2 | 4>> = { 1: 2, 2: 4, 3: 4 };
/** More than any header of numbers has. */
const MAX_HEADER = 65_536;

const NUMBERS = { f2: DTYPES.F16, f4: DTYPES.F32, f8: DTYPES.F64 } as const;
type NumberName = keyof typeof NUMBERS;
const isNumber = (name: string | undefined): name is NumberName =>
  name !== undefined && Object.hasOwn(NUMBERS, name);

const SWAP: Readonly<Record<NumberName, (bytes: Buffer) => void>> = {
  f2: (bytes) => bytes.swap16(),
  f4: (bytes) => bytes.swap32(),
  f8: (bytes) => bytes.swap64(),
};

interface Header {
  readonly number: NumberName;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly [n: number, d: number];
}

/** Throws EquiclipError for anything but a matrix of floats. */
function parseHeader(text: string, path: string): Header {
  const dtype = /'descr':\s*(?:'([<>|=])(\w+)'|(\[))/.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text);
  const dimensions = /'shape':\s*\(([^)]*)\)/.exec(text);
  const expected = "expected a matrix of 16-, 32- or 64-bit floats [rows, numbers]";
  if (!dtype || !order || !dimensions)
    throw new EquiclipError(
      `${path}: ${expected}, received the header ${JSON.stringify(text.trim().slice(0, 100))}; save it with numpy.save`,
    );
  const number = dtype[2];
  if (!isNumber(number))
    throw new EquiclipError(
      `${path}: ${expected}, received ${dtype[3] ? "records" : `dtype ${number}`}; save array.astype("float32")`,
    );
  const [n, d, ...rest] = dimensions[1]!.split(",").flatMap((size) => size.trim() || []);
  if (n === undefined || d === undefined || rest.length > 0)
    throw new EquiclipError(`${path}: ${expected}, received shape (${dimensions[1]}); reshape it`);
  const shape = [Number.parseInt(n, 10), Number.parseInt(d, 10)] as const;
  return { number, bigEndian: dtype[1] === ">", fortran: order[1] === "True", shape };
}

/** Columns one after another to rows one after another. */
function rowMajor(columns: Float32Array, n: number, d: number): Float32Array {
  const out = new Float32Array(n * d);
  for (let column = 0; column < d; column++)
    for (let row = 0; row < n; row++) out[row * d + column] = columns[column * n + row]!;
  return out;
}

const SIDE = ".json";
const metadataSchema = z.record(z.string(), z.string());

/** What is said of the numbers, in a file beside them: .npy has no place for it. */
async function readMetadata(path: string): Promise<Record<string, string>> {
  if (!existsSync(`${path}${SIDE}`)) return {};
  const text = await readFile(`${path}${SIDE}`, "utf8");
  try {
    return metadataSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new EquiclipError(
      `${path}${SIDE}: expected a JSON object of strings about ${path}; delete it, or write both again`,
      1,
      { cause },
    );
  }
}

export const npy: EmbeddingFormat = {
  read: (path) =>
    withFile(path, async (file, size) => {
      const notOne = (received: string): EquiclipError =>
        new EquiclipError(
          `${path}: not a whole .npy file: ${received}; save it again with numpy.save`,
        );
      if (size < PREAMBLE + 4) throw notOne(`it has ${size} bytes`);
      const start = Buffer.from(await readRange(file, path, 0, PREAMBLE + 4));
      if (!start.subarray(0, MAGIC.length).equals(MAGIC))
        throw notOne(`it begins with ${JSON.stringify(start.subarray(0, 6).toString("latin1"))}`);
      const lengthBytes = LENGTH_BYTES[start[6]!];
      if (!lengthBytes) throw notOne(`version ${start[6]}, expected 1, 2 or 3`);
      const length = start.readUIntLE(PREAMBLE, lengthBytes);
      const begin = PREAMBLE + lengthBytes + length;
      if (length > MAX_HEADER || begin > size) throw notOne(`a header of ${length} bytes`);
      const header = await readRange(file, path, PREAMBLE + lengthBytes, length);
      const { number, bigEndian, fortran, shape } = parseHeader(
        Buffer.from(header).toString("utf8"),
        path,
      );
      const [n, d] = shape;
      const bytes = n * d * NUMBERS[number].bytes;
      if (size - begin !== bytes)
        throw notOne(`expected ${bytes} bytes for [${n}, ${d}], received ${size - begin}`);
      const raw = await readRange(file, path, begin, bytes);
      if (bigEndian) SWAP[number](Buffer.from(raw));
      const data = Float32Array.from(NUMBERS[number].decode(raw));
      const x = fortran ? rowMajor(data, n, d) : data;
      return { x, n, d, ids: null, metadata: await readMetadata(path) };
    }),

  encode: ({ x, n, d, metadata }) => {
    const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${n}, ${d}), }`;
    // numbers begin at a multiple of 64 bytes, as numpy.save has it
    const padded = Math.ceil((PREAMBLE + 2 + dict.length + 1) / 64) * 64 - PREAMBLE - 2;
    const head = Buffer.alloc(PREAMBLE + 2 + padded, " ");
    MAGIC.copy(head);
    head.set([1, 0], MAGIC.length);
    head.writeUInt16LE(padded, PREAMBLE);
    head.write(dict, PREAMBLE + 2);
    head.write("\n", head.length - 1);
    return {
      "": [head, new Uint8Array(x.buffer, x.byteOffset, x.byteLength)],
      [SIDE]: [Buffer.from(`${JSON.stringify(metadata, null, 1)}\n`)],
    };
  },
};
