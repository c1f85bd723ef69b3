/** @file Thresholds as JSON; numbers come back bit for bit, infinite ones as "inf" and "-inf". */
import { z } from "zod";
import { checked } from "../../run/checked.ts";
import type { Thresholds } from "./thresholds.ts";

const INFINITE = { inf: Infinity, "-inf": -Infinity } as const;
const schema = z.strictObject({
  schema: z.literal("equiclip.thresholds/1"),
  constraint: z.enum(["equalized-odds", "demographic-parity", "equal-opportunity"]),
  form: z.enum(["randomised", "deterministic"]),
  objective: z.enum(["accuracy", "balanced_accuracy"]),
  epsilon: z.number().min(0).max(1),
  groupAtInference: z.literal(true),
  groups: z
    .array(
      z.strictObject({
        group: z.string(),
        /** Decided positive when score > threshold, drawn by weight. */
        thresholds: z
          .array(
            z.strictObject({
              threshold: z.union([z.number(), z.enum(["inf", "-inf"])]),
              weight: z.number().gt(0).max(1),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
  fitted: z.strictObject({
    feasible: z.boolean(),
    gap: z.number(),
    value: z.number(),
    constant: z.number(),
  }),
});
export type ThresholdsJson = z.infer<typeof schema>;

/** Groups with every threshold written another way. */
const rewritten = <A, B>(groups: readonly Group<A>[], write: (threshold: A) => B) =>
  groups.map(({ group, thresholds }) => ({
    group,
    thresholds: thresholds.map(({ threshold, weight }) => ({
      threshold: write(threshold),
      weight,
    })),
  }));
interface Group<T> {
  readonly group: string;
  readonly thresholds: readonly { readonly threshold: T; readonly weight: number }[];
}

/** Plain data for `JSON.stringify`. */
export function toJSON(value: Thresholds): ThresholdsJson {
  const { method: _, groups, ...fit } = value;
  return {
    schema: "equiclip.thresholds/1",
    ...fit,
    groups: rewritten(groups, (threshold) =>
      Number.isFinite(threshold) ? threshold : threshold > 0 ? "inf" : "-inf",
    ),
  };
}

/**
 * The thresholds that `toJSON` wrote.
 * @throws {EquiclipError} naming the field that is missing or wrong
 */
export function fromJSON(json: unknown): Thresholds {
  const {
    schema: _,
    groups,
    ...fit
  } = checked(schema, json, "thresholds", "refit them or restore the file");
  return Object.freeze({
    method: "thresholds",
    ...fit,
    groups: rewritten(groups, (threshold) =>
      typeof threshold === "string" ? INFINITE[threshold] : threshold,
    ),
  });
}
