/** @file Measures what a network says beside its target: a report of its own for labels, errors for numbers. */
import type { PixelStore } from "../data/pixels.ts";
import type { Row } from "../data/row.ts";
import type { Engine } from "../engine/engine.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import type { CnnModel } from "../model/cnn/model.ts";
import type { Model } from "../model/model.ts";
import type { OutputResult, RunFacts } from "../report/model.ts";
import type { Config } from "../run/config/schema.ts";
import { type RunFolder, runFolder } from "../run/folder.ts";
import { headAnswers, judgeNumber } from "../train/cnn/answers.ts";
import { type Task, predictionsOf, taskBeside } from "../train/predict.ts";
import type { Trained } from "../train/trained.ts";
import { writePart } from "./part-report.ts";

export interface OutputInputs {
  readonly engine: Engine;
  readonly config: Config;
  readonly task: Task;
  readonly model: Model;
  readonly trained: Pick<Trained, "inputsOf">;
  /** Of every output beside the target, in the order of their codes; null for numbers. */
  readonly labels: Readonly<Record<string, readonly string[] | null>>;
  /** Of the rows, in words. */
  readonly label: string;
  readonly facts: RunFacts;
  readonly optionsOf: (task: Task) => EvaluateOptions;
}

/** Writes the report and the predictions of every output of labels into a folder of its own. */
export async function measureOutputs(
  { engine, config, task, model, trained, labels, label, facts, optionsOf }: OutputInputs,
  store: PixelStore,
  folder: RunFolder,
): Promise<OutputResult[]> {
  const names = Object.keys(labels);
  if (model.kind !== "cnn" || names.length === 0) return [];
  const { rows } = store;
  const inputs = await trained.inputsOf(store);
  const answers = await headAnswers(
    engine,
    model,
    names,
    [...rows.keys()],
    (batch) => inputs.batch(batch, null),
    config.evaluate.batchSize,
  );
  await inputs.close();
  const results: OutputResult[] = [];
  for (const name of names) {
    const classes = labels[name]!;
    const about = { name, rows: rows.length };
    if (classes === null) {
      results.push({ ...about, ...numberResult(model, name, rows, answers[name]!, task) });
      continue;
    }
    const own = taskBeside(task, name, classes, classes[1]!);
    const report = await writePart(
      { title: `${config.name}: ${name}`, target: name, label, facts },
      predictionsOf(own, rows, answers[name]!),
      { ...optionsOf(own), excludedClasses: [] }, // classes to leave out are the target's
      runFolder(folder.output(name)),
    );
    results.push({ ...about, kind: "classes", report });
  }
  return results;
}

/** How well a number is told, of all rows and of each group. */
function numberResult(
  model: CnnModel,
  name: string,
  rows: readonly Row[],
  answers: Float32Array,
  task: Task,
) {
  const judged = (of: readonly number[]) =>
    judgeNumber(
      model,
      name,
      of.map((i) => rows[i]!),
      Float32Array.from(of, (i) => answers[i]!),
    );
  return {
    ...judged([...rows.keys()]),
    groups: groupsOf(rows, task).map(({ attribute, group, of }) => ({
      attribute,
      group,
      rows: of.length,
      ...judged(of),
    })),
  };
}

/** What a reader must know where other rows than the run's are measured: the codes of labels are the run's own. */
export function unmeasuredNote({ model, data }: Pick<Config, "model" | "data">): string[] {
  const names = Object.keys(model.outputs).filter((name) => name !== data.target);
  return names.length === 0
    ? []
    : [
        `What the network says beside ${data.target} (${names.join(", ")}) is not measured here; the report of the run has it for the test split.`,
      ];
}

/** The rows of each group of each measured attribute. */
function groupsOf(rows: readonly Row[], { attributes }: Task) {
  return attributes.flatMap((attribute) => {
    const groups = new Map<string, number[]>();
    rows.forEach(({ labels }, i) => {
      const parts = attribute.split("*").map((name) => labels[name]);
      if (parts.includes(undefined)) return;
      const group = parts.join("*");
      groups.set(group, [...(groups.get(group) ?? []), i]);
    });
    return [...groups]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, of]) => ({ attribute, group, of }));
  });
}
