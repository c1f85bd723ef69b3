/** @file A comparison as tables: verdicts, gaps of each attribute, what embeddings hold and what it costs. */
import { MARGIN, type Outcome, type Verdict } from "../../compare/outcome.ts";
import { BASE, type CompareResult, isBaseline } from "../../compare/result.ts";
import type { SeedNumbers } from "../../compare/summary.ts";
import { decimal, interval, percent, signed, undefinedFor } from "../format.ts";
import {
  type Cell,
  type Column,
  type Table,
  type Tone,
  cell,
  left,
  right,
} from "../tables/table.ts";
import { type MethodView, type TaskView, numberOf, taskTitle } from "./model.ts";

const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {
  better: "better",
  worse: "worse",
  "no evidence": "unclear",
};

const OUTCOME_TONES: Readonly<Record<Outcome, Tone>> = {
  "fairer, accuracy kept": "better",
  "fairer, accuracy unclear": "better",
  "fairer, accuracy lost": "worse",
  "fairer and less fair": "worse",
  "no evidence": "unclear",
  worse: "worse",
};

/** "0.112 ±0.010" with "Δ -0.046 [-0.060, -0.031]"; of `base` no change. */
function numberCell(of: SeedNumbers | undefined): Cell {
  if (of === undefined) return cell("");
  const { mean, sd, change, reason } = of;
  if (mean === null) return cell(reason ? undefinedFor(reason) : "", undefined, "muted");
  const text = `${decimal(mean)}${sd === null ? "" : ` ±${decimal(sd)}`}`;
  if (change === null) return cell(text);
  const ends = interval(change.interval, signed);
  return cell(
    text,
    ["Δ", signed(change.mean), ends].filter(Boolean).join(" "),
    VERDICT_TONES[change.verdict],
  );
}

const methodCell = ({ name }: MethodView): Cell => cell(name, undefined, "strong");

/** Reads one number of a method into a cell. */
type Read = readonly [column: Column, read: (method: MethodView) => Cell];

function tableOf(
  title: string,
  { baselines, methods }: TaskView,
  reads: readonly Read[],
  notes: readonly string[],
): Table {
  return {
    title,
    columns: [left("method"), ...reads.map(([column]) => column)],
    rows: [...baselines, ...methods].map((method) => [
      methodCell(method),
      ...reads.map(([, read]) => read(method)),
    ]),
    notes,
  };
}

/** What a reader of the verdict must know, in few words. */
function flags({ feasible, seeds, problems, groupAtInference, baseline }: MethodView): string {
  return [
    baseline === BASE ? "" : `against ${baseline}`,
    groupAtInference ? "needs the group" : "",
    feasible < seeds ? `infeasible in ${seeds - feasible} of ${seeds}` : "",
    seeds > 0 && problems.length > 0 ? "some seeds failed" : "",
  ]
    .filter(Boolean)
    .join("; ");
}

function verdictCell(method: MethodView): Cell {
  const { outcome, problems, name } = method;
  if (isBaseline(name)) return cell(name === BASE ? "" : "no debiasing", undefined, "muted");
  if (outcome !== null) return cell(outcome, flags(method), OUTCOME_TONES[outcome]);
  return cell(problems.join("; "), undefined, "muted");
}

/** Verdict, accuracy and `eo.max` by each attribute: the table that is read first. */
export const verdictTable = (view: TaskView): Table =>
  tableOf(
    taskTitle(view),
    view,
    [
      [left("verdict"), verdictCell],
      [right("accuracy"), (of) => numberCell(numberOf(of, "accuracy", null))],
      ...view.task.attributes.map((attribute): Read => [
        right(`eo.max by ${attribute}`),
        (of) => numberCell(numberOf(of, "eo.max", attribute)),
      ]),
    ],
    [...basisNotes(view), ...lowest(view)],
  );

