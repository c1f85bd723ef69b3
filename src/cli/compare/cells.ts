/** @file All cells of a comparison: those that are there are kept, the others computed, each told of as it ends. */
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import type { CompareCell, CompareResult } from "../../compare/result.ts";
import { BASE } from "../../compare/result.ts";
import { seedsOf } from "../../compare/splits.ts";
import type { CompareConfig } from "../../run/config/compare.ts";
import { InterruptedError } from "../../run/errors.ts";
import { runPool } from "../../run/pool.ts";
import { type CompareFolder, keepData, openCompareFolder, savedCell } from "./folder.ts";
import { cellLine } from "./line.ts";
import { embedded } from "./model.ts";
import { type Job, openStudy, type Study } from "./study.ts";
import type { WorkerStart } from "./worker.ts";

export interface CompareOptions {
  readonly fresh: boolean;
  /** Called with one line as each cell ends. */
  readonly onCell: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs a comparison in its folder.
 * @throws {EquiclipError} for a config, data or folder that cannot be used; InterruptedError when the signal aborts
 */
export async function compareAll(
  asked: CompareConfig,
  folder: CompareFolder,
  { fresh, onCell, signal }: CompareOptions,
): Promise<CompareResult> {
  await openCompareFolder(folder, asked, fresh);
  const config = await embedded(asked, folder, signal);
  const study = await openStudy(config);
  await keepData(folder, digestOf(study));
  const jobs = jobsOf(config, study);
  const cells = new Map<Job, CompareCell>();
  for (const job of jobs) {
    const cell = await savedCell(folder, job);
    if (cell) cells.set(job, cell);
  }
  const left = byStand(jobs).filter((job) => !cells.has(job));
  const frame = frameOf(asked, study);
  const result = (): CompareResult => ({
    ...frame,
    cells: jobs.flatMap((job) => cells.get(job) ?? []),
  });
  const started = performance.now();
  await runPool<Job, CompareCell>({
    entry: new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url),
    start: { config, folder } satisfies WorkerStart,
    jobs: left,
    workers: config.workers ?? availableParallelism(),
    signal,
    onEnd: async (job, ended) => {
      const cell: CompareCell =
        "result" in ended ? ended.result : { ...job, status: "failed", reason: ended.lost };
      cells.set(job, cell);
      const rest = jobs.length - cells.size;
      const spent = (performance.now() - started) / 1000;
      onCell(
        cellLine(cell, result(), {
          seconds: "result" in ended ? ended.seconds : 0,
          done: cells.size,
          all: jobs.length,
          left: (spent / (left.length - rest)) * rest,
        }),
      );
    },
  });
  if (signal.aborted)
    throw new InterruptedError(
      `${folder.root}: ${cells.size} of ${jobs.length} cells are done; the same command goes on`,
    );
  return result();
}

/** By task, then method, then seed. */
const jobsOf = (config: CompareConfig, { tasks, methods }: Study): Job[] =>
  tasks.flatMap(({ id }) =>
    methods.flatMap(({ name }) =>
      seedsOf(config).map((seed) => ({ task: id, method: name, seed })),
    ),
  );

/** Cells of one split and task together, so that a worker opens few of them. */
const byStand = (jobs: readonly Job[]): Job[] => jobs.toSorted((a, b) => a.seed - b.seed); // stable: tasks and methods keep their order

function frameOf(config: CompareConfig, { data, tasks, methods, parts }: Study): CompareResult {
  const { name, embeddings, data: labels, evaluate } = config;
  return {
    schema: "equiclip.compare/1",
    name,
    source: {
      embeddings: "file" in embeddings ? embeddings.file : embeddings.model,
      data: labels.path ?? "names of the rows",
      rows: data.rows.length,
      d: data.d,
    },
    level: evaluate.level,
    replicates: evaluate.bootstrap,
    seeds: [...seedsOf(config)],
    splits: seedsOf(config).map((seed) => {
      const { train, validation, test, problems } = parts(seed);
      const size = ({ rows }: { rows: readonly unknown[] }): number => rows.length;
      return {
        seed,
        train: size(train),
        validation: size(validation),
        test: size(test),
        problems: [...problems],
      };
    }),
    tasks: [...tasks],
    methods: methods.map(({ name: method, recipe }) => ({
      name: method,
      summary: recipe.summary,
      caveat: recipe.caveat,
      groupAtInference: recipe.groupAtInference,
      baseline: recipe.baseline ?? BASE,
    })),
    cells: [],
    notes: [...data.notes],
  };
}

/** Of labels, clusters, and the embeddings of images and prompts. */
function digestOf({ data: { rows, x }, prompts }: Study): string {
  const hash = createHash("sha256");
  const add = (numbers: Float32Array | Float64Array) =>
    hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  for (const { id, labels, weight, cluster } of rows)
    hash.update(JSON.stringify([id, labels, weight, cluster]));
  add(x);
  for (const { classes, spurious, candidates } of Object.values(prompts ?? {}).flat())
    for (const texts of [classes, spurious, candidates]) add(texts.x);
  return hash.digest("hex");
}
