/** @file A report beside an earlier one: whether they compare, which numbers and which rows belong together. */
import { UsageError } from "../../run/errors.ts";
import type { Predictions } from "../predictions.ts";
import type { ReportFile } from "../report-file.ts";
import { join } from "./join.ts";
import { type Model, modelOf, type Models } from "./kinds.ts";
import { type Complain, listed } from "./lookup.ts";
import { type Paired, pairedOver } from "./paired.ts";
import type { Rule } from "./rules.ts";
import { keyOf, type Site, withMethod } from "./site.ts";

/** An earlier report that limits on changes are about. */
export interface Baseline {
  readonly report: ReportFile;
  /** Predictions behind either report, by the sha256 of its rows file; without them nothing is paired. */
  readonly rows?: ReadonlyMap<string, Predictions>;
}

/** Throws a UsageError when the two were not made of the same classes. */
export function checkTerms(after: Model, before: Model): void {
  const differs = Object.keys(after.terms).find((term) => after.terms[term] !== before.terms[term]);
  if (differs !== undefined)
    throw new UsageError(
      `the baseline does not compare with the report: its ${differs} (${before.terms[differs]}) should be ${after.terms[differs]}`,
    );
}

/** The model that a rule compares with; a baseline of one model is that, whatever the method. */
const baseOf = (models: Models, rule: Rule, complain: Complain): Model | undefined =>
  Object.keys(models.after).length === 0 ? models.trained : modelOf(models, rule, complain);

export interface Match {
  readonly after: Site;
  readonly before: Site;
  readonly base: Model;
}

/**
 * The numbers of a rule beside those of the baseline. A group that only one of them has is undefined in the other; an
 * attribute that only one of them has is an error.
 */
export function matchesOf(
  after: readonly Site[],
  earlier: Models,
  rule: Rule,
  complain: Complain,
): Match[] {
  const inBaseline: Complain = (at, message) => complain(at, `in the baseline, ${message}`);
  const base = baseOf(earlier, rule, inBaseline);
  if (!base) return [];
  const before = base.sites(rule, inBaseline).map((site) => withMethod(site, rule.method));
  if (after.length === 0 || before.length === 0) return []; // has been complained about
  const sides = [
    { sites: after, other: before, where: "in the baseline" },
    { sites: before, other: after, where: "in the report" },
  ] as const;
  for (const { sites, other, where } of sides) {
    const there = [...new Set(other.map(({ attribute }) => attribute ?? ""))];
    const lone = sites.find(({ attribute }) => !there.includes(attribute ?? ""));
    if (lone)
      complain(
        ["metric"],
        `there is no attribute "${lone.attribute}" ${where}, only ${listed(there)}; name the attributes to compare`,
      );
  }
  const afterBy = new Map(after.map((site) => [keyOf(site), site]));
  const beforeBy = new Map(before.map((site) => [keyOf(site), site]));
  return [...new Set([...afterBy.keys(), ...beforeBy.keys()])].map((key) => {
    const [here, there] = [afterBy.get(key), beforeBy.get(key)];
    return {
      after: here ?? without(there!, "the report has no"),
      before: there ?? without(here!, "there is no"),
      base,
    };
  });
}

const without = (site: Site, words: string): Site => ({
  ...site,
  estimate: { value: null, interval: null, reason: `${words} group ${site.group}` },
  footings: [],
});

/** Changes over the same rows, or why there are none. */
export interface Pairing {
  readonly paired?: Paired;
  readonly unpaired?: string;
}

export function pairingOf(after: Model, before: Model, rows: Baseline["rows"]): Pairing {
  const [now, was] = [after.report, before.report];
  if (!now || !was) return { unpaired: "rankings are not resampled in pairs" };
  const [here, there] = [rowsOf(after, "report", rows), rowsOf(before, "baseline", rows)];
  if (typeof here === "string") return { unpaired: here };
  if (typeof there === "string") return { unpaired: there };
  const joined = join(here, there);
  return typeof joined === "string"
    ? { unpaired: joined }
    : { paired: pairedOver(joined, { before: was, after: now }) };
}

function rowsOf({ report }: Model, whose: string, rows: Baseline["rows"]): Predictions | string {
  if (!report?.rowsFile) return `the ${whose} names no file of its rows`;
  const { file, sha256 } = report.rowsFile;
  return rows?.get(sha256) ?? `${file} is not beside the ${whose}`;
}
