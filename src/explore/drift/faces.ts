/** @file Drift on labelled faces: does "a photo of a person" lie nearer to young faces than to older ones? */
import {
  type Interval,
  percentileInterval,
  twoSidedNormal,
} from "../../eval/uncertainty/intervals.ts";
import { spread } from "../../eval/uncertainty/resampled.ts";
import { UsageError } from "../../run/errors.ts";
import { type Embeddings, takeRows, unitRows } from "../../run/linalg/embeddings.ts";
import { dot, productTransposed } from "../../run/linalg/products.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { type Random, random } from "../../run/random.ts";
import {
  type Age,
  AGES,
  cosine,
  type NamedEmbeddings,
  PAIRS,
  type Quadruplet,
  type Similarities,
  similaritiesOf,
  type SpaceSimilarities,
} from "./similarities.ts";
import { type SummaryRow, summaryOf } from "./results.ts";
import type { Space } from "./spaces.ts";
import {
  COMPARISONS,
  corrected,
  describe,
  differencesOf,
  type DriftStatistics,
  type StatisticsOptions,
  type Uncorrected,
} from "./statistics.ts";
import type { Group } from "./templates.ts";

/** Texts that are held against faces and each other. */
export const FACE_PROMPTS: Readonly<Record<Group, string>> = {
  neutral: "a photo of a person",
  young: "a photo of a young person",
  middle: "a photo of a middle-aged person",
  older: "a photo of an older person",
};

/** First and last age of each group, in years. */
export type Bands = Readonly<Record<Age, readonly [number, number]>>;

export interface Face {
  readonly id: string;
  readonly age: number;
  /** What stands for an activity, such as "white female"; null for a face that has no such label. */
  readonly label: string | null;
}

/** One encoder's view of faces. */
export interface FaceSpace {
  readonly image: Space;
  /** Named by faces. [n, d] */
  readonly images: NamedEmbeddings;
  /** Null for an encoder without a text side. */
  readonly text: Space | null;
  /** FACE_PROMPTS, named by themselves. [4, d] */
  readonly texts: NamedEmbeddings | null;
}

export interface FaceDrift {
  /** Labels in place of activities. */
  readonly similarities: Similarities;
  /** Faces are drawn again within label and age; `byCategory` is by label. */
  readonly statistics: DriftStatistics;
  /** Faces of each label and age. */
  readonly support: readonly {
    readonly label: string;
    readonly counts: Readonly<Record<Age, number>>;
  }[];
  /** Faces that have no label, or an age of no band. */
  readonly leftOut: number;
}

/** A similarity, and what it was in each resample of the faces. */
interface Drawn {
  readonly value: number;
  readonly samples: Float64Array;
}

/**
 * The audit of study 000 on faces: the neutral picture is the text "a photo of a person", that of an age the mean of its
 * faces' unit embeddings, and labels stand for activities. An image space gives two measures: the cosine with these
 * means, and the mean cosine with single faces. A mean of faces that differ much is short, which raises its cosine with
 * everything; the second measure has no such effect.
 * @param options replicates: 1,000 by default, for all faces are drawn that often
 * @throws {UsageError} when no face is in a band
 */
