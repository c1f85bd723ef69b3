/** @file What changed since the baseline, and how sure that is. */
import { UsageError } from "../../run/errors.ts";
import { independentInterval } from "../uncertainty/gap-change.ts";
import type { Estimate } from "../report/values.ts";
import type { Paired } from "./paired.ts";
import { type Footing, footingTitle, type Site, titleOf } from "./site.ts";

export interface SinceBaseline extends Estimate {
  readonly paired: boolean;
}

/**
 * The change of one number. It is undefined where the two are not over the same groups and classes: such a number has
 * not changed, it has become another one.
 * @param paired for the same rows; without it the two are taken to be independent
 * @throws UsageError when the rows do not give what the reports say
 */
export function changeSince(before: Site, after: Site, paired?: Paired): SinceBaseline {
  const none = (reason: string): SinceBaseline => ({
    value: null,
    interval: null,
    reason,
    paired: false,
  });
  const [a, b] = [after.estimate, before.estimate];
  if (a.value === null) return none(a.reason ?? "undefined");
  if (b.value === null) return none(`in the baseline: ${b.reason ?? "undefined"}`);
  const apart = notShared(after.footings, before.footings);
  if (apart !== null) return none(`not over the same groups or classes: ${apart}`);
  const value = a.value - b.value;
  const change = paired?.(after);
  if (!change) return { value, interval: independentInterval(b, a), paired: false };
  if (change.value === null) return none(change.reason ?? "undefined");
  if (Math.abs(change.value - value) > 1e-9)
    throw new UsageError(
      `${titleOf(after)}: it changes by ${value} between the reports and by ${change.value} between their rows; measure both again`,
    );
  return { value, interval: change.interval, paired: true };
}

/** What only one of them is over; null when there is nothing. */
function notShared(after: readonly Footing[], before: readonly Footing[]): string | null {
  const over = (footings: readonly Footing[]): Set<string> =>
    new Set(footings.filter(({ defined }) => defined).map(footingTitle));
  const [a, b] = [over(after), over(before)];
  const gone = [...b].find((title) => !a.has(title));
  const come = [...a].find((title) => !b.has(title));
  if (gone !== undefined) return `the baseline alone has the ${gone}`;
  return come === undefined ? null : `the baseline does not have the ${come}`;
}
