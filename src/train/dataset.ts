/** @file From a config's data sections to labelled rows in splits: read, audit, split, sample, balance. */
import { requireAccepted, requireReadable } from "../data/accept.ts";
import { type Audit, auditManifest, withClusters } from "../data/audit.ts";
import { type BalancePlan, applyPlan, balancePlan } from "../data/balance.ts";
import { readCsv } from "../data/csv.ts";
import { readFolder } from "../data/folder.ts";
import type { Manifest, Rejected, Row, Split } from "../data/row.ts";
import { sampleBalanced, selectRows } from "../data/sample.ts";
import { shareOf } from "../data/share.ts";
import { type SplitPlan, foldRows, splitRows } from "../data/split.ts";
import { makeSyntheticFaces } from "../data/synthetic.ts";
import { readUtkface } from "../data/utkface.ts";
import type { Cache } from "../run/cache/cache.ts";
import type { Config } from "../run/config/schema.ts";
import { UsageError } from "../run/errors.ts";
import type { Progress } from "../run/progress.ts";
import { type Task, singleAttributes } from "./predict.ts";
import { requireVariants } from "./variants/require.ts";

type DataConfig = Config["data"];

export interface Dataset {
  readonly task: Task;
  readonly source: string;
  /** Rows by split; those of train after balancing. */
  readonly rows: Readonly<Record<Split, readonly Row[]>>;
  /** Train before balancing; as it is where all rows were balanced before their split (`compat`). */
  readonly trainBefore: readonly Row[];
  /** What `balance` is the plan of: train before balancing, or with `compat` all rows before their split. */
  readonly unbalanced: readonly Row[];
  readonly rejected: readonly Rejected[];
  readonly split: SplitPlan;
  readonly balance: BalancePlan | null;
  /** What an evaluation on these splits would suffer from, one line each. */
  readonly problems: readonly string[];
}

/** Reads the rows that a data section names. Throws UsageError or EquiclipError that name file and line. */
export async function readManifest(
  data: DataConfig,
  seed: number,
  splits?: Config["split"],
): Promise<Manifest> {
  switch (data.source) {
    case "synthetic": {
      const { folder, count, size, bias, faint } = data;
      const shares = splits && { validation: splits.validation, test: splits.test };
      return makeSyntheticFaces(folder, { count, size, bias, faint, seed, ...shares });
    }
    case "utkface":
      return readUtkface(data.path, { ageBands: data.ageBands });
    case "folders":
      return readFolder(data.path, data.target); // a label outside data.classes is an error, found later
    case "csv": {
      const columns = {
        image: data.image,
        attributes: data.attributes ?? singleAttributes([data.target, ...measured(data)]),
        numeric: data.numbers,
        ...(data.splitColumn === undefined ? {} : { split: data.splitColumn }),
        ...(data.clusterColumn === undefined ? {} : { cluster: data.clusterColumn }),
        ...(data.weightColumn === undefined ? {} : { weight: data.weightColumn }),
      };
      const allowed = data.classes ? { [data.target]: [...data.classes, ...data.exclude] } : {};
      return requireAccepted(await readCsv(data.path, columns, allowed), data.maxBad);
    }
  }
}

/** The attributes and intersections that fairness is measured over. */
const measured = (data: DataConfig): string[] => [
  ...(data.sensitive ?? [data.target]),
  ...data.intersections.map((names) => names.join("*")),
];

/** What is predicted and measured. Throws UsageError when the rows do not have it. */
function taskOf(data: DataConfig, rows: readonly Row[]): Task {
  const { target, exclude } = data;
  const attributes = measured(data);
  requireLabels(rows, singleAttributes([target, ...attributes]));
  const found = [...new Set(rows.map((row) => row.labels[target]!))].filter(
    (label) => !exclude.includes(label),
  );
  const classes = data.classes ?? found.toSorted();
  const stray = found.find((label) => !classes.includes(label));
  if (stray !== undefined)
    throw new UsageError(
      `data.classes: "${stray}" occurs as ${target}, expected one of ${classes.join(", ")}; add it, or leave its rows out with data.exclude`,
    );
  if (classes.length < 2)
    throw new UsageError(
      `data.target: ${target} has ${classes.length} class, expected at least two`,
    );
  const { positive } = data;
  if (positive !== undefined && !classes.includes(positive))
    throw new UsageError(
      `data.positive: "${positive}" is not a class of ${target}: ${classes.join(", ")}`,
    );
  if (positive !== undefined && classes.length > 2)
    throw new UsageError(
      `data.positive: ${target} has ${classes.length} classes, each is measured against the rest; leave it out`,
    );
  return {
    target,
    classes,
    positive: classes.length === 2 ? (positive ?? classes[1]!) : null,
    attributes,
  };
}

/** Throws UsageError when a row lacks one of `names`. */
function requireLabels(rows: readonly Row[], names: readonly string[]): void {
  for (const name of names) {
    const without = rows.find((row) => row.labels[name] === undefined);
    if (without)
      throw new UsageError(
        `data: ${without.id} has no attribute "${name}"; expected one of ${Object.keys(without.labels).join(", ")}`,
      );
  }
}

