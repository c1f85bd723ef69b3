/** @file Embeddings as one matrix of a safetensors file; row names lie in its metadata. */
import { z } from "zod";
import type { HeaderEntry } from "../model/safetensors-header.ts";
import { encodeSafetensors, openSafetensors } from "../model/safetensors.ts";
import { EquiclipError, UsageError } from "../run/errors.ts";
import type { EmbeddingFormat } from "./format.ts";

/** The matrix in files that are written. */
const TENSOR = "embeddings";
/** Key of the metadata that holds the row names, a JSON array. */
const IDS = "ids";
/** Characters: the format allows 100 MB of header. */
const MOST_IDS = 90_000_000;

const FLOATS: readonly HeaderEntry["dtype"][] = ["F16", "BF16", "F32", "F64"];
const idsSchema = z.array(z.string());
const shown = ({ name, dtype, shape }: HeaderEntry): string =>
  `${name} (${dtype} [${shape.join(", ")}])`;

/** The matrix asked for, or the only one. */
function choose(
  path: string,
  name: string | undefined,
  entries: readonly HeaderEntry[],
): HeaderEntry {
  const matrices = entries.filter(
    ({ dtype, shape }) => shape.length === 2 && FLOATS.includes(dtype),
  );
  const found = name === undefined ? matrices : matrices.filter((entry) => entry.name === name);
  if (found.length === 1) return found[0]!;
  const wanted = name === undefined ? "one matrix of floats" : `a matrix of floats named "${name}"`;
  const list = entries.slice(0, 8).map(shown).join(", ") || "no tensor";
  throw new UsageError(
    `${path}: expected ${wanted}, received ${list}${entries.length > 8 ? ", ..." : ""}; ${name === undefined ? "name one" : "name another"}`,
  );
}

function parseIds(path: string, text: string | undefined): string[] | null {
  if (text === undefined) return null;
  try {
    return idsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new EquiclipError(
      `${path}: metadata "${IDS}": expected a JSON array of row names; write the file again`,
      1,
      { cause },
    );
  }
}

export const safetensors: EmbeddingFormat = {
  async read(path, { tensor }) {
    const { tensors, metadata } = await openSafetensors(path, (entries) => [
      choose(path, tensor, entries),
    ]);
    const [{ shape, data }] = [...tensors.values()] as [{ shape: number[]; data: Float32Array }];
    const [n, d] = shape as [number, number];
    const { [IDS]: ids, ...rest } = metadata;
    return { x: Float32Array.from(data), n, d, ids: parseIds(path, ids), metadata: rest };
  },

  encode({ x, n, d, ids, metadata }) {
    const names = ids && JSON.stringify(ids);
    if (names && names.length > MOST_IDS)
      throw new UsageError(
        `embeddings: ${n} row names of ${names.length} characters are too long for a safetensors header; write .parquet instead`,
      );
    const texts = { ...metadata, ...(names && { [IDS]: names }) };
    return { "": encodeSafetensors(new Map([[TENSOR, { shape: [n, d], data: x }]]), texts) };
  },
};
