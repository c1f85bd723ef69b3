/** @file A study from its folder to its report. */
import { existsSync } from "node:fs";
import { readPredictions } from "../../eval/predictions-csv.ts";
import { readUtkface } from "../../data/utkface.ts";
import type { StudyReport } from "../../report/study/model.ts";
import { InterruptedError } from "../../run/errors.ts";
import type { StartMode } from "../../run/folder.ts";
import { terminalProgress } from "../../run/progress.ts";
import { measure } from "../../study/numbers.ts";
import { commandLine } from "../run-report.ts";
import { collect } from "./collect.ts";
import { drawFacesAsUtkface } from "./faces.ts";
import { type StudyFolder, type StudyOptions, openStudyFolder, studyFolder } from "./folder.ts";
import { predictionsOf } from "./job.ts";
import { endLine, estimateLine, planLines } from "./lines.ts";
import { type PlannedRun, chosen, planStudy, requireSettings } from "./plan.ts";
import { printStudy, studyReport, writeStudyReports } from "./reports.ts";
import { runAll } from "./runs.ts";

export interface StudyStart {
  readonly out: string;
  readonly mode: StartMode;
  readonly seeds: readonly number[];
  /** Strategies, or how their names begin; null for all. */
  readonly only: readonly string[] | null;
  readonly json: boolean;
}

/** Drawn faces where no data are given. */
const FACES = { count: 2000, size: 64 } as const;

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Runs a study, or goes on with it, writes its report and prints it; of an interrupted one the report of what is done is
 * written. Throws InterruptedError.
 * @returns how many of the runs failed
 */
export async function runStudy(
  options: StudyOptions,
  { out, mode, seeds, only, json }: StudyStart,
): Promise<{ readonly failed: number; readonly all: number }> {
  const started = new Date();
  const strategies = chosen(only);
  const folder = studyFolder(out);
  await requireSettings(strategies, options);
  if (options.data !== null) await readUtkface(options.data); // before anything is written
  await openStudyFolder(folder, options, mode);
  const data = options.data ?? (await drawFacesAsUtkface(folder.faces, FACES));
  const plan = await planStudy(folder, options, data, strategies, seeds);
  for (const line of planLines(plan, options)) tell(line);
  const conclude = async (why: ReadonlyMap<PlannedRun, string>): Promise<StudyReport> => {
    const report = studyReport(await collect(plan, options, folder, why), options, started);
    await writeStudyReports(report, folder);
    return report;
  };
  const failed = await runAll(plan, folder, {
    command: commandLine(),
    progress: terminalProgress(),
    onEstimate: (pace) => tell(estimateLine(pace, options.scale)),
    onEnd: async (run, ended, pace) => tell(endLine(run, ended, pace, await lookAt(run, folder))),
  }).catch(async (thrown: unknown) => {
    // a study takes days: what is done so far can be read
    if (thrown instanceof InterruptedError) await conclude(new Map());
    throw thrown;
  });
  printStudy(await conclude(failed), folder, json);
  return { failed: failed.size, all: plan.runs.length };
}

/** The numbers of a run's first strategy, without intervals; null where it failed. */
async function lookAt({ job }: PlannedRun, folder: StudyFolder) {
  const strategy = chosen(null).find(({ key }) => key === job.strategies[0])!;
  const source = Object.values(strategy.forms).find((of) => of?.config === job.config);
  const path = source && predictionsOf(source, folder.run(job));
  if (path == null || !existsSync(path)) return null;
  return measure(await readPredictions(path), strategy.target, { replicates: 0 });
}
