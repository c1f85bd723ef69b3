/** @file The JSON header of a safetensors file, checked in full before a tensor is read. */
import { z } from "zod";
import type { EquiclipError } from "../run/errors.ts";
import { type Shape, sizeOf } from "../graph/node.ts";
import { DTYPES, isStoredDType, type StoredDType } from "./dtype.ts";

/** The format's limit, in bytes. */
export const MAX_HEADER = 100_000_000;

/** Where one tensor lies, in bytes from the end of the header. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: StoredDType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}
interface Header {
  /** In the order in which they lie. */
  readonly entries: readonly HeaderEntry[];
  /** The free texts of `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
}
type Damaged = (expected: string, received: string) => EquiclipError;

const count = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const metadataSchema = z.record(z.string(), z.string());
// not z.record, which drops a tensor named __proto__
const headerSchema = z.custom<Record<string, unknown>>(
  (json) => typeof json === "object" && json !== null && !Array.isArray(json),
);

/** `JSON.parse` keeps the last of two equal keys in silence. */
function repeatedKey(json: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token, mark] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && mark) {
      const key: string = JSON.parse(token.slice(0, -mark.length));
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return null;
}

function parseJson(bytes: Uint8Array, damaged: Damaged): Record<string, unknown> {
  const expected = "a JSON object as header";
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    json = JSON.parse(text);
  } catch {
    throw damaged(expected, JSON.stringify(Buffer.from(bytes.subarray(0, 24)).toString("latin1")));
  }
  const header = headerSchema.safeParse(json);
  if (!header.success) throw damaged(expected, text.slice(0, 24));
  const repeated = repeatedKey(text);
  if (repeated !== null) throw damaged(`every name once`, `tensor "${repeated}" twice`);
  return header.data;
}

function parseEntry(name: string, value: unknown, damaged: Damaged): HeaderEntry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success)
    throw damaged(
      `tensor "${name}" with dtype, shape and data_offsets`,
      JSON.stringify(value)?.slice(0, 100) ?? "nothing",
    );
  const {
    dtype,
    shape,
    data_offsets: [begin, end],
  } = parsed.data;
  if (!isStoredDType(dtype))
    throw damaged(`tensor "${name}" in one of ${Object.keys(DTYPES).join(", ")}`, dtype);
  const bytes = sizeOf(shape) * DTYPES[dtype].bytes;
  if (end - begin !== bytes)
    throw damaged(
      `${bytes} bytes for tensor "${name}" (${dtype} [${shape.join(", ")}])`,
      `${end - begin} (data_offsets ${begin} to ${end})`,
    );
  return { name, dtype, shape, begin, end };
}

/**
 * The tensors in the order in which they lie. They must tile the `available` bytes after the header: no overlap, no hole,
 * nothing missing, nothing left.
 */
export function parseHeader(bytes: Uint8Array, available: number, damaged: Damaged): Header {
  const json = parseJson(bytes, damaged);
  const entries = Object.entries(json)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => parseEntry(name, value, damaged))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== position)
      throw damaged(
        `tensor "${name}" to begin at byte ${position}`,
        `${begin}: an overlap or a hole`,
      );
    if (end > available)
      throw damaged(`tensor "${name}" to end at byte ${end}`, `a file that ends at ${available}`);
    position = end;
  }
  if (position !== available)
    throw damaged(`${position} bytes of tensors`, `${available}, some belonging to none`);
  // a field of other libraries that is no text is not for us
  const metadata = metadataSchema.safeParse(json["__metadata__"]);
  return { entries, metadata: metadata.success ? metadata.data : {} };
}