/** A copy and its origin belong together, and to train: a copy is a training picture seen again. */
function withCopies(rows: readonly Row[]): Row[] {
  const origins = new Set(rows.flatMap(({ origin }) => origin ?? []));
  return rows.map((row) => {
    if (row.origin !== null)
      return { ...row, split: row.split ?? "train", cluster: row.cluster ?? row.origin };
    return origins.has(row.id) ? { ...row, cluster: row.cluster ?? row.id } : row;
  });
}

/** Near-duplicates get one cluster, so that no split cuts them; images that cannot be read are left out before any split. */
async function clustered(
  manifest: Manifest,
  { source, duplicates, maxBad }: DataConfig,
  progress: Progress,
  cache: Cache | null,
): Promise<Manifest> {
  // every drawn face is another one
  if (duplicates === "ignore" || source === "synthetic") return manifest;
  progress.start("looking for duplicates", manifest.rows.length);
  const audit = await auditManifest(manifest, {
    cache,
    onProgress: (done) => progress.update(done),
  });
  progress.stop();
  const { unreadable } = audit;
  requireReadable(unreadable, manifest.rows.length, maxBad);
  const bad = new Set(unreadable.map(({ id }) => id));
  const used: Audit = duplicates === "near" ? audit : { ...audit, nearDuplicates: [] };
  return withClusters(
    {
      ...manifest,
      rows: manifest.rows.filter(({ id }) => !bad.has(id)),
      rejected: [...manifest.rejected, ...unreadable],
    },
    used,
  );
}

/**
 * The data set of a config. Every choice is seeded and stays the same for the same files.
 * Throws UsageError for labels, classes or splits that cannot be trained on.
 * @param cache of what images look like.
 */
export async function prepareDataset(
  config: Config,
  progress: Progress,
  cache: Cache | null,
): Promise<Dataset> {
  const { data, seed } = config;
  const manifest = shareOf(await readManifest(data, seed, config.split), data.share);
  const read = manifest.rows.filter((row) => !data.exclude.includes(row.labels[data.target] ?? ""));
  const wanted = selectRows(read, data.select, seed);
  const task = taskOf(data, wanted);
  const { rows: clean, rejected } = await clustered(
    { ...manifest, rows: withCopies(wanted) },
    data,
    progress,
    cache,
  );

  const published = isPublished(config.balance) ? planBalance(config.balance, clean, seed) : null;
  const whole = published ? withoutClusters(applyPlan(clean, published)) : clean;
  const { by, fold, sample, train, validation, test } = config.split;
  if (fold && data.source === "synthetic")
    throw new UsageError(
      "split.fold: synthetic faces have a train split with a planted bias and the others without, which folds would mix; leave it out",
    );
  const stratify = by ?? singleAttributes([task.target, ...task.attributes]);
  const split = fold
    ? foldRows(whole, { ...fold, validation: validation / (train + validation) }, stratify, seed)
    : splitRows(whole, { train, validation, test }, stratify, seed);
  const sampled = sample
    ? sampleBalanced(split.rows, sample.by, perSplit(sample), seed)
    : split.rows;
  const { plan: splitPlan, problems } = sample
    ? splitRows(sampled, { train: 1 }, stratify, seed) // all have a split: this only counts and checks
    : split;
  const of = (name: Split): Row[] => sampled.filter((row) => row.split === name);
  // a row of weight 0 teaches nothing, and the mean loss of a batch of them is undefined
  const weighed = of("train").filter(({ weight }) => weight > 0);
  requireClasses(task, { train: weighed, validation: of("validation"), test: of("test") });

  requireVariants(config, task, weighed);

  const plan = published ?? planBalance(config.balance, weighed, seed);
  return {
    task,
    source: manifest.source,
    rows: {
      train: plan && !published ? applyPlan(weighed, plan) : weighed,
      validation: of("validation"),
      test: of("test"),
    },
    trainBefore: weighed,
    unbalanced: published ? clean : weighed,
    rejected,
    split: splitPlan,
    balance: plan,
    problems: [...problems, ...(plan?.problems ?? [])],
  };
}

const perSplit = ({ train, validation }: NonNullable<Config["split"]["sample"]>) => ({
  ...(train === undefined ? {} : { train }),
  ...(validation === undefined ? {} : { validation }),
});

const isPublished = (balance: Config["balance"]): boolean =>
  balance.method !== "none" && balance.compat;

/** Copies go where they fall, whatever the clusters of their originals. */
const withoutClusters = (rows: readonly Row[]): Row[] =>
  rows.map((row) => (row.origin === null ? row : { ...row, cluster: null }));

/** The balancing plan of rows; null for none. */
function planBalance(
  balance: Config["balance"],
  rows: readonly Row[],
  seed: number,
): BalancePlan | null {
  if (balance.method === "none") return null;
  const maxCopies = "maxCopies" in balance ? balance.maxCopies : 0;
  return balancePlan(rows, balance, maxCopies, seed);
}

/** Throws UsageError when a split has no row of some class: nothing could be learnt or measured of it. */
function requireClasses(task: Task, splits: Dataset["rows"]): void {
  for (const [name, rows] of Object.entries(splits))
    for (const label of task.classes)
      if (!rows.some((row) => row.labels[task.target] === label))
        throw new UsageError(
          `split.${name}: no row with ${task.target}=${label} among ${rows.length}; give this split more rows, or leave the class out with data.exclude`,
        );
}
