/** @file A task on the split of one seed: what all methods share, fitted once. */
import { meansAsPrompts } from "../debias/prompts/means-as-prompts.ts";
import type { Prompts } from "../debias/debiaser.ts";
import { columnOf } from "../train/columns.ts";
import { truthOf } from "../train/predict.ts";
import { evaluate, type EvaluateOptions } from "../eval/evaluate.ts";
import type { Report } from "../eval/report.ts";
import type { Uncertainty } from "../eval/uncertainty/pending.ts";
import { UsageError } from "../run/errors.ts";
import type { Criteria } from "./choose.ts";
import type { Tested } from "./measure.ts";
import { predictionsOf } from "./predictions.ts";
import { type ProbeSettings, probesOf } from "./probes.ts";
import type { BaseHead, Candidate, FitContext, Output, Part } from "./recipe.ts";
import { fitBase, fitPrototype } from "./recipes/baselines.ts";
import { BASE, PROTOTYPE } from "./result.ts";
import { skewsOf } from "./skew.ts";
import type { Parts } from "./splits.ts";
import type { TaskReport } from "./tasks.ts";

/** What is the same for every cell of a comparison. */
export interface Settings {
  readonly criteria: Criteria;
  readonly uncertainty: { readonly level: number; readonly replicates: number };
  readonly minSupport: number;
  readonly C: number;
  readonly probes: Omit<ProbeSettings, "level">;
  /** Of each concept, by task; null where the model has no text side. */
  readonly prompts: Readonly<Record<string, readonly Prompts[]>> | null;
}

/** Methods are fitted on `context`, chosen on its validation part, and see `test` never. */
export interface Stand {
  readonly task: TaskReport;
  readonly seed: number;
  readonly context: FitContext;
  readonly test: Part;
  readonly evaluate: EvaluateOptions & { readonly uncertainty: Uncertainty };
  readonly baselines: Readonly<Record<typeof BASE | typeof PROTOTYPE, Baseline>>;
  /** What can be read off embeddings of the test rows [N, D]; of those as they are it is read once. */
  readonly probe: (x: Float32Array) => Probed;
}

type Probed = ReturnType<typeof probesOf>;

interface Baseline {
  readonly candidate: Candidate;
  readonly tested: Tested;
}

/** @throws {EquiclipError} when a head cannot be fitted, as of a target with one class in train */
export function openStand(task: TaskReport, seed: number, parts: Parts, settings: Settings): Stand {
  const { train, validation, test } = parts;
  const shared = {
    task,
    train,
    validation,
    prompts: settings.prompts?.[task.id] ?? meanPrompts(task, train),
    C: settings.C,
    seed,
  };
  const uncertainty: Uncertainty = { ...settings.uncertainty, seed, gaps: "contrast" };
  const evaluateBy = {
    positive: task.positive,
    attributes: task.attributes,
    minSupport: settings.minSupport,
    uncertainty,
    scores: false,
  };
  const base: BaseHead = fitBase(shared);
  const prototype = fitPrototype(shared);
  const baseline = (candidate: Candidate): Baseline => ({
    candidate,
    tested: testedOf(task, test, candidate.predict(test), evaluateBy),
  });
  const level = settings.uncertainty.level;
  const probe = (x: Float32Array): Probed => probesOf(task, test, x, { ...settings.probes, level });
  let untouched: Probed | null = null;
  return {
    task,
    seed,
    context: { ...shared, base },
    test,
    evaluate: evaluateBy,
    baselines: { [BASE]: baseline(base), [PROTOTYPE]: baseline(prototype) },
    probe: (x) => (x === test.x ? (untouched ??= probe(x)) : probe(x)),
  };
}

function meanPrompts(task: TaskReport, { rows, x, d }: Part): Prompts[] {
  const target = truthOf(task, rows);
  const missing = task.classes.find((_, c) => !target.includes(c));
  if (missing !== undefined)
    throw new UsageError(
      `no train row has ${task.target}=${missing}, whose mean would stand in for its prompt; stratify by ${task.target} (split.by), or leave the class out`,
    );
  return meansAsPrompts({
    images: { x, n: rows.length, d },
    target,
    concepts: task.concepts.map((name) => columnOf(rows, name).codes),
  });
}

/** A classifier's answers for test rows, ready to be measured; its report is made once, when it is first asked for. */
export function testedOf(
  task: TaskReport,
  test: Part,
  output: Output,
  evaluateBy: Stand["evaluate"],
): Tested {
  const predictions = predictionsOf(task, test, output);
  let report: Report | null = null;
  return {
    predictions,
    skews: skewsOf(task, predictions, evaluateBy.uncertainty),
    report: () => (report ??= evaluate(predictions, evaluateBy)),
  };
}
