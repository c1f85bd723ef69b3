/** @file The top of the page: title, verdict, the few numbers that a reader came for. */
import type { Report } from "../../eval/report.ts";
import { RATES } from "../../eval/rates.ts";
import {
  constraintOf,
  count,
  decimal,
  interval,
  limit,
  metricOf,
  time,
  undefinedFor,
} from "../format.ts";
import { type Constraint, type Measured, type RunReport, baseline } from "../model.ts";
import { type Verdict, gapOf, standing, verdictOf } from "../verdict.ts";
import { type Markup, html } from "./template.ts";

const BADGES: Readonly<Record<Verdict, { readonly text: string; readonly tone: string }>> = {
  feasible: { text: "Feasible", tone: "better" },
  infeasible: { text: "Infeasible", tone: "worse" },
  unconstrained: { text: "No constraint", tone: "muted" },
};

interface Tile {
  readonly label: string;
  readonly measured: Measured & { readonly interval: readonly [number, number] | null };
  readonly about: string;
  readonly tone?: string;
}

const UNMEASURED = { value: null, interval: null, reason: "not measured" } as const;

const constraintTile = (report: Report, rule: Constraint): Tile => {
  const gap = gapOf(report, rule);
  const state = standing(gap, rule);
  return {
    label: metricOf(rule.metric, rule.attribute),
    measured: gap ?? UNMEASURED,
    about: state === "undefined" ? "" : `${state} the limit ${rule.rule} ${limit(rule.limit)}`,
    tone: { within: "better", beyond: "worse", undefined: "muted" }[state],
  };
};

/** The first sensitive attribute's gap where no constraint names one. */
function gapTile(report: Report, metric: string, attribute: string, about: string): Tile {
  return {
    label: metricOf(metric, attribute),
    measured: gapOf(report, { metric, attribute }) ?? UNMEASURED,
    about,
  };
}

function tiles({ trajectory, evaluation }: RunReport): Tile[] {
  const report = baseline(evaluation);
  const rules = trajectory?.constraints ?? [];
  const attribute = rules[0]?.attribute ?? Object.keys(report.attributes)[0] ?? null;
  return [
    {
      label: RATES.accuracy.label,
      measured: report.overall.accuracy,
      about: `${count(report.n)} rows, ${evaluation.data}`,
    },
    ...rules.slice(0, 2).map((rule) => constraintTile(report, rule)),
    ...(attribute === null
      ? []
      : [
          ...(rules.length === 0 ? [gapTile(report, "eo.max", attribute, "0 is fair")] : []),
          gapTile(report, "di", attribute, "disparate impact; 1 is fair, below 0.8 is not"),
          gapTile(report, "worst_group.accuracy", attribute, "accuracy of the worst group"),
        ]),
  ];
}

const tileHtml = ({
  label,
  measured: { value, reason, interval: ends },
  about,
  tone,
}: Tile): Markup =>
  html`<li class="tile ${tone ?? ""}">
    <span class="label">${label}</span>
    <strong>${value === null ? "n/a" : decimal(value)}</strong>
    <span class="interval">${value === null ? undefinedFor(reason) : interval(ends)}</span>
    <span class="about">${about}</span>
  </li>`;

function verdictLine({ trajectory }: RunReport): Markup | null {
  if (!trajectory) return null;
  const verdict = verdictOf(trajectory);
  const rules = trajectory.constraints.map(constraintOf).join(", ");
  const text: Readonly<Record<Verdict, string>> = {
    feasible: `Epoch ${trajectory.selected} is the best of the epochs that meet ${rules} on validation.`,
    infeasible: `No epoch meets ${rules} on validation; epoch ${trajectory.selected} misses by least.`,
    unconstrained: `Epoch ${trajectory.selected} was chosen by ${trajectory.objective.name} alone.`,
  };
  return html`<p class="verdict">
    <span class="badge ${BADGES[verdict].tone}">${BADGES[verdict].text}</span> ${text[verdict]}
  </p>`;
}

export const header = (report: RunReport): Markup =>
  html`<header>
    <h1>${report.title}</h1>
    <p class="subtitle">
      ${report.target} · ${report.evaluation.data} · ${time(report.run.finished)}
    </p>
    ${verdictLine(report)}
    <ul class="tiles">
      ${tiles(report).map(tileHtml)}
    </ul>
  </header>`;
