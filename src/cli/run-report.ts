/** @file From what a run did to the value that reports are made of. */
import { availableParallelism, cpus, totalmem } from "node:os";
import { stringify } from "yaml";
import type { PixelStore } from "../data/pixels.ts";
import { cellsOf } from "../data/cells.ts";
import { type Row, SPLITS, type Split } from "../data/row.ts";
import { betterOf } from "../eval/select.ts";
import type { Model } from "../model/model.ts";
import type {
  DataPlan,
  Fact,
  MethodChoice,
  RunFacts,
  RunReport,
  Trajectory,
} from "../report/model.ts";
import type { Config } from "../run/config/schema.ts";
import { VERSION } from "../run/version.ts";
import type { Assessment } from "../train/assess.ts";
import type { Dataset } from "../train/dataset.ts";
import { type EpochCriteria, betterObjective, objectiveOf } from "../train/epoch-choice.ts";
import type { Validation } from "../train/judge.ts";
import type { LoopState } from "../train/loop-state.ts";
import { type Task, singleAttributes } from "../train/predict.ts";
import { removedAttributes } from "../train/variants/attributes.ts";
import { variantMethods } from "../train/variants/methods.ts";
import type { Variant } from "../train/variants/variant.ts";
import { mistakesOf, samplesOf } from "./report-faces.ts";

/** Rows per cell of target and sensitive attributes, and what balancing did. */
export function dataPlanOf(
  config: Config,
  dataset: Dataset,
  unreadable: PixelStore["bad"],
): DataPlan {
  const attributes = singleAttributes([dataset.task.target, ...dataset.task.attributes]);
  const key = (values: readonly string[]): string => values.join("\u0000");
  const tally = (rows: readonly Row[]): Map<string, number> =>
    new Map(
      cellsOf(rows, attributes).map(({ values, rows: members }) => [key(values), members.length]),
    );
  const counts: Readonly<Record<Split, Map<string, number>>> = {
    train: tally(dataset.rows.train),
    validation: tally(dataset.rows.validation),
    test: tally(dataset.rows.test),
  };
  const before = tally(dataset.trainBefore);
  const all = [...dataset.trainBefore, ...SPLITS.flatMap((split) => dataset.rows[split])];
  return {
    source: dataset.source,
    synthetic: config.data.source === "synthetic",
    attributes,
    cells: cellsOf(all, attributes).map(({ values }) => ({
      labels: values,
      trainBefore: before.get(key(values)) ?? 0,
      counts: {
        train: counts.train.get(key(values)) ?? 0,
        validation: counts.validation.get(key(values)) ?? 0,
        test: counts.test.get(key(values)) ?? 0,
      },
    })),
    balancing: dataset.balance && {
      method: dataset.balance.method,
      compat: dataset.balance.compat,
      removed: dataset.balance.removed.length,
      added: dataset.balance.added.length,
    },
    rejected: [...dataset.rejected, ...unreadable],
  };
}

/** The epochs as validation saw them. */
export const trajectoryOf = (
  { trajectory, selected }: LoopState<Validation>,
  { objective, constraints }: EpochCriteria,
): Trajectory => ({
  objective: { name: objective, better: betterObjective(objective) },
  constraints: constraints.map(({ metric, attribute, limit, bound }) => ({
    metric,
    attribute: attribute ?? null,
    rule: betterOf(metric) === "higher" ? "at least" : "at most",
    limit,
    bound,
  })),
  epochs: trajectory.map((record) => {
    const { epoch, trainLoss, validation } = record;
    const value = objectiveOf(record, objective);
    return {
      epoch,
      trainLoss,
      validationLoss: validation.loss,
      objective: { value, ...(value === null ? { reason: "undefined" } : {}) },
      constraints: validation.checks.map((check) => ({ value: check.value, reason: check.reason })),
      feasible: validation.feasible,
    };
  }),
  selected: trajectory[selected ?? 0]?.epoch ?? 0,
});

/** What the report says was run. */
export function factsOf(
  config: Config,
  model: Model,
  state: LoopState<Validation> | null,
  started: Date,
  command: string,
): RunFacts {
  const { train } = config;
  const speeds = state?.trajectory
    .map(({ imagesPerSecond }) => imagesPerSecond)
    .toSorted((a, b) => a - b);
  return {
    summary: [
      modelFact(config, model),
      { label: "trained", value: config.model.trainable.kind },
      { label: "objective", value: train.objective },
      {
        label: "optimizer",
        value: `${train.optimizer.name}, lr ${train.lr}, ${train.schedule}, batch ${train.batchSize * train.accumulate}`,
      },
      { label: "epochs", value: String(state ? state.trajectory.length : train.epochs) },
      ...dataFacts(config),
      ...timeFacts(state),
      ...skippedFacts(state),
    ],
    imagesPerSecond: speeds && speeds.length > 0 ? speeds[Math.floor(speeds.length / 2)]! : null,
    ...commonFacts(config, started, command),
  };
}

