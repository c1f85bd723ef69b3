/** @file One number against the limits of its rule. */
import type { Estimate } from "../report/values.ts";
import type { GateCheck } from "./result.ts";
import { type Bound, limitsOf, type Rule } from "./rules.ts";
import { type Site, titleOf } from "./site.ts";
import { verdictOf } from "./verdict.ts";

/** A rule with everything it leaves to defaults. */
export interface Terms {
  readonly rule: Rule;
  /** In the list of rules. */
  readonly index: number;
  readonly bound: Bound;
  /** Rows that every rate needs. */
  readonly needed: number;
}

/** What a number rests on: the rate and group with the fewest rows. */
type Support = Omit<NonNullable<GateCheck["support"]>, "needed">;

export function checkOf(
  terms: Terms,
  site: Site,
  estimate: Estimate,
  support: Support | null,
  baseline: GateCheck["baseline"],
): GateCheck {
  const { rule, index, bound, needed } = terms;
  const { metric, attribute, group, class: ofClass, query, method } = site;
  const { of, min, max } = limitsOf(rule);
  const { value, interval } = estimate;
  return {
    rule: index,
    name: rule.name ?? null,
    title: of === "change" ? `change of ${titleOf(site)}` : titleOf(site),
    metric,
    attribute,
    group,
    class: ofClass,
    ...(query !== undefined && { query }),
    method,
    of,
    min,
    max,
    bound,
    value,
    interval,
    baseline,
    support: support && { ...support, needed },
    ...judge(terms, estimate, support),
  };
}

function judge(
  { rule, bound, needed }: Terms,
  { value, interval, reason }: Estimate,
  support: Support | null,
): Pick<GateCheck, "verdict" | "reason"> {
  if (value === null)
    return { verdict: "INSUFFICIENT", reason: `undefined: ${reason ?? "no reason was given"}` };
  if (support && support.rows < needed)
    return {
      verdict: "INSUFFICIENT",
      reason: `${support.of} rests on ${support.rows} row${support.rows === 1 ? "" : "s"}, ${needed} are needed`,
    };
  return verdictOf(value, interval, limitsOf(rule), bound);
}
