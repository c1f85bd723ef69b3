/** @file The options of `equiclip eval` that look for the worst slices. */
import type { InferredOptionTypes } from "yargs";
import type { EvaluateOptions } from "../../eval/evaluate.ts";
import { UsageError } from "../../run/errors.ts";
import { number } from "./table-options.ts";

export const SLICE_OPTIONS = {
  slices: {
    type: "string",
    defaultDescription: "auto",
    describe:
      "auto looks for the intersections of attributes with the worst rates, corrected for how many were tested; off does not",
  },
  "slice-depth": {
    type: "string",
    defaultDescription: "3; fewer of many attributes",
    describe: "most attributes that are intersected: 1, 2 or 3",
  },
} as const;

export type SliceArgs = InferredOptionTypes<typeof SLICE_OPTIONS>;

const DEPTH = { what: "1, 2 or 3", holds: (x: number) => [1, 2, 3].includes(x) };

export function slicesOf({
  slices = "auto",
  "slice-depth": depth,
}: SliceArgs): Pick<EvaluateOptions, "slices"> {
  if (slices !== "auto" && slices !== "off")
    throw new UsageError(`--slices ${slices}: expected auto or off`);
  if (slices === "off" && depth !== undefined)
    throw new UsageError("--slice-depth says how to look for slices, --slices off not to");
  if (slices === "off") return {};
  return { slices: depth === undefined ? true : { depth: number("slice-depth", depth, DEPTH) } };
}
