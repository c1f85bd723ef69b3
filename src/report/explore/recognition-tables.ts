/** @file How good embeddings are for recognition, in tables: encoders beside each other, labels held out, pictures moved. */
import type { Accuracy, Share } from "../../explore/border/accuracy.ts";
import type { BorderMask } from "../../explore/border-mask.ts";
import type { BorderResult } from "../../explore/result.ts";
import type { Recognition } from "../../explore/recognition.ts";
import type { Mean, Robustness } from "../../explore/robustness.ts";
import { count, decimal, interval, percent, undefinedFor } from "../format.ts";
import { type Cell, type Table, cell, left, right } from "../tables/table.ts";

/** What one encoder's embeddings of the same rows show. */
export interface EncoderMeasures {
  readonly name: string;
  readonly dimensions: number;
  readonly recognition: Recognition;
  /** Null where none was asked for. */
  readonly borders: Pick<BorderResult, "heldOut" | "reason"> | null;
  /** Further numbers by the head of their column, such as the adjusted Rand index of clusters and labels. */
  readonly further?: Readonly<Record<string, number | null>>;
}

const nothing = (reason: string): Cell => cell(undefinedFor(reason), undefined, "muted");

const number = (value: number | null, reason: string): Cell =>
  value === null ? nothing(reason) : cell(decimal(value));

const shareCell = ({ value, interval: ends, right, rows, reason }: Share): Cell =>
  value === null
    ? nothing(reason ?? "no rows")
    : cell(decimal(value), `${interval(ends)} ${count(right)}/${count(rows)}`);

const meanCell = ({ value, interval: ends }: Mean): Cell =>
  value === null ? nothing("no embedding has a direction") : cell(decimal(value), interval(ends));

/** One row an encoder, the same measures on the same rows. */
export function encoderTable(label: string, encoders: readonly EncoderMeasures[]): Table {
  const further = [...new Set(encoders.flatMap((of) => Object.keys(of.further ?? {})))];
  const isHeldOut = encoders.some(({ borders }) => borders !== null);
  const heldOutCells = (fit: EncoderMeasures["borders"]): Cell[] => {
    if (!fit?.heldOut) {
      const none = nothing(fit?.reason ?? "not measured");
      return [none, none, none, none];
    }
    const { onMap, onTrain, inFullSpace, majority } = fit.heldOut;
    return [onMap, onTrain, inFullSpace, majority].map(shareCell);
  };
  return {
    title: `Encoders by ${label}`,
    columns: [
      left("encoder"),
      right("numbers"),
      right("nearest neighbour"),
      right("chance"),
      right("AUC of distances"),
      ...(isHeldOut
        ? ["held out, on the map", "seen, on the map", "held out, full space", "commonest label"]
        : []
      ).map(right),
      ...further.map(right),
    ],
    rows: encoders.map(({ name, dimensions, recognition, borders, further: own }) => [
      cell(name, undefined, "strong"),
      cell(count(dimensions)),
      shareCell(recognition.nearest),
      number(recognition.chance, "fewer than two labelled rows"),
      number(recognition.distances?.auc ?? null, recognition.reason ?? ""),
      ...(isHeldOut ? heldOutCells(borders) : []),
      ...further.map((head) => number(own?.[head] ?? null, "not measured")),
    ]),
    notes: [
      `Nearest neighbour: rows whose nearest other row has the same ${label}. AUC: how often two rows of one ${label} are nearer to each other than two of different ones; 0.5 tells nothing.`,
      ...(isHeldOut
        ? [
            "Held out: rows that neither the map nor the borders were fitted on; seen: those that they were. Commonest label: what always guessing it gives.",
          ]
        : []),
      ...encoders.flatMap(({ name, recognition, borders }) =>
        [...recognition.notes, ...(borders?.heldOut?.notes ?? [])].map(
          (note) => `${name}: ${note}`,
        ),
      ),
    ],
  };
}

/** Accuracy on held-out rows, per label. */
export function heldOutTable(encoder: string, of: BorderResult): Table {
  const { heldOut, reason, label: asked, values: labels } = of;
  const title = `Borders by ${asked} on held-out rows, ${encoder}`;
  if (!heldOut) return { title, columns: [left("label")], rows: [], notes: [reason ?? ""] };
  const { onMap, inFullSpace, onTrain, majority, train, test } = heldOut;
  const row = (name: string, of: (accuracy: Accuracy) => Share): Cell[] => [
    cell(name, undefined, "strong"),
    ...[onMap, inFullSpace, onTrain].map((accuracy) => shareCell(of(accuracy))),
  ];
  return {
    title,
    columns: [left("label"), right("on the map"), right("full space"), right("seen, on the map")],
    rows: [
      row("all", (accuracy) => accuracy),
      ...labels.map((label, code) => row(label, (accuracy) => accuracy.labels[code]!)),
    ],
    notes: [
      `Map and borders were fitted on ${count(train)} rows and measured on ${count(test)} others. Always guessing ${labels[majority.code]} is right for ${percent(majority.value ?? 0)} of them.`,
      ...heldOut.notes,
    ],
  };
}

/** One row a change, the encoders beside each other. */
export function robustnessTable(
  encoders: readonly { readonly name: string; readonly robustness: Robustness }[],
): Table {
  const changes = encoders[0]?.robustness.changes ?? [];
  return {
    title: "Pictures shifted, mirrored and turned",
    columns: [
      left("change"),
      ...encoders.flatMap(({ name }) =>
        ["cosine", "drop", "found again", "neighbours kept"].map((head) =>
          right(`${name}: ${head}`),
        ),
      ),
    ],
    rows: changes.map(({ name }, i) => [
      cell(name, undefined, "strong"),
      ...encoders.flatMap(({ robustness }) => {
        const { cosine, drop, found, kept } = robustness.changes[i]!;
        return [
          meanCell(cosine),
          number(drop, "no other picture that differs"),
          shareCell(found),
          number(kept, "no other pictures"),
        ];
      }),
    ]),
    notes: [
      "Cosine of a picture and its changed self. Drop: 0 is no change, 1 is as far as another picture; encoders can be compared by it. Found again: changed pictures nearest to their own original among all.",
      ...encoders.flatMap(({ name, robustness: { baseline, pictures, k, notes } }) => [
        `${name}: ${count(pictures)} pictures, mean cosine of two different ones ${baseline === null ? undefinedFor("one picture") : decimal(baseline)}; ${k} neighbours.`,
        ...notes.map((note) => `${name}: ${note}`),
      ]),
    ],
  };
}

/** Two shares that sum to 1. */
export const borderMaskTable = ({
  inside,
  outside,
  pixelsInside,
  ellipse,
  reason,
}: BorderMask): Table => ({
  title: "Variance of pixels inside and outside of the face",
  columns: [left("part of the picture"), right("share of variance"), right("share of pixels")],
  rows: [
    ["inside", inside, pixelsInside] as const,
    ["outside", outside, 1 - pixelsInside] as const,
  ].map(([name, variance, pixels]) => [
    cell(name, undefined, "strong"),
    number(variance, reason ?? ""),
    cell(decimal(pixels)),
  ]),
  notes: [
    `Inside is an ellipse about the centre, with half axes of ${ellipse.across} of the width and ${ellipse.up} of the height, where a face lies in pictures cropped to faces.`,
  ],
});
