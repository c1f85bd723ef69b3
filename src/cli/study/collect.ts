/** @file From the stored predictions of all runs to the result of a study. */
import { relative } from "node:path";
import type { Predictions } from "../../eval/predictions.ts";
import { readPredictions } from "../../eval/predictions-csv.ts";
import type { Config } from "../../run/config/schema.ts";
import { messageOf } from "../../run/errors.ts";
import { measure, pairedNumbers } from "../../study/numbers.ts";
import type { StudyResult, StudyRun } from "../../study/result.ts";
import { FORMS, type Form, type Strategy } from "../../study/strategies.ts";
import { type StudyFolder, type StudyOptions, readFinished } from "./folder.ts";
import { predictionsOf } from "./job.ts";
import type { PlannedRun, StudyPlan } from "./plan.ts";

/** Of every interval: enough for two digits of its ends, and 66 runs have many. */
const UNCERTAINTY = { level: 0.95, replicates: 2000 } as const;

/** The CLIP whose weights the study took, by the name of its folder or on the Hub. */
const RELEASED = /(^|\/)clip-vit-base-patch32\/?$/;

/** A run of one form of a strategy, with its predictions where it is done. */
interface Collected {
  readonly run: StudyRun;
  readonly predictions: Predictions | null;
}

/** @param failed why runs failed */
export async function collect(
  plan: StudyPlan,
  options: StudyOptions,
  folder: StudyFolder,
  failed: ReadonlyMap<PlannedRun, string>,
): Promise<StudyResult> {
  const collected: Collected[] = [];
  const corrections: StudyResult["corrections"] = [];
  for (const strategy of plan.strategies)
    for (const seed of plan.seeds) {
      const of = new Map<Form, Collected>();
      for (const form of FORMS)
        if (strategy.forms[form] !== null)
          of.set(form, await collectRun(plan, folder, failed, { strategy, form, seed }));
      collected.push(...of.values());
      const [before, after] = FORMS.map((form) => of.get(form)?.predictions);
      if (!before || !after) continue;
      const paired = pairedNumbers(before, after, strategy.target, { ...UNCERTAINTY, seed });
      corrections.push({ strategy: strategy.key, seed, ...paired, numbers: [...paired.numbers] });
    }
  const clip = plan.runs.find(
    ({ job }) => plan.strategies.find(({ key }) => job.strategies.includes(key))?.family === "clip",
  );
  const from = clip?.config?.model.from ?? null;
  return {
    schema: "equiclip.study/1",
    study: "001",
    data: {
      source: options.data ?? "drawn faces",
      synthetic: options.data === null,
      files: plan.files,
      scale: options.scale,
    },
    clip: { from, released: from !== null && RELEASED.test(from) },
    seeds: [...plan.seeds],
    uncertainty: UNCERTAINTY,
    strategies: plan.strategies.map(({ key }) => key),
    runs: collected.map(({ run }) => run),
    corrections,
  };
}

async function collectRun(
  plan: StudyPlan,
  folder: StudyFolder,
  failed: ReadonlyMap<PlannedRun, string>,
  { strategy, form, seed }: { strategy: Strategy; form: Form; seed: number },
): Promise<Collected> {
  const source = strategy.forms[form]!;
  const planned = plan.runs.find(({ job }) => job.config === source.config && job.seed === seed)!;
  const place = { strategy: strategy.key, form, seed };
  const undone = (status: "failed" | "waiting", reason: string): Collected => ({
    run: { ...place, status, reason },
    predictions: null,
  });
  const reason = failed.get(planned);
  if (reason !== undefined) return undone("failed", reason);
  const runFolder = folder.run(planned.job);
  const finished = await readFinished(runFolder);
  if (finished === null) return undone("waiting", "not run yet");
  try {
    const predictions = await readPredictions(predictionsOf(source, runFolder));
    const measured = measure(predictions, strategy.target, { ...UNCERTAINTY, seed });
    const run = {
      ...place,
      status: "done" as const,
      folder: relative(folder.root, runFolder.root),
      testShare: testShareOf(planned.config!),
      ...finished,
      ...measured,
    };
    return { run, predictions };
  } catch (thrown) {
    return undone("failed", messageOf(thrown));
  }
}

const testShareOf = ({ split: { fold, train, validation, test } }: Config): number =>
  fold ? 1 / fold.k : test / (train + validation + test);
