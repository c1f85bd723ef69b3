/** @file The rules of a gate: which numbers of a report must keep to which limits, and on what evidence. */
import { z } from "zod";
import { name } from "../../run/config/scalars.ts";

export const Bound = z.enum(["ci", "point", "upper", "lower"]);
export type Bound = z.infer<typeof Bound>;

const names = z.array(name).min(1);
const minSupport = z.int().min(0);
const difference = z.number().min(0);

const rule = z
  .strictObject({
    metric: name.describe(
      "a gap (`eo.max`, `di`, `eo.max.worst` of a multi-class report, `class.tpr_gap`), a rate (`tpr`, `accuracy`, `auc`), one against the reference group's (`reference.selectionRate.ratio`) or, of a retrieval report, `max_skew@10`, `skew@10` or `ndkl`, as in [metrics](metrics.md)",
    ),
    attribute: name
      .optional()
      .describe(
        "sensitive attribute or intersection (`race*age_band`) of the report. Without one, a gap is judged for every attribute, and a rate over all rows",
      ),
    attributes: names.optional().describe("several of them, each judged alone"),
    groups: names
      .optional()
      .describe("of a rate with an attribute: the groups it is judged for; by default every one"),
    classes: names
      .optional()
      .describe("of a multi-class report: each of these classes against the rest"),
    queries: names
      .optional()
      .describe("of a retrieval report: the queries it is judged for; by default every one"),
    method: name
      .optional()
      .describe(
        "of a report of before and after debiasing: the method judged, such as `leace`; by default the model as trained",
      ),
    max: z.number().optional().describe("largest value allowed"),
    min: z.number().optional().describe("smallest value allowed"),
    max_increase: difference
      .optional()
      .describe("most that the baseline's value may be exceeded by"),
    max_decrease: difference
      .optional()
      .describe("most that the baseline's value may be undercut by"),
    bound: Bound.optional().describe("for this rule alone"),
    min_support: minSupport.optional().describe("for this rule alone"),
    name: name.optional().describe("what the rule is called in reports"),
  })
  .superRefine((r, { addIssue }) => {
    const wrong = (key: keyof typeof r | null, message: string): void =>
      addIssue({ code: "custom", path: key === null ? [] : [key], message });
    const ofValue = r.max !== undefined || r.min !== undefined;
    const ofChange = r.max_increase !== undefined || r.max_decrease !== undefined;
    if (!ofValue && !ofChange)
      wrong(
        null,
        "a rule needs a limit: max or min, or against a baseline max_increase or max_decrease",
      );
    if (ofValue && ofChange)
      wrong(
        r.max_increase === undefined ? "max_decrease" : "max_increase",
        "a rule limits a value (max, min) or its change (max_increase, max_decrease), not both; make it two rules",
      );
    if (r.max !== undefined && r.min !== undefined && r.min > r.max)
      wrong("min", `min ${r.min} is above max ${r.max}, so nothing can pass`);
    if (r.attribute !== undefined && r.attributes !== undefined)
      wrong("attributes", "give attribute or attributes, not both");
    if (r.groups && r.attribute === undefined && r.attributes === undefined)
      wrong("groups", "groups of which attribute? Give one");
  });

/** What `gate.yaml` holds. Unknown keys are errors. */
export const GateRules = z.strictObject({
  bound: Bound.default("ci").describe("what is held against a limit, see below"),
  min_support: minSupport
    .optional()
    .describe(
      "rows that each rate needs in each group before anything is said of it; by default what the report calls small, and 0 switches it off",
    ),
  rules: z.array(rule).min(1).describe("every one of them is judged"),
});
export type GateRules = z.input<typeof GateRules>;
export type Rule = z.output<typeof rule>;

/** A closed range; null is no limit on that side. */
export interface Limits {
  readonly min: number | null;
  readonly max: number | null;
}

/** The limits of a rule, and whether they are on the value or on its change since the baseline. */
export function limitsOf(r: Rule): Limits & { readonly of: "value" | "change" } {
  if (r.max_increase === undefined && r.max_decrease === undefined)
    return { of: "value", min: r.min ?? null, max: r.max ?? null };
  return {
    of: "change",
    min: r.max_decrease === undefined ? null : 0 - r.max_decrease, // never -0
    max: r.max_increase ?? null,
  };
}
