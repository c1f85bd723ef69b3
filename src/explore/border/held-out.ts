/** @file Accuracy of borders on rows that neither the map nor the borders were fitted on. */
import { assignSides } from "../../data/assign.ts";
import type { Row } from "../../data/row.ts";
import { UsageError } from "../../run/errors.ts";
import { type Embeddings, takeRows } from "../../run/linalg/embeddings.ts";
import { random } from "../../run/random.ts";
import type { FittedMap } from "../map/map.ts";
import { type Accuracy, accuracyOf, type Share, shareOf } from "./accuracy.ts";
import { fitSvm, type Svm, type SvmOptions } from "./svm.ts";

export interface HeldOutOptions {
  /** Share of the labelled rows that is held out, above 0 and below 1. */
  readonly test: number;
  readonly seed: number;
  readonly svm: SvmOptions;
  /** Fits everything that comes before the borders, such as PCA and then UMAP; its map must have a place for new points. */
  readonly fit: (train: Embeddings) => Promise<FittedMap>;
  /** Rows of one number are near-duplicates and stay on one side. [n] */
  readonly duplicates?: Int32Array;
  /** Train rows of the machine in the full space; by default as many as take some ten seconds. */
  readonly mostInFullSpace?: number;
  /** Of intervals; 0.95 by default. */
  readonly level?: number;
}

export interface HeldOut {
  /** Numbers of rows, ascending. */
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** Fitted on `train`. */
  readonly map: FittedMap;
  /** Where the test rows were placed on it. [test, dimensions] */
  readonly placed: Float64Array;
  /** Fitted on the map's coordinates. */
  readonly svm: Svm;
  /** Its codes of the test rows. */
  readonly predicted: Int32Array;
  readonly onMap: Accuracy;
  /** On the rows that it was fitted on: what a picture of points and borders shows, and no measure of either. */
  readonly onTrain: Accuracy;
  /** Of a machine of the same kind without any map, on the embeddings themselves. */
  readonly inFullSpace: Accuracy;
  /** Test rows that have the commonest label of the train rows: what always guessing it gives. */
  readonly majority: Share & { readonly code: number };
  /** What was not done as asked, and what to mind; one line each. */
  readonly notes: readonly string[];
}

export type HeldOutFit =
  | { readonly heldOut: HeldOut; readonly reason: null }
  | { readonly heldOut: null; readonly reason: string };

/** Multiply-adds of kernels in the full space: some ten seconds, and three times that where rows are of 16,384 numbers. */
const FULL_WORK = 1e10;

/**
 * Splits labelled rows (stratified by label, near-duplicates together), fits map and borders on train alone, places test
 * rows on the map and classifies them there; the same once more without a map.
 *
 * @param codes label of each row, 0 to `labels` - 1; -1 for rows to leave out [n]
 * @param labels names of the codes
 * @throws {UsageError} when the map has no place for new points
 */
export async function heldOut(
  x: Embeddings,
  codes: Int32Array,
  labels: readonly string[],
  options: HeldOutOptions,
): Promise<HeldOutFit> {
  const { fit, level = 0.95 } = options;
  const { train, test } = split(codes, options);
  const counts = countsOf(codes, train, labels.length);
  if (counts.filter((count) => count > 0).length < 2)
    return {
      heldOut: null,
      reason: `a border needs rows of two labels to be fitted on; of ${train.length + test.length} labelled rows, the ${train.length} that are not held out have fewer`,
    };
  if (test.length === 0)
    return { heldOut: null, reason: `${train.length} labelled rows are too few to hold some out` };

  const [ofTrain, ofTest] = [train, test].map((rows) =>
    Int32Array.from(rows, (row) => codes[row]!),
  );
  const score = (predicted: Int32Array, truth: Int32Array): Accuracy =>
    accuracyOf(
      predicted.map((code, i) => (code === truth[i] ? 1 : 0)),
      truth,
      labels.length,
      level,
    );

  const [trainRows, testRows] = [part(x, train), part(x, test)];
  const map = await fit(trainRows);
  if (!map.place)
    throw new UsageError(
      "held-out accuracy: this kind of map has no place for new points; take pca or umap",
    );
  const d = map.dimensions;
  const placed = await map.place(testRows);
  const trained = { x: map.coordinates, n: train.length, d };
  const { svm, reason } = fitSvm(trained, ofTrain!, labels.length, options.svm);
  if (!svm) return { heldOut: null, reason };
  const predicted = svm.predict({ x: placed, n: test.length, d });

  const full = fullSpace(trainRows, ofTrain!, labels.length, options);
  const common = counts.indexOf(Math.max(...counts));
  const unseen = labels.filter((_, code) => counts[code] === 0 && ofTest!.includes(code));
  return {
    heldOut: {
      train,
      test,
      map,
      placed,
      svm,
      predicted,
      onMap: score(predicted, ofTest!),
      onTrain: score(svm.predict(trained), ofTrain!),
      inFullSpace: score(full.svm.predict(testRows), ofTest!),
      majority: {
        code: common,
        ...shareOf(ofTest!.filter((code) => code === common).length, test.length, level),
      },
      notes: [
        ...map.notes,
        ...svm.notes,
        ...full.notes,
        ...(unseen.length > 0
          ? [`held out, but in no train row, so always wrong: ${unseen.join(", ")}`]
          : []),
      ],
    },
    reason: null,
  };
}