/** What the report of a model says that nothing was trained of. */
export const zeroShotFacts = (
  config: Config,
  model: Model,
  started: Date,
  command: string,
): RunFacts => ({
  summary: [
    modelFact(config, model),
    { label: "trained", value: "nothing: classified by its prompts (zero-shot)" },
    ...dataFacts(config),
  ],
  imagesPerSecond: null,
  ...commonFacts(config, started, command),
});

function modelFact(config: Config, { weights }: Model): Fact {
  const parameters = [...weights.values()].reduce((n, { data }) => n + data.length, 0);
  return {
    label: "model",
    value: `${config.model.from}, ${(parameters / 1e6).toFixed(1)} million parameters`,
  };
}

const dataFacts = ({ data, seed }: Config): Fact[] => [
  { label: "data", value: data.source === "synthetic" ? `${data.count} drawn faces` : data.path },
  { label: "seed", value: String(seed) },
];

const commonFacts = (config: Config, started: Date, command: string) => ({
  ...timeOf(started),
  versions: machineFacts({ label: "engine", value: engineText(config) }),
  command,
  config: stringify(config),
});

const engineText = ({ engine, precision }: Config): string =>
  precision === "float32" ? engine : `${engine}, matrix products in ${precision}`;

/** Steps that loss scaling skipped, where there were any. */
function skippedFacts(state: LoopState<Validation> | null): Fact[] {
  const skipped = state?.trajectory.reduce((sum, epoch) => sum + epoch.skipped, 0) ?? 0;
  return skipped > 0
    ? [{ label: "skipped steps", value: `${skipped}: gradients beyond float16` }]
    : [];
}

/** Where the time of training went: what is not the step itself is what a faster loader or optimizer could save. */
function timeFacts(state: LoopState<Validation> | null): Fact[] {
  const spent = state?.trajectory.map(({ seconds }) => seconds) ?? [];
  const parts = (["step", "optimizer", "data", "validation"] as const).map((part) => ({
    part,
    total: spent.reduce((sum, seconds) => sum + seconds[part], 0),
  }));
  const all = parts.reduce((sum, { total }) => sum + total, 0);
  if (all === 0) return [];
  const shares = parts.map(({ part, total }) => `${part} ${Math.round((100 * total) / all)}%`);
  return [{ label: "training time", value: `${Math.round(all)} s: ${shares.join(", ")}` }];
}

/** From `started` until now, and the most memory taken. */
export function timeOf(
  started: Date,
): Pick<RunFacts, "started" | "finished" | "seconds" | "peakMemoryBytes"> {
  const finished = new Date();
  return {
    started: started.toISOString(),
    finished: finished.toISOString(),
    seconds: (finished.getTime() - started.getTime()) / 1000,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** Versions, and the machine. */
export const machineFacts = (...more: readonly Fact[]): Fact[] => [
  { label: "equiclip", value: VERSION },
  ...more,
  { label: "Node", value: process.versions.node },
  {
    label: "machine",
    value: `${cpus()[0]?.model.trim() ?? process.arch}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`,
  },
];

/** What was measured on the rows of `store`, and which of them were got wrong. @param data those rows, in words. */
export async function measuredPart(
  config: Config,
  task: Task,
  data: string,
  assessment: Assessment,
  variants: ReadonlyMap<string, Variant>,
  store: PixelStore,
): Promise<Pick<RunReport, "target" | "evaluation" | "mistakes" | "samples">> {
  const pictures = config.report.thumbnails;
  return {
    target: task.target,
    evaluation: {
      data,
      result: assessment.result,
      erased: variants.size > 0 ? removedAttributes(config.debias, task).join(" and ") : null,
      methods: Object.fromEntries(
        [...variants].map(([method, { setting }]) => [method, { setting, ...toldOf(method) }]),
      ),
    },
    mistakes: await mistakesOf(assessment, store, task, pictures),
    samples: await samplesOf(assessment, store, config.seed, pictures),
  };
}

/** What a reader must know of a method. A run's file may name one that this version does not know. */
const toldOf = (method: string): Omit<MethodChoice, "setting"> => {
  const known = Object.entries(variantMethods).find(([name]) => name === method)?.[1];
  return {
    caveat: known?.caveat ?? null,
    groupAtInference: known?.groupAtInference ?? false,
  };
};

/** The command that was given, for a shell. */
export const commandLine = (): string =>
  ["equiclip", ...process.argv.slice(2)]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
