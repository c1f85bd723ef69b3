/** @file Everything that the cells of a comparison are computed from, as every process makes it from the same config. */
import { availableParallelism } from "node:os";
import { type CellOutcome, type Method, runCell } from "../../compare/cell.ts";
import { promptsOf } from "../../compare/prompts.ts";
import { methodsOf } from "../../compare/recipes.ts";
import type { EmbeddedRows } from "../../compare/rows.ts";
import { type Parts, partsOf } from "../../compare/splits.ts";
import { openStand, type Settings, type Stand } from "../../compare/stand.ts";
import { type TaskReport, tasksOf } from "../../compare/tasks.ts";
import { onnxEngine } from "../../engine/onnx/engine.ts";
import type { CompareConfig } from "../../run/config/compare.ts";
import { type EmbeddedConfig, openRows, openTexts } from "./data.ts";

/** Names one cell. */
export interface Job {
  readonly task: string;
  readonly method: string;
  readonly seed: number;
}

export interface Study {
  readonly data: EmbeddedRows;
  /** Of each concept, by task; null for means of train rows. */
  readonly prompts: Settings["prompts"];
  readonly tasks: readonly TaskReport[];
  readonly methods: readonly Method[];
  readonly parts: (seed: number) => Parts;
  readonly run: (job: Job) => Promise<CellOutcome>;
}

/** @throws {EquiclipError} for data or tasks that cannot be used */
export async function openStudy(config: EmbeddedConfig): Promise<Study> {
  const data = await openRows(config);
  const tasks = tasksOf(config, data.rows);
  const encode = await openTexts(config.embeddings);
  const prompts = encode && (await promptsOf(tasks, data.rows, config.prompts, encode));
  const methods = methodsOf(config, onnxEngine({ threads: threadsOf(config) }));
  const settings = settingsOf(config, prompts);
  const parts = latest(
    (seed: number) => seed,
    (seed) => partsOf(data, config, seed),
  );
  const stand = latest(
    ({ task, seed }: Job) => `${seed} ${task}`,
    ({ task, seed }): Stand =>
      openStand(
        tasks.find(({ id }) => id === task)!,
        seed,
        parts(seed),
        settings,
      ),
  );
  return {
    data,
    prompts,
    tasks,
    methods,
    parts,
    run: (job) =>
      runCell(
        methods.find(({ name }) => name === job.method)!,
        job,
        () => stand(job),
        settings,
      ),
  };
}

/** Workers share the cores. */
const threadsOf = ({ threads, workers }: CompareConfig): number =>
  threads ?? Math.max(1, Math.floor(availableParallelism() / (workers ?? availableParallelism())));

/** Remembers the last value alone: cells come task by task and seed by seed. */
function latest<Of, Key, Value>(
  keyOf: (of: Of) => Key,
  make: (of: Of) => Value,
): (of: Of) => Value {
  let last: { readonly key: Key; readonly value: Value } | null = null;
  return (of) => {
    const key = keyOf(of);
    if (last?.key !== key) last = { key, value: make(of) };
    return last.value;
  };
}

const settingsOf = (
  { select, evaluate, head, probes }: CompareConfig,
  prompts: Settings["prompts"],
): Settings => ({
  criteria: select,
  uncertainty: { level: evaluate.level, replicates: evaluate.bootstrap },
  minSupport: evaluate.minSupport,
  C: head.C,
  probes,
  prompts,
});