/** Labelled rows on two sides. */
function split(
  codes: Int32Array,
  { test, seed, duplicates }: HeldOutOptions,
): { readonly train: Int32Array; readonly test: Int32Array } {
  if (!(test > 0 && test < 1))
    throw new UsageError(
      `held-out accuracy: expected a share of test rows above 0 and below 1, received ${test}`,
    );
  const rows: Row[] = [];
  codes.forEach((code, row) => {
    if (code >= 0)
      rows.push({
        id: String(row),
        path: "",
        labels: { label: String(code) },
        numbers: {},
        split: null,
        weight: 1,
        origin: null,
        cluster: duplicates ? String(duplicates[row]) : null,
      });
  });
  const sides = assignSides(rows, {
    fractions: [1 - test, test],
    stratify: ["label"],
    random: random(seed, "held out"),
    fixed: () => null,
  });
  const on = (side: number): Int32Array =>
    Int32Array.from(rows.filter(({ id }) => sides.get(id) === side).map(({ id }) => Number(id)));
  return { train: on(0), test: on(1) };
}

function countsOf(codes: Int32Array, rows: Iterable<number>, classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const row of rows) counts[codes[row]!]!++;
  return counts;
}

/** Rows whose kernels, of the machines of every two labels, are FULL_WORK. */
function affordable({ n, d }: Embeddings, counts: readonly number[]): number {
  let work = 0; // of all rows
  const some = counts.filter((count) => count > 0);
  some.forEach((a, i) => some.slice(0, i).forEach((b) => (work += d * (a + b) ** 2)));
  return Math.floor(n * Math.sqrt(FULL_WORK / work));
}

const part = ({ x, d }: Embeddings, rows: Int32Array): Embeddings => ({
  x: takeRows(x, d, Array.from(rows)),
  n: rows.length,
  d,
});

/** A machine on the embeddings themselves, of a sample of the rows where all would take minutes. */
function fullSpace(
  x: Embeddings,
  codes: Int32Array,
  classes: number,
  {
    svm: options,
    seed,
    mostInFullSpace = affordable(x, countsOf(codes, codes.keys(), classes)),
  }: HeldOutOptions,
): { readonly svm: Svm; readonly notes: readonly string[] } {
  const isSampled = x.n > mostInFullSpace;
  const rows = Int32Array.from(codes.keys());
  const taken = isSampled ? sample(codes, classes, mostInFullSpace, seed) : rows;
  const { svm, reason } = fitSvm(
    isSampled ? part(x, taken) : x,
    Int32Array.from(taken, (row) => codes[row]!),
    classes,
    options,
  );
  if (!svm) throw new Error(reason); // two labels have rows, and each keeps one
  return {
    svm,
    notes: [
      ...svm.notes,
      ...(isSampled
        ? [`in the full space fitted on ${taken.length} of ${x.n} train rows, drawn by label`]
        : []),
    ],
  };
}

/** About `most` rows, of every label its share and one at least. */
function sample(codes: Int32Array, classes: number, most: number, seed: number): Int32Array {
  const draw = random(seed, "full space");
  const rows = Array.from({ length: classes }, (_, code) =>
    [...codes.keys()].filter((row) => codes[row] === code),
  );
  const taken = rows.flatMap((of) =>
    draw.shuffle(of).slice(0, Math.ceil((of.length * most) / codes.length)),
  );
  return Int32Array.from(taken).sort();
}