export function faceDrift(
  faces: readonly Face[],
  bands: Bands,
  spaces: readonly FaceSpace[],
  { level = 0.95, replicates = 1000, seed = 123 }: StatisticsOptions = {},
  progress: Progress = silent,
): FaceDrift {
  const cells = cellsOf(faces, bands);
  const labels = [...cells.keys()].sort();
  if (labels.length === 0)
    throw new UsageError(
      `faces: expected ages of ${AGES.map((age) => `${bands[age][0]}-${bands[age][1]}`).join(", ")}, received none; check drift.bands`,
    );
  const quadruplets = labels.map(quadrupletOf);
  const measured: { of: SpaceSimilarities; drawn: readonly Pairs[] }[] = [];
  progress.start("drawing faces", spaces.length * labels.length);
  for (const [s, { image, images, text, texts }] of spaces.entries()) {
    const prompts = texts && promptVectors(texts);
    if (texts && texts.d !== images.d)
      throw new UsageError(
        `${image.words}: expected texts and faces of one length, received ${texts.d} and ${images.d} numbers; encode both with the same model`,
      );
    if (text && prompts) measured.push(textSpace(text, prompts, quadruplets));
    const rows = new Map(images.ids.map((id, row) => [id, row]));
    const both = labels.map((label, l) => {
      const means = AGES.map((age) =>
        drawnMeans(
          images,
          cells.get(label)![age].flatMap((id) => rows.get(id) ?? []),
          replicates,
          random(seed, "faces", label, age), // the same faces in every space
        ),
      );
      progress.update(s * labels.length + l + 1);
      return [true, false].map((isCosine) =>
        pairsOf(prompts?.neutral ?? null, means, images.d, isCosine),
      );
    });
    for (const [m, space] of [image, singleFaces(image)].entries()) {
      const drawn = both.map((of) => of[m]!);
      const reason = prompts
        ? null
        : `it has no text side, and "${FACE_PROMPTS.neutral}" is a text`;
      const values = drawn.map((pairs) => pairs.map((pair) => pair?.value ?? null));
      measured.push({ of: { space, reason, values, without: [] }, drawn });
    }
  }
  progress.stop();
  const drawn = measured.filter(({ drawn }) => drawn.length > 0);
  const compare = (chosen: readonly number[], category: string | null): Uncorrected[] =>
    drawn
      .filter(({ of }) => of.reason === null)
      .flatMap(({ of, drawn }) =>
        COMPARISONS.map((ages) => ({
          space: of.space,
          ages,
          category,
          ...describe(
            differencesOf(
              chosen.map((l) => of.values[l]!),
              ages,
            ),
          ),
          signedRank: null,
          signFlip: null,
          ...change(
            chosen.map((l) => drawn[l]!),
            ages,
            level,
          ),
        })),
      );
  return {
    similarities: similaritiesOf(
      quadruplets,
      measured.map(({ of }) => of),
    ),
    statistics: {
      level,
      replicates,
      seed,
      resampled: "faces",
      comparisons: corrected(compare([...labels.keys()], null)),
      byCategory:
        labels.length > 1 ? corrected(labels.flatMap((label, l) => compare([l], label))) : [],
      pairs: drawn.flatMap(({ of: { space }, drawn }) =>
        PAIRS.map((groups, pair) => {
          const there = drawn.flatMap((pairs) => pairs[pair] ?? []);
          return { space, groups, n: there.length, ...summary(there, level) };
        }),
      ),
    },
    support: labels.map((label) => {
      const { young, middle, older } = cells.get(label)!;
      return { label, counts: { young: young.length, middle: middle.length, older: older.length } };
    }),
    leftOut: faces.length - [...cells.values()].flatMap((of) => Object.values(of).flat()).length,
  };
}

/** As `summaryOf`; but texts, whose values are one and the same for every label, are not counted once a label. */
export const faceSummary = (similarities: Similarities): SummaryRow[] =>
  summaryOf(similarities).map((row) =>
    row.space.of === "texts" && row.nearest.pValue !== null
      ? { ...row, nearest: { ...row.nearest, chi2: null, pValue: null, reason: SAME } }
      : row,
  );
const SAME = "texts are the same for every label";

type Cells = ReadonlyMap<string, Readonly<Record<Age, string[]>>>;
/** The six similarities of a label; null where an age has no faces, or the encoder no texts. */
type Pairs = readonly (Drawn | null)[];

/** Ids of faces by label and age. */
function cellsOf(faces: readonly Face[], bands: Bands): Cells {
  const cells = new Map<string, Record<Age, string[]>>();
  for (const { id, age, label } of faces) {
    const band = AGES.find((name) => bands[name][0] <= age && age <= bands[name][1]);
    if (label === null || !band) continue;
    const of = cells.get(label) ?? { young: [], middle: [], older: [] };
    of[band].push(id);
    cells.set(label, of);
  }
  return cells;
}

function quadrupletOf(label: string): Quadruplet {
  const prompt = (group: Group) => ({
    id: `${label} / ${group}`,
    text: FACE_PROMPTS[group],
    group,
    activity: label,
    category: null,
  });
  return {
    name: label,
    activity: label,
    category: null,
    prompts: {
      neutral: prompt("neutral"),
      young: prompt("young"),
      middle: prompt("middle"),
      older: prompt("older"),
    },
  };
}

/** Vectors of FACE_PROMPTS, each of unit length. */
function promptVectors(texts: NamedEmbeddings): Readonly<Record<Group, Float64Array>> {
  const { x } = unitRows({ x: Float64Array.from(texts.x), n: texts.n, d: texts.d });
  const of = (group: Group): Float64Array => {
    const row = texts.ids.indexOf(FACE_PROMPTS[group]);
    if (row < 0)
      throw new UsageError(
        `texts of faces: expected an embedding of "${FACE_PROMPTS[group]}", received none`,
      );
    return x.subarray(row * texts.d, (row + 1) * texts.d);
  };
  return { neutral: of("neutral"), young: of("young"), middle: of("middle"), older: of("older") };
}

