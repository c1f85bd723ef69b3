/** @file Erasers as JSON; numbers come back bit for bit. */
import { z } from "zod";
import { checked } from "../run/checked.ts";
import { EquiclipError } from "../run/errors.ts";
import { createEraser, type Eraser, withStrength } from "./eraser.ts";

const rows = z.array(z.array(z.number()));
/** The form of one eraser in a file. */
export const eraserSchema = z.strictObject({
  schema: z.literal("equiclip.eraser/1"),
  method: z.string(),
  alpha: z.number(),
  /** x' = x - alpha * sum over j < k of (read_j . (x - centre)) write_j */
  k: z.number(),
  centre: z.array(z.number()).min(1), // [D]
  read: rows, // [R, D]
  write: rows.optional(), // [R, D]; as `read` where it is left out
  share: z.array(z.number()), // [R]
});
export type EraserJson = z.infer<typeof eraserSchema>;

const split = (data: Float64Array, d: number): number[][] =>
  Array.from({ length: data.length / d }, (_, row) =>
    Array.from(data.subarray(row * d, (row + 1) * d)),
  );

/** Plain data for `JSON.stringify`, which prints every double so that it reads back the same. */
export function toJSON({ method, alpha, k, d, centre, read, write, share }: Eraser): EraserJson {
  return {
    schema: "equiclip.eraser/1",
    method,
    alpha,
    k,
    centre: [...centre],
    read: split(read, d),
    ...(write !== read && { write: split(write, d) }),
    share: [...share],
  };
}

/**
 * The eraser that `toJSON` wrote.
 * @throws {EquiclipError} naming the field that is missing, of a wrong type, or of a wrong size
 */
export function fromJSON(json: unknown): Eraser {
  const {
    method,
    alpha,
    k,
    centre,
    read,
    write = read,
    share,
  } = checked(eraserSchema, json, "eraser", "refit it or restore the file");
  for (const [name, matrix] of Object.entries({ read, write }))
    if (matrix.length !== share.length || matrix.some((row) => row.length !== centre.length))
      throw new EquiclipError(
        `eraser: ${name}: expected ${share.length} rows of ${centre.length} numbers; refit it or restore the file`,
      );
  const reading = Float64Array.from(read.flat());
  const directions = {
    centre: Float64Array.from(centre),
    read: reading,
    write: write === read ? reading : Float64Array.from(write.flat()),
    share: Float64Array.from(share),
  };
  return withStrength(createEraser(method, directions, 0), { alpha, k });
}
