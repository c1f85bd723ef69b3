/** @file How often 95% intervals of score metrics hold the truth, by simulation: a part of docs/coverage.md. */
import { type Uniform, uniform } from "../src/eval/uncertainty/binomial.ts";
import { encode } from "../src/eval/counts/cells.ts";
import { evaluate } from "../src/eval/evaluate.ts";
import { SCORE_GAP_NAMES, type ScoreGapName } from "../src/eval/metrics/gaps.ts";
import type { Attribute, Report } from "../src/eval/report.ts";
import { SCORE_NAMES, type ScoreName } from "../src/eval/metrics/scores.ts";

/** A group of a population: log-odds of the scores are normal, and what is true of a score may be other odds. */
interface Scores {
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
  /** Log-odds of the truth: `slope` times those of the score, plus `shift`. Calibrated at 1 and 0. */
  readonly slope: number;
  readonly shift: number;
}

export interface ScoreScenario {
  readonly name: string;
  readonly groups: readonly Scores[];
}

export type ScoreMeasure = ScoreName | ScoreGapName;

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

function report(groups: readonly Scores[], next: Uniform, replicates: number): Report {
  const rows = groups.flatMap(({ n, mean, sd, slope, shift }, g) =>
    Array.from({ length: n }, () => {
      const odds =
        mean + sd * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return {
        group: `g${g}`,
        score: sigmoid(odds),
        truth: next() < sigmoid(slope * odds + shift),
      };
    }),
  );
  return evaluate(
    {
      classes: ["0", "1"],
      truth: Int32Array.from(rows, ({ truth }) => Number(truth)),
      predicted: Int32Array.from(rows, ({ score }) => Number(score >= 0.5)),
      score: Float64Array.from(rows, ({ score }) => score),
      groups: { group: encode(rows.map(({ group }) => group)) },
    },
    { positive: "1", uncertainty: { replicates } },
  );
}

/** Of the first group, and between the groups. */
const estimateOf = ({ groups, gaps }: Attribute, name: ScoreMeasure) =>
  name in gaps ? gaps[name]! : groups["g0"]!.scores![name as ScoreName]!;

/** The share of the runs whose interval holds the value of the population, which is that of a million rows. */
export function simulateScores(
  { name, groups }: ScoreScenario,
  runs: number,
  replicates = 200,
): Map<ScoreMeasure, number> {
  const next = uniform("coverage of scores", name);
  const rows = groups.reduce((sum, { n }) => sum + n, 0);
  const many = groups.map((group) => ({ ...group, n: Math.round((group.n * 1e6) / rows) }));
  const truth = report(many, next, 0).attributes["group"]!;
  const names = [...SCORE_NAMES, ...SCORE_GAP_NAMES];
  const within = new Map<ScoreMeasure, number>(names.map((of) => [of, 0]));
  for (let run = 0; run < runs; run++) {
    const measured = report(groups, next, replicates).attributes["group"]!;
    for (const of of names) {
      const { value } = estimateOf(truth, of);
      const [low, high] = estimateOf(measured, of).interval!;
      if (low <= value! && value! <= high) within.set(of, within.get(of)! + 1 / runs);
    }
  }
  return within;
}

const even = (k: number, n: number, spread: number, of: Partial<Scores> = {}): Scores[] =>
  Array.from({ length: k }, (_, g) => {
    const along = k === 1 ? 0 : g / (k - 1);
    const rest = { mean: 0, sd: 2, slope: 1 - spread * along, shift: spread * along, ...of };
    return { n, ...rest };
  });

/** Here the documentation claims 92% to 98%, or a little more for calibration errors. */
export const SCORE_CLAIMED: readonly ScoreScenario[] = [
  { name: "2 groups of 200, one miscalibrated", groups: even(2, 200, 0.6) },
  { name: "2 groups of 1,000, one miscalibrated", groups: even(2, 1000, 0.6) },
  { name: "5 groups of 400, calibrated to miscalibrated", groups: even(5, 400, 0.8) },
];

const BEYOND: readonly ScoreScenario[] = [
  { name: "2 groups of 40, alike", groups: even(2, 40, 0) },
  { name: "2 groups of 40, one miscalibrated", groups: even(2, 40, 0.6) },
  { name: "2 groups of 200, alike", groups: even(2, 200, 0) },
  { name: "2 groups of 200, AUC near 1", groups: even(2, 200, 0, { sd: 8 }) },
  { name: "2 groups of 40, AUC near 1", groups: even(2, 40, 0, { sd: 8 }) },
  {
    name: "2 groups of 200, overconfident alike",
    groups: even(2, 200, 0, { sd: 3, slope: 0.5, shift: 0 }),
  },
  {
    name: "2 groups of 1,000, overconfident alike",
    groups: even(2, 1000, 0, { sd: 3, slope: 0.5, shift: 0 }),
  },
  {
    name: "2 groups of 400, 5% positive",
    groups: even(2, 400, 0, { mean: -4, slope: 1, shift: 0 }),
  },
  { name: "5 groups of 60, alike", groups: even(5, 60, 0) },
];

const table = (scenarios: readonly ScoreScenario[], runs: number): string[] => [
  `| scenario | ${[...SCORE_NAMES, ...SCORE_GAP_NAMES].map((name) => `\`${name}\``).join(" | ")} |`,
  `| --- | ${[...SCORE_NAMES, ...SCORE_GAP_NAMES].map(() => "---:").join(" | ")} |`,
  ...scenarios.map((scenario) => {
    process.stderr.write(`${scenario.name}\n`);
    const shares = [...simulateScores(scenario, runs).values()].map((of) => (100 * of).toFixed(1));
    return `| ${[scenario.name, ...shares].join(" | ")} |`;
  }),
];

/** The section of the page. */
export const scoreCoverage = (runs: number): string[] => [
  "## Scores",
  "",
  "Metrics of the first group, and gaps between the groups, from 200 resamples: between 92 and 98, or a little more for",
  "calibration errors, which chance alone raises, by how much depends on what is not known. Percentiles of resamples, which",
  "chance raises once more, would hold the true calibration error in hardly any case.",
  "",
  ...table(SCORE_CLAIMED, runs),
  "",
  "Small groups, metrics near their limit, and gaps that are not there:",
  "",
  ...table(BEYOND, runs),
  "",
];
