/** @file The top of the page: title, verdict, the few numbers that a reader came for. */
import type { Report } from "../../eval/report.ts";
import { betterOf } from "../../eval/select.ts";
import { isIntersection } from "../findings/finding.ts";
import { RATES } from "../../eval/metrics/rates.ts";
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
import {
  type Constraint,
  type Evaluation,
  type Measured,
  type RunReport,
  type Trajectory,
  subject,
  comparison,
} from "../model.ts";
import { makers } from "../tables/evaluation.ts";
import { type Verdict, changeOf, gapOf, shortfall, standing, verdictOf } from "../verdict.ts";
import { type Markup, html } from "./template.ts";

const BADGES: Readonly<Record<Verdict, { readonly text: string; readonly tone: string }>> = {
  feasible: { text: "Feasible", tone: "better" },
  infeasible: { text: "Infeasible", tone: "worse" },
  unconstrained: { text: "No constraint", tone: "muted" },
};

const sign = ({ rule }: Constraint): string => (rule === "at most" ? "≤" : "≥");

interface Tile {
  readonly label: string;
  readonly measured: Measured & { readonly interval: readonly [number, number] | null };
  readonly about: string;
  /** What debiasing made better, a line a method. */
  readonly after?: readonly string[];
  readonly tone?: string;
}

const joined = (...texts: readonly string[]): string => texts.filter(Boolean).join("; ");

const UNMEASURED = { value: null, interval: null, reason: "not measured" } as const;

/** Only changes whose paired interval lies on the better side. */
function improvements(evaluation: Evaluation, rule: Constraint): string[] {
  const of = comparison(evaluation);
  return Object.entries(of?.after ?? {}).flatMap(([method, report]) => {
    const gap = gapOf(report, rule);
    const change = of && changeOf(of, method, rule);
    if (gap?.value == null || change?.verdict !== "better") return [];
    return [
      `after ${method} ${decimal(gap.value)}: ${standing(gap, rule) === "within" ? "met" : "better, not met"}`,
    ];
  });
}

const constraintTile = (evaluation: Evaluation, rule: Constraint): Tile => {
  const gap = gapOf(subject(evaluation), rule);
  const state = standing(gap, rule);
  return {
    label: metricOf(rule.metric, rule.attribute),
    measured: gap ?? UNMEASURED,
    about: joined(
      state === "undefined"
        ? ""
        : `limit ${sign(rule)} ${limit(rule.limit)}: ${state === "within" ? "met" : "not met"}`,
      gap ? makers(gap) : "",
    ),
    after: improvements(evaluation, rule),
    tone: { within: "better", beyond: "worse", undefined: "muted" }[state],
  };
};

/** How to read a value for which no limit is set. */
const FAIR: Readonly<Record<string, string>> = {
  "eo.max": "0 is fair",
  di: "below 0.8 fails the four-fifths rule",
};

function gapTile(report: Report, metric: string, attribute: string, words: string): Tile {
  const gap = gapOf(report, { metric, attribute });
  return {
    label: `${words} by ${attribute}`,
    measured: gap ?? UNMEASURED,
    about: joined(FAIR[metric] ?? "", gap ? makers(gap) : ""),
  };
}

/** The attribute whose gap is worst; of intersections only where there is nothing else. */
function worstAttribute(report: Report, metric: string): string | null {
  const names = Object.keys(report.attributes);
  const single = names.filter((name) => !isIntersection(report, name));
  const sign = betterOf(metric) === "lower" ? 1 : -1;
  const badness = (attribute: string): number => {
    const value = gapOf(report, { metric, attribute })?.value;
    return value == null ? Number.NEGATIVE_INFINITY : sign * value;
  };
  return single.toSorted((a, b) => badness(b) - badness(a))[0] ?? null;
}

/** How the worst attribute fares, by each of three gaps. */
const worstTiles = (report: Report): Tile[] =>
  Object.entries({
    "eo.max": "eo.max",
    di: "disparate impact",
    "worst_group.accuracy": "worst accuracy",
  }).flatMap(([metric, words]) => {
    const attribute = worstAttribute(report, metric);
    return attribute === null ? [] : [gapTile(report, metric, attribute, words)];
  });

function tiles({ trajectory, evaluation }: RunReport): Tile[] {
  const report = subject(evaluation);
  const rules = trajectory?.constraints ?? [];
  const attribute = rules[0]?.attribute ?? null;
  return [
    {
      label: RATES.accuracy.label,
      measured: report.overall.accuracy,
      about: `${count(report.n)} rows, ${evaluation.data}`,
    },
    ...rules.slice(0, 2).map((rule) => constraintTile(evaluation, rule)),
    ...(attribute === null
      ? worstTiles(report)
      : [
          gapTile(report, "di", attribute, "disparate impact"),
          gapTile(report, "worst_group.accuracy", attribute, "worst accuracy"),
        ]),
  ];
}

const tileHtml = ({
  label,
  measured: { value, reason, interval: ends },
  about,
  after = [],
  tone,
}: Tile): Markup =>
  html`<li class="tile ${tone ?? ""}">
    <span class="label">${label}</span>
    <strong>${value === null ? "n/a" : decimal(value)}</strong>
    <span class="interval">${value === null ? undefinedFor(reason) : interval(ends)}</span>
    <span class="about">${about}</span>
    ${after.map((line) => html`<span class="after">▲ ${line}</span>`)}
  </li>`;

const badge = (text: string, tone: string): Markup =>
  html`<span class="badge ${tone}">${text}</span>`;

/** Whether the constraints hold on the data evaluated too; null where that cannot be said. */
function heldBadge({ constraints }: Trajectory, evaluation: Evaluation): Markup | null {
  const states = constraints.map((rule) => standing(gapOf(subject(evaluation), rule), rule));
  if (states.includes("beyond")) return badge(`not met on ${evaluation.data}`, "worse");
  if (states.length === 0 || states.includes("undefined")) return null;
  return badge(`met on ${evaluation.data}`, "better");
}

function verdictLine({ trajectory, evaluation }: RunReport): Markup | null {
  if (!trajectory) return null;
  const verdict = verdictOf(trajectory);
  const rules = trajectory.constraints.map(constraintOf).join(" and ");
  const text: Readonly<Record<Verdict, string>> = {
    feasible: `Epoch ${trajectory.selected} is the best of the epochs that meet ${rules} on validation.`,
    infeasible: `No epoch meets ${rules} on validation; epoch ${trajectory.selected} is kept: ${shortfall(trajectory)}.`,
    unconstrained: `Epoch ${trajectory.selected} was chosen by ${trajectory.objective.name} alone.`,
  };
  return html`<p class="verdict">
    ${badge(BADGES[verdict].text, BADGES[verdict].tone)} ${heldBadge(trajectory, evaluation)}
    <span>${text[verdict]}</span>
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
