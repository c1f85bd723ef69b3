/** @file Judges a report by rules: PASS, FAIL, or INSUFFICIENT evidence. */
import { checked, type Problem, ProblemsError } from "../../run/yaml/problems.ts";
import type { ReportFile } from "../report-file.ts";
import {
  type Baseline,
  checkTerms,
  type Match,
  matchesOf,
  type Pairing,
  pairingOf,
} from "./baseline.ts";
import { changeSince } from "./change.ts";
import { checkOf, type Terms } from "./check.ts";
import { type Model, modelOf, modelsOf } from "./kinds.ts";
import type { Complain } from "./lookup.ts";
import { GATE_SCHEMA, type GateCheck, type GateResult } from "./result.ts";
import { GateRules, limitsOf } from "./rules.ts";
import { supportOf, withMethod } from "./site.ts";
import { type Verdict, worstOf } from "./verdict.ts";

/**
 * Judges every rule.
 * @throws ProblemsError (a UsageError) that names every rule which is malformed or about what is not there
 * @throws UsageError when the baseline is of other classes, or its rows do not give what it says
 */
export function judgeReport(report: ReportFile, rules: GateRules, baseline?: Baseline): GateResult {
  const { rules: list, bound, min_support: minSupport } = checked(GateRules, rules);
  const models = modelsOf(report);
  const earlier = baseline && modelsOf(baseline.report);
  if (earlier) checkTerms(models.trained, earlier.trained);

  const pairings = new Map<Model, Pairing>();
  const pairingWith = (model: Model, base: Model): Pairing => {
    const pairing = pairings.get(model) ?? pairingOf(model, base, baseline?.rows);
    pairings.set(model, pairing);
    return pairing;
  };

  const problems: Problem[] = [];
  const checks = list.flatMap((rule, index): (() => GateCheck)[] => {
    const so = problems.length;
    const complain: Complain = (at, message) =>
      problems.push({ path: ["rules", index, ...at], message });
    const model = modelOf(models, rule, complain);
    if (!model) return [];
    const sites = model.sites(rule, complain).map((site) => withMethod(site, rule.method));
    if (sites.length === 0 && problems.length === so)
      complain(["metric"], "the report has no group to judge it for"); // a rule must never pass unseen
    const terms: Terms = {
      rule,
      index,
      bound: rule.bound ?? bound,
      needed: rule.min_support ?? minSupport ?? model.minSupport,
    };
    if (limitsOf(rule).of === "value")
      return sites.map((site) => () => checkOf(terms, site, site.estimate, supportOf(site), null));
    if (!earlier) {
      complain([], "a limit on a change needs a baseline; give the report to compare with");
      return [];
    }
    return matchesOf(sites, earlier, rule, complain).map(
      (match) => () => changeCheck(terms, match, pairingWith(model, match.base)),
    );
  });
  if (problems.length > 0) throw new ProblemsError(problems);
  return resultOf(
    models.trained,
    checks.map((check) => check()),
  );
}

function changeCheck(terms: Terms, { after, before }: Match, pairing: Pairing): GateCheck {
  const change = changeSince(before, after, pairing.paired);
  const [here, there] = [supportOf(after), supportOf(before)];
  const support =
    there && (!here || there.rows < here.rows)
      ? { rows: there.rows, of: `${there.of} in the baseline` }
      : here;
  return checkOf(terms, after, change, support, {
    value: before.estimate.value,
    paired: change.paired,
    unpaired: change.paired
      ? null
      : (pairing.unpaired ?? `${after.metric} is not resampled in pairs for these rows`),
  });
}

function resultOf({ rows, level }: Model, checks: GateCheck[]): GateResult {
  const verdicts = checks.map(({ verdict }) => verdict);
  const count = (wanted: Verdict): number =>
    verdicts.filter((verdict) => verdict === wanted).length;
  return {
    schema: GATE_SCHEMA,
    verdict: worstOf(verdicts),
    rows,
    level,
    counts: { PASS: count("PASS"), FAIL: count("FAIL"), INSUFFICIENT: count("INSUFFICIENT") },
    checks,
  };
}
