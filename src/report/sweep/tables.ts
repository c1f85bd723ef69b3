/** @file A sweep as tables: the study and its correction side by side, the axis of the softmax, every strength. */
import type { Worth } from "../../debias/sweep/sweep.ts";
import type { SweepFit, SweepResult } from "../../debias/sweep/result.ts";
import type { Change } from "../../eval/report/comparison.ts";
import type { Gap, Rate } from "../../eval/report/values.ts";
import { count, decimal, percent } from "../format.ts";
import { type Cell, type Table, cell, left, right } from "../tables/table.ts";
import { TONES, changeCell, gapCell } from "../tables/values.ts";
import { fitTitle, gapName, settingText } from "./model.ts";

const number = (value: number | null | undefined): Cell =>
  value == null ? cell("n/a", undefined, "muted") : cell(decimal(value));

/** "0.488" with "Δ -0.067 [-0.101, -0.033]"; of nothing removed its own interval. */
function testCell(of: Rate | Gap, change: Change | undefined): Cell {
  if (change === undefined) return gapCell(of);
  const { text, detail } = changeCell(change);
  return {
    ...gapCell(of),
    detail: ["Δ", text, detail].filter(Boolean).join(" "),
    tone: TONES[change.verdict],
  };
}

/** Published and corrected, each on validation and, once, on test. */
export const sideTable = (result: SweepResult): Table => ({
  title: `${result.target}, ${result.attribute} projected out`,
  columns: [
    left("projection"),
    left("how"),
    right("accuracy, validation"),
    right(`${gapName(result)}, validation`),
    right("accuracy, test"),
    right(`${gapName(result)}, test`),
  ],
  rows: result.sides.map(({ name, setting, validation, test }) => [
    cell(name, undefined, "strong"),
    setting === null ? cell("") : cell(settingText(setting), fitTitle(setting)),
    number(validation.accuracy),
    number(validation.gap),
    testCell(test.accuracy, test.change?.accuracy),
    testCell(test.gap, test.change?.gap),
  ]),
  notes: [
    `Directions of ${count(result.rows.images)} train images (${count(result.rows.imagePairs)} pairs) and ${count(result.rows.texts)} texts (${count(result.rows.textPairs)} pairs); ${count(result.rows.validation)} validation and ${count(result.rows.test)} test rows. Test was looked at once, after alpha and k were chosen; Δ: change against nothing removed, paired.`,
  ],
});

/** What predictions owe to their batch. */
export const axisTable = ({ axis, classes }: SweepResult): Table => ({
  title: "Softmax over the images of a batch (as published), and over the texts",
  columns: [
    right("batch"),
    left("order"),
    right("accuracy over images"),
    right(`are ${classes[0]!}`),
    right("change over images"),
    right("change over texts"),
  ],
  rows: axis.map(({ batch, order, accuracy, firstClass, changed, changedOverTexts }) => [
    cell(String(batch)),
    cell(order),
    number(accuracy),
    cell(percent(firstClass)),
    cell(percent(changed), undefined, changed > 0 ? "broken" : undefined),
    cell(percent(changedOverTexts), undefined, changedOverTexts > 0 ? "broken" : "met"),
  ]),
  notes: [
    "Change: predictions on validation that differ from those of batches of 4 in the order read.",
  ],
});

/** Signal and explained variance at the values of k that were tried. */
export const spectrumTable = ({ fits }: SweepResult): Table => {
  const ks = [...new Set(fits.flatMap(({ trials }) => trials.map(({ k }) => k)))];
  const cumulative = (share: readonly number[], k: number): number =>
    share.slice(0, k).reduce((a, b) => a + b, 0);
  return {
    title:
      "What the first k directions of images hold: variance, and the difference of class means",
    columns: [left("centred on"), ...ks.map((k) => right(`k = ${k}`))],
    rows: fits.map((fit) => [
      cell(fitTitle(fit), undefined, "strong"),
      ...ks.map((k) => {
        const { share, signal } = fit.image;
        const at = Math.min(k, share.length);
        return cell(signal ? decimal(signal[at - 1]!) : "n/a", percent(cumulative(share, at)));
      }),
    ]),
    notes: [
      "Large: length of the difference of class means in the subspace, over its own length. Small: cumulative explained variance.",
    ],
  };
};

/** Explained variance at the values of k that were tried: of the direction, and of all up to it. */
export const varianceTable = ({ fits }: SweepResult): Table => {
  const ks = [...new Set(fits.flatMap(({ trials }) => trials.map(({ k }) => k)))];
  const sides = fits.flatMap((fit) => [
    { title: fitTitle(fit), of: fit.text === null ? "both" : "images", share: fit.image.share },
    ...(fit.text ? [{ title: fitTitle(fit), of: "texts", share: fit.text.share }] : []),
  ]);
  return {
    title: "Explained variance of direction k, and of all up to it",
    columns: [left("centred on"), left("of"), ...ks.map((k) => right(`k = ${k}`))],
    rows: sides.map(({ title, of, share }) => [
      cell(title, undefined, "strong"),
      cell(of),
      ...ks.map((k) =>
        k > share.length
          ? cell("n/a", undefined, "muted")
          : cell(percent(share[k - 1]!), percent(share.slice(0, k).reduce((a, b) => a + b, 0))),
      ),
    ]),
    notes: ["Large: of this direction. Small: of all up to it; of the last direction it is 100%."],
  };
};

/** One number at every alpha and k of a fit. */
export const strengthTable = (
  fit: SweepFit,
  { alphas }: SweepResult,
  title: string,
  of: (worth: Worth) => number | null,
): Table => ({
  title: `${title}: ${fitTitle(fit)}`,
  columns: [right("k"), ...alphas.map((alpha) => right(`alpha ${alpha}`))],
  rows: [...new Set(fit.trials.map(({ k }) => k))].map((k) => [
    cell(String(k), undefined, "strong"),
    ...fit.trials.filter((trial) => trial.k === k).map((trial) => number(of(trial))),
  ]),
  notes: [],
});
