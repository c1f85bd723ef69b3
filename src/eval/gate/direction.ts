/** @file Limits that would let through everything that is unfair. */
import type { Complain } from "./lookup.ts";
import type { Rule } from "./rules.ts";

/** Complains about limits on the good side alone. */
export function checkDirection(
  { better }: { readonly better: "lower" | "higher" },
  rule: Rule,
  complain: Complain,
): void {
  const wrong =
    better === "lower" ? (["min", "max_decrease"] as const) : (["max", "max_increase"] as const);
  const right =
    better === "lower" ? (["max", "max_increase"] as const) : (["min", "max_decrease"] as const);
  if (right.some((key) => rule[key] !== undefined)) return;
  wrong.forEach((key, i) => {
    if (rule[key] !== undefined)
      complain(
        [key],
        `${rule.metric} is fairer when it is ${better}, so ${key} alone would pass what is unfair; expected ${right[i]}`,
      );
  });
}
