/** @file A report within a run's folder: of other prompts, or of an output beside the target. */
import { type EvaluateOptions, evaluate } from "../eval/evaluate.ts";
import type { Predictions } from "../eval/predictions.ts";
import { writePredictions } from "../eval/predictions-csv.ts";
import type { Report } from "../eval/report.ts";
import type { RunFacts } from "../report/model.ts";
import type { RunFolder } from "../run/folder.ts";
import { writeReports } from "./reports.ts";

export interface Part {
  readonly title: string;
  /** The attribute that is told. */
  readonly target: string;
  /** Of the rows, in words. */
  readonly label: string;
  readonly facts: RunFacts;
}

/** Writes predictions and their report into a folder of their own. */
export async function writePart(
  { title, target, label, facts }: Part,
  predictions: Predictions,
  options: EvaluateOptions,
  folder: RunFolder,
): Promise<Report> {
  const rowsFile = await writePredictions(folder.predictions, predictions);
  const report = { ...evaluate(predictions, options), rowsFile };
  await writeReports(
    {
      title,
      target,
      run: facts,
      data: null,
      trajectory: null,
      evaluation: { data: label, result: report, erased: null, methods: {} },
      mistakes: [],
      samples: [],
      notes: [],
    },
    folder,
  );
  return report;
}
