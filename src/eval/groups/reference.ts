/** @file Every group against one chosen group: differences and ratios of all rates. */
import { UsageError } from "../../run/errors.ts";
import type { Column } from "../counts/cells.ts";
import { type Estimated, ratioInterval, sumInterval } from "../uncertainty/mover.ts";
import { RATE_NAMES } from "../metrics/rates.ts";
import type { Against, Reference } from "../report/reference.ts";
import type { Estimate, Group, Rate } from "../report/values.ts";

/**
 * The column with all groups but one merged into `others`.
 * @throws UsageError when there is no such group
 */
export function mergeOthers(attribute: string, column: Column, group: string): Column {
  const reference = column.values.indexOf(group);
  if (reference < 0)
    throw new UsageError(
      `reference of ${attribute}: there is no group "${group}"; there are: ${column.values.join(", ")}`,
    );
  const merged = (code: number): number => (code < 0 ? -1 : code === reference ? 0 : 1);
  return { values: ["reference", "others"], codes: column.codes.map(merged) };
}

/**
 * Differences (group - reference) and ratios (group / reference) of all rates, signed as AIF360's of its unprivileged
 * and privileged groups.
 * @param groups as measured, by name
 * @param others all but the reference group, measured as one
 */
export function referenceForms(
  group: string,
  groups: Readonly<Record<string, Group>>,
  others: Group,
): Reference {
  const reference = groups[group]!;
  const rest = Object.entries(groups).filter(([name]) => name !== group);
  return {
    group,
    groups: Object.fromEntries(rest.map(([name, of]) => [name, against(of, reference)])),
    others: against(others, reference),
  };
}

function against(group: Group, reference: Group): Against {
  const pairs = RATE_NAMES.map((name) => [name, group[name], reference[name]] as const);
  const rates = Object.fromEntries(
    pairs.map(([name, of, from]) => [
      name,
      { difference: difference(of, from), ratio: ratio(of, from) },
    ]),
  ) as Against["rates"];
  return { rates, ...averageOdds(rates, group, reference) };
}

const because = (reason: string): Estimate => ({ value: null, interval: null, reason });

/** Why two rates cannot be compared; empty when they can. */
const obstacle = (of: Rate, from: Rate): string =>
  [of.reason, from.reason && `reference: ${from.reason}`].filter(Boolean).join("; ");

/** The rates, all with their intervals, or null. */
function estimated(rates: readonly Rate[]): Estimated[] | null {
  const all = rates.flatMap(({ value, interval }) =>
    value === null || interval === null ? [] : { value, interval },
  );
  return all.length === rates.length ? all : null;
}

/** A sum of weighted rates of groups that share no row. */
function combined(rates: readonly Rate[], weights: readonly number[]): Estimate["interval"] {
  const known = estimated(rates);
  return known && sumInterval(known.map((of, i) => [weights[i]!, of]));
}

function difference(of: Rate, from: Rate): Estimate {
  if (of.value === null || from.value === null) return because(obstacle(of, from));
  return { value: of.value - from.value, interval: combined([of, from], [1, -1]) };
}

function ratio(of: Rate, from: Rate): Estimate {
  if (of.value === null || from.value === null) return because(obstacle(of, from));
  if (from.value === 0) return because("reference: the rate is 0, so there is no ratio");
  const value = of.value / from.value;
  const known = estimated([of, from]);
  const interval = known && ratioInterval(known[0]!, known[1]!);
  return interval?.[1] === Number.POSITIVE_INFINITY
    ? { value, interval: null, note: "the interval has no upper end: the reference may be 0" }
    : { value, interval };
}

function averageOdds(
  { tpr, fpr }: Against["rates"],
  group: Group,
  reference: Group,
): Pick<Against, "averageOdds" | "averageAbsoluteOdds"> {
  const [a, b] = [tpr.difference, fpr.difference];
  if (a.value === null || b.value === null) {
    const reason = [...new Set([a.reason, b.reason])].filter(Boolean).join("; ");
    return { averageOdds: because(reason), averageAbsoluteOdds: because(reason) };
  }
  // of one class TPR and FPR rest on different rows; of a mean over classes they do not
  const rates = [group.tpr, group.fpr, reference.tpr, reference.fpr];
  const independent = rates.every(({ numerator }) => numerator !== null);
  return {
    averageOdds: {
      value: (a.value + b.value) / 2,
      interval: independent ? combined(rates, [0.5, 0.5, -0.5, -0.5]) : null,
    },
    averageAbsoluteOdds: { value: (Math.abs(a.value) + Math.abs(b.value)) / 2, interval: null },
  };
}