/** What the numbers after the means are, and by what rule verdicts are told. */
function basisNotes({ result, baselines, methods }: TaskView): string[] {
  const compared = [...baselines.slice(1), ...methods].filter(({ seeds: n }) => n > 0).length;
  const { level, seeds } = result;
  const bases = new Set(
    methods.flatMap(({ numbers }) => numbers.flatMap(({ change }) => change?.basis ?? [])),
  );
  const others = methods.some(({ baseline }) => baseline !== BASE)
    ? " (against prototype where that is said)"
    : "";
  const alpha = percent(1 - level).replace(".0%", "%");
  return [
    ...(seeds.length > 1
      ? [
          `Means over ${seeds.length} seeds, each with its own split, ± their standard deviation; methods in the order of the config.`,
        ]
      : ["One seed; methods in the order of the config."]),
    ...(bases.has("splits")
      ? [
          `Δ: mean change against base${others} in the same seeds, with its ${percent(level).replace(".0%", "%")} interval over random splits (corrected resampled t, Nadeau and Bengio 2003, ${seeds.length - 1} ${seeds.length === 2 ? "degree" : "degrees"} of freedom).`,
        ]
      : []),
    ...(bases.has("rows")
      ? [
          `Δ${bases.has("splits") ? " of changes that are the same in every seed" : ""}: change against base${others} with the paired bootstrap interval of the test rows.`,
        ]
      : []),
    `Better and worse hold at ${alpha} after Holm's correction over the ${compared} that ran (intervals are not corrected). Fairer: eo.max is better by one attribute and worse by none. Accuracy is kept when the interval of its change ends above -${MARGIN}.`,
  ];
}

/** The lowest gaps: shown, for picking a method by them would be choosing on test. */
function lowest({ baselines, methods, task }: TaskView): string[] {
  const parts = task.attributes.flatMap((attribute) => {
    const found = [...baselines, ...methods].flatMap((method) => {
      const mean = numberOf(method, "eo.max", attribute)?.mean;
      return mean == null ? [] : [{ name: method.name, mean }];
    });
    const [best] = found.toSorted((a, b) => a.mean - b.mean);
    return best ? [`by ${attribute} ${best.name} (${decimal(best.mean)})`] : [];
  });
  return parts.length === 0
    ? []
    : [`Lowest eo.max on test, shown and not chosen: ${parts.join(", ")}.`];
}

/** The other numbers of one attribute. */
export const attributeTable = (view: TaskView, attribute: string): Table =>
  tableOf(
    `${view.task.target} by ${attribute}`,
    view,
    (
      [
        ["worst_group.accuracy", "worst group"],
        ["eopp", "eopp"],
        ["di", "di"],
        ["max_skew", `max_skew@${view.task.k}`],
      ] as const
    ).map(([metric, head]): Read => [
      right(head),
      (of) => numberCell(numberOf(of, metric, attribute)),
    ]),
    [],
  );

/** What probes read off the embeddings, beside chance; and what a method costs. */
export function embeddingTable(view: TaskView): Table {
  const { base, task } = view;
  const probes = [
    ...task.concepts.flatMap((concept) => [
      { metric: "leakage.linear", attribute: concept, head: `${concept} leaks, linear` } as const,
      {
        metric: "leakage.nonlinear",
        attribute: concept,
        head: `${concept} leaks, nonlinear`,
      } as const,
    ]),
    ...task.utility.map(
      (attribute) => ({ metric: "utility", attribute, head: `${attribute} is left` }) as const,
    ),
  ];
  const measured = probes.flatMap(({ metric, attribute, head }): Read[] => {
    const of = numberOf(base, metric, attribute);
    return of?.mean == null
      ? []
      : [
          [
            right(`${head} (chance ${decimal(of.chance ?? 0)})`),
            (method) => numberCell(numberOf(method, metric, attribute)),
          ],
        ];
  });
  return tableOf(
    measured.length === 0 ? "Cost" : `What embeddings hold, and cost: ${taskTitle(view)}`,
    view,
    [
      ...measured,
      [right("fit, s"), ({ cost }) => cell(cost === null ? "" : cost.fitSeconds.toFixed(2))],
      [
        right("µs a row"),
        ({ cost }) => cell(cost === null ? "" : cost.microsecondsPerRow.toFixed(1)),
      ],
    ],
    measured.length === 0
      ? []
      : [
          "Balanced accuracy of a probe for the attribute, cross-validated on test rows. A concept should fall to chance, the rest should stay.",
        ],
  );
}

/** What each method does. */
export const methodTable = ({ methods }: CompareResult): Table => ({
  title: "Methods",
  columns: [
    left("method"),
    left("what it does"),
    left("compared with"),
    left("group at inference"),
  ],
  rows: methods.map(({ name, summary, groupAtInference, baseline }) => [
    cell(name, undefined, "strong"),
    cell(summary),
    cell(name === BASE ? "" : baseline),
    cell(groupAtInference ? "needed" : "not needed"),
  ]),
  notes: [],
});
