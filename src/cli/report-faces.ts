/** @file Rows for a report to show: those got wrong, and some drawn at random. Pictures only where a config allows them. */
import type { PixelStore } from "../data/pixels.ts";
import { nameOf, type Predictions } from "../eval/predictions.ts";
import type { Face, Mistakes } from "../report/model.ts";
import { thumbnail } from "../report/thumbnail.ts";
import { random } from "../run/random.ts";
import type { Assessment } from "../train/assess.ts";
import { type Task, singleAttributes } from "../train/predict.ts";

const FACES_PER_GROUP = 6;

/** A picture with what the model said of it. */
async function faceOf(
  { before }: Assessment,
  store: PixelStore,
  row: number,
  pictures: boolean,
): Promise<Face> {
  const { classes, truth, predicted, scores } = before;
  const guess = predicted[row]!;
  return {
    id: nameOf(before, row),
    truth: classes[truth[row]!]!,
    predicted: classes[guess]!,
    confidence: scores?.[row * classes.length + guess] ?? null,
    thumbnail: pictures ? await thumbnail(store.rows[row]!.path) : null,
  };
}

/** Some misclassified rows of each group, the most confident mistakes first. */
export async function mistakesOf(
  assessment: Assessment,
  store: PixelStore,
  task: Task,
  pictures: boolean,
): Promise<Mistakes[]> {
  const { before } = assessment;
  const out: Mistakes[] = [];
  for (const attribute of singleAttributes(task.attributes)) {
    const { values, codes } = before.groups[attribute]!;
    for (const [g, group] of values.entries()) {
      const rows = [...codes.keys()].filter((row) => codes[row] === g);
      const wrong = rows.filter((row) => before.truth[row] !== before.predicted[row]);
      const worst = wrong
        .toSorted((a, b) => confidence(before, b) - confidence(before, a))
        .slice(0, FACES_PER_GROUP);
      const faces: Face[] = [];
      for (const row of worst) faces.push(await faceOf(assessment, store, row, pictures));
      out.push({ attribute, group, wrong: wrong.length, rows: rows.length, faces });
    }
  }
  return out;
}

const confidence = ({ scores, predicted, classes }: Predictions, row: number): number =>
  scores?.[row * classes.length + predicted[row]!] ?? 0;

const SAMPLES = 16;

/** Some rows of the test split, drawn at random; none where pictures may not be shown. */
export async function samplesOf(
  assessment: Assessment,
  store: PixelStore,
  seed: number,
  pictures: boolean,
): Promise<Face[]> {
  if (!pictures) return [];
  const rows = random(seed, "samples")
    .shuffle([...store.rows.keys()])
    .slice(0, SAMPLES);
  const faces: Face[] = [];
  for (const row of rows) faces.push(await faceOf(assessment, store, row, pictures));
  return faces;
}