/** Texts name no label: all labels have the same values, and there is nothing to draw. */
function textSpace(
  space: Space,
  prompts: Readonly<Record<Group, Float64Array>>,
  quadruplets: readonly Quadruplet[],
): { of: SpaceSimilarities; drawn: readonly Pairs[] } {
  const pairs = PAIRS.map(([one, other]) => cosine(prompts[one], prompts[other]));
  return {
    of: { space, reason: null, values: quadruplets.map(() => pairs), without: [] },
    drawn: [],
  };
}

const singleFaces = (space: Space): Space => ({
  ...space,
  key: `${space.key} of single faces`,
  column: `${space.column}_Single_Faces`,
  row: `${space.row} of single faces`,
  metric: `Mean ${space.metric.toLowerCase()}`,
  words: `${space.words}, face by face`,
});

/** The mean of rows of unit length, and in each resample of them; null without rows. Means: [1 + replicates, d]. */
function drawnMeans(
  { x, d }: Embeddings,
  rows: readonly number[],
  replicates: number,
  next: Random,
): Float64Array | null {
  const n = rows.length;
  if (n === 0) return null;
  const unit = unitRows({ x: takeRows(x, d, rows), n, d }).x;
  const columns = new Float64Array(d * n); // [d, n]
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) columns[j * n + i] = unit[i * d + j]!;
  const means = new Float64Array((1 + replicates) * d);
  for (let from = 0; from <= replicates; from += BATCH) {
    const size = Math.min(BATCH, 1 + replicates - from);
    const shares = new Float64Array(size * n); // of each row in each resample
    for (let r = 0; r < size; r++)
      for (let i = 0; i < n; i++) shares[r * n + (from + r === 0 ? i : next.int(n))]! += 1 / n;
    productTransposed(shares, size, columns, d, n, means.subarray(from * d, (from + size) * d));
  }
  return means;
}
const BATCH = 100;

/** Similarities of PAIRS: of a text and means of faces, or of two means, in every resample. */
const pairsOf = (
  neutral: Float64Array | null,
  means: readonly (Float64Array | null)[],
  d: number,
  isCosine: boolean,
): Pairs =>
  PAIRS.map(([one, other]) => {
    const [a, b] = [one, other].map((group) =>
      group === "neutral" ? neutral : means[AGES.indexOf(group)]!,
    );
    if (!a || !b) return null;
    const [value, ...samples] = Array.from({ length: b.length / d }, (_, r) => {
      const at = a.length === d ? 0 : r * d; // a text is the same in all of them
      const mean = dot(a, at, b, r * d, d); // of all cosines
      return isCosine ? mean / Math.sqrt(dot(a, at, a, at, d) * dot(b, r * d, b, r * d, d)) : mean;
    });
    return { value: value!, samples: Float64Array.from(samples) };
  });

/** Mean over labels. */
function meanOf(all: readonly Drawn[]): Drawn | null {
  if (all.length === 0) return null;
  const mean = (values: readonly number[]): number => spread(values).mean;
  return {
    value: mean(all.map(({ value }) => value)),
    samples: all[0]!.samples.map((_, r) => mean(all.map(({ samples }) => samples[r]!))),
  };
}

/** What resamples say of a difference: its interval, and its size in standard errors. */
function change(
  chosen: readonly Pairs[],
  [first, second]: readonly [Age, Age],
  level: number,
): Pick<Uncorrected, "interval" | "resampled"> {
  const differences = chosen.flatMap((pairs) => {
    const [one, other] = [pairs[AGES.indexOf(first)], pairs[AGES.indexOf(second)]];
    if (!one || !other) return [];
    const samples = one.samples.map((value, r) => value - other.samples[r]!);
    return [{ value: one.value - other.value, samples }];
  });
  const mean = meanOf(differences);
  const interval = mean && basicInterval(mean, level);
  if (!mean || !interval) return { interval: null, resampled: null };
  const statistic = mean.value / spread([...mean.samples]).sd!;
  return {
    interval,
    resampled: { statistic, pValue: twoSidedNormal(statistic), isExact: false },
  };
}

function summary(
  all: readonly Drawn[],
  level: number,
): { mean: number | null; interval: Interval | null } {
  const mean = meanOf(all);
  return { mean: mean && mean.value, interval: mean && basicInterval(mean, level) };
}

/**
 * The basic bootstrap interval (Davison and Hinkley 1997, 5.2.1): means of few faces are too long, those of their
 * resamples by as much again, and this takes it off. Null where resamples do not differ.
 */
function basicInterval({ value, samples }: Drawn, level: number): Interval | null {
  const ends = percentileInterval(samples.slice(), level);
  const least = 1e-12 * Math.abs(value); // resamples that are equal but for rounding
  return ends && ends[1] - ends[0] > least ? [2 * value - ends[1], 2 * value - ends[0]] : null;
}
