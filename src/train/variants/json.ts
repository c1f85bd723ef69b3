/** @file Chosen variants as JSON; numbers come back bit for bit. */
import { z } from "zod";
import { checked } from "../../run/checked.ts";
import { debiaserFromJSON, debiaserToJSON } from "../../debias/debiaser-json.ts";
import { fromJSON, toJSON } from "../../debias/thresholds/json.ts";
import type { Variant, VariantKind } from "./variant.ts";

const setting = z.record(z.string(), z.union([z.number(), z.string()]));
const SCHEMA = "equiclip.variants/1";
const schema = z.strictObject({
  schema: z.literal(SCHEMA),
  /** By method. */
  variants: z.record(
    z.string(),
    z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("embedding"), setting, debiaser: z.unknown() }),
      z.strictObject({
        kind: z.literal("thresholds"),
        setting,
        attributes: z.array(z.string()).min(1),
        seed: z.number(),
        thresholds: z.unknown(),
      }),
      z.strictObject({ kind: z.literal("wise"), setting, alpha: z.number() }),
      z.strictObject({
        kind: z.literal("head"),
        setting,
        weight: z.array(z.array(z.number()).min(1)).min(2), // [C, D]
        bias: z.array(z.number().nullable()).min(2), // [C], null for a class that is never predicted
      }),
    ]),
  ),
});
type Json<K extends VariantKind = VariantKind> = Extract<
  z.infer<typeof schema>["variants"][string],
  { kind: K }
>;

const TO_JSON: { readonly [K in VariantKind]: (variant: Variant<K>) => Json<K> } = {
  embedding: ({ debiaser, ...rest }) => ({ ...rest, debiaser: debiaserToJSON(debiaser) }),
  thresholds: ({ thresholds, attributes, ...rest }) => ({
    ...rest,
    attributes: [...attributes],
    thresholds: toJSON(thresholds),
  }),
  wise: (variant) => variant,
  head: ({ kind, setting, classifier: { weight, bias, classes, width } }) => ({
    kind,
    setting,
    weight: Array.from({ length: classes }, (_, c) => [
      ...weight.subarray(c * width, (c + 1) * width),
    ]),
    bias: Array.from(bias!, (value) => (Number.isFinite(value) ? value : null)),
  }),
};
const FROM_JSON: { readonly [K in VariantKind]: (json: Json<K>) => Variant<K> } = {
  embedding: ({ debiaser, ...rest }) => ({ ...rest, debiaser: debiaserFromJSON(debiaser) }),
  thresholds: ({ thresholds, ...rest }) => ({ ...rest, thresholds: fromJSON(thresholds) }),
  wise: (json) => json,
  head: ({ kind, setting, weight, bias }) => ({
    kind,
    setting,
    classifier: {
      weight: Float32Array.from(weight.flat()),
      bias: Float32Array.from(bias, (value) => value ?? -Infinity),
      scale: 1,
      classes: weight.length,
      width: weight[0]!.length,
    },
  }),
};
const variantToJSON = <K extends VariantKind>(variant: Variant<K>): Json<K> =>
  TO_JSON[variant.kind](variant);
const variantFromJSON = <K extends VariantKind>(json: Json<K>): Variant<K> =>
  FROM_JSON[json.kind](json);

/** Variants by method, for `JSON.stringify`. */
export const variantsToJSON = (variants: ReadonlyMap<string, Variant>): unknown => ({
  schema: SCHEMA,
  variants: Object.fromEntries(
    [...variants].map(([method, variant]) => [method, variantToJSON(variant)]),
  ),
});

/** Whether parsed JSON says that it holds variants. */
export const isVariants = (json: unknown): boolean =>
  typeof json === "object" && json !== null && "schema" in json && json.schema === SCHEMA;

/**
 * The variants that `variantsToJSON` wrote.
 * @throws {EquiclipError} naming the field that is missing or wrong
 */
export function variantsFromJSON(json: unknown): Map<string, Variant> {
  return new Map(
    Object.entries(
      checked(schema, json, "variants.json", "train the run again or restore the file").variants,
    ).map(([method, of]) => [method, variantFromJSON(of)]),
  );
}
