/** @file Realistic reports for tests: predictions are drawn by group rates, then evaluated like those of a run. */
import { random } from "../../src/run/random.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import type { Comparison } from "../../src/eval/report/comparison.ts";
import type { Report } from "../../src/eval/report.ts";
import type { DataPlan, Epoch, Evaluation, RunReport, Trajectory } from "../../src/report/model.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { compare } from "../../src/eval/compare.ts";

const RACES = ["white", "black", "asian", "indian", "other"] as const;
const BANDS = ["0-17", "18-34", "35-59", "60+"] as const;

/** Of the plain recipe: share of women read as female, share of men read as female, by race. */
const TPR = [0.823, 0.874, 0.889, 0.897, 0.912];
const FPR = [0.114, 0.081, 0.218, 0.128, 0.243];

/** @param fairer 0: the rates above; 1: every race has their mean */
export function genderPredictions(rows: number, fairer: number): Predictions {
  const race = new Int32Array(rows);
  const band = new Int32Array(rows);
  const truth = new Int32Array(rows);
  const predicted = new Int32Array(rows);
  const draw = random(7, "people");
  const errors = random(7, "errors");
  const towards = (rates: readonly number[], code: number): number =>
    (1 - fairer) * rates[code]! + (fairer * rates.reduce((a, b) => a + b)) / rates.length;
  for (let i = 0; i < rows; i++) {
    race[i] = [0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 4][draw.int(12)]!;
    band[i] = [0, 1, 1, 1, 2, 2, 3][draw.int(7)]!;
    truth[i] = draw.int(2);
    predicted[i] = errors.uniform() < towards(truth[i] === 1 ? TPR : FPR, race[i]!) ? 1 : 0;
  }
  return {
    ids: Array.from({ length: rows }, (_, i) => `images/${i}.jpg`),
    classes: ["male", "female"],
    truth,
    predicted,
    groups: { race: { values: RACES, codes: race }, age_band: { values: BANDS, codes: band } },
  };
}

const UNCERTAINTY = { uncertainty: { replicates: 300 } };
const OPTIONS = { ...UNCERTAINTY, positive: "female" };

/** Labels that a user's CSV may hold; markup in them must stay text. */
const HOSTILE = ["<script>alert(1)</script>", "a & b", `"quoted" 'label'`] as const;

/** Three classes; the last group has four rows and none of the first class. */
function hostilePredictions(): Predictions {
  const rows = 303;
  const draw = random(11, "hostile");
  const group = Int32Array.from({ length: rows }, (_, i) => (i < 4 ? 2 : i % 2));
  const truth = Int32Array.from({ length: rows }, (_, i) => (i < 4 ? 1 : draw.int(3)));
  const predicted = truth.map((label) => (draw.uniform() < 0.7 ? label : draw.int(3)));
  return {
    ids: Array.from({ length: rows }, (_, i) => `<b>${i}</b>.png`),
    classes: HOSTILE,
    truth,
    predicted,
    groups: {
      "<i>site</i>": { values: ["north|south", "<u>east</u>", "tiny"], codes: group },
      // one group has no gap
      camera: { values: ["only one"], codes: new Int32Array(rows) },
    },
  };
}

const trajectory = (feasible: readonly number[], selected: number): Trajectory => ({
  objective: { name: "loss", better: "lower" },
  constraints: [
    { metric: "eo.max", attribute: "race", rule: "at most", limit: 0.1, bound: "point" },
    { metric: "eo.max", attribute: "age_band", rule: "at most", limit: 0.2, bound: "point" },
  ],
  epochs: Array.from({ length: 12 }, (_, i): Epoch => {
    const epoch = i + 1;
    const holds = feasible.includes(epoch);
    return {
      epoch,
      trainLoss: 0.24 + 0.46 * Math.exp(-i / 3),
      validationLoss: 0.33 + 0.32 * Math.exp(-i / 2.5) + 0.004 * Math.max(0, i - 7) ** 2,
      objective: { value: 0.33 + 0.32 * Math.exp(-i / 2.5) + 0.004 * Math.max(0, i - 7) ** 2 },
      constraints: [
        { value: holds ? 0.085 + 0.001 * i : 0.121 + 0.02 * Math.sin(2.3 * i) ** 2 + 0.06 / epoch },
        epoch === 1
          ? { value: null, reason: "no group has rows that are truly negative" }
          : { value: 0.12 + 0.05 * Math.cos(i) ** 2 },
      ],
      feasible: holds,
    };
  }),
  selected,
});

const dataPlan = (synthetic: boolean): DataPlan => ({
  source: synthetic ? "synthetic faces" : "faces/utkface",
  synthetic,
  attributes: ["gender", "race", "age_band"],
  cells: ["male", "female"].flatMap((gender, g) =>
    RACES.flatMap((race, r) =>
      BANDS.map((band, b) => {
        const rows = Math.round([540, 260, 190, 230, 90][r]! * [0.6, 1.5, 1, 0.4][b]! + 13 * g);
        return {
          labels: [gender, race, band],
          trainBefore: rows,
          counts: {
            train: Math.round(0.5 * rows + 130),
            validation: Math.round(rows / 4),
            test: Math.round(rows / 2.4),
          },
        };
      }),
    ),
  ),
  balancing: { method: "priority", compat: false, removed: 2114, added: 1873 },
  rejected: [
    { id: "61_1_20170109150557335.jpg", reason: "expected 4 fields in the name, found 3" },
    { id: "39_1_20170116174525125.jpg", reason: "expected 4 fields in the name, found 3" },
  ],
});

const CONFIG = `name: utkface-gender-scratch
seed: 0
data:
  source: utkface
  path: faces/utkface
model:
  from: preset:small
train:
  lr: 5.0e-4
  epochs: 12
`;

export function runReport(title: string, target: string, evaluation: Evaluation): RunReport {
  return {
    title,
    target,
    run: {
      summary: [
        { label: "model", value: "preset:small, 1.02 million parameters, all trained" },
        { label: "objective", value: "cross-entropy over class prompts" },
        { label: "optimizer", value: "AdamW, learning rate 5e-4, cosine, batch 64" },
        { label: "epochs", value: "12" },
        { label: "seed", value: "0" },
      ],
      started: "2026-11-22T19:31:00Z",
      finished: "2026-11-22T19:39:41Z",
      seconds: 521.4,
      imagesPerSecond: 431.7,
      peakMemoryBytes: 1_288_490_188,
      versions: [
        { label: "equiclip", value: "0.1.0" },
        { label: "engine", value: "onnxruntime-node 1.30.0, 2 threads" },
        { label: "Node", value: "v20.20.2, linux x64" },
      ],
      command: "equiclip train configs/utkface-gender-scratch.yaml",
      config: CONFIG,
    },
    data: null,
    trajectory: null,
    evaluation,
    mistakes: [],
    samples: [],
    notes: [],
  };
}

/** A grey square as a PNG. */
export const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

const plain = { caveat: null, groupAtInference: false };
const METHODS = {
  leace: { ...plain, fairer: 0.85, setting: { alpha: 1, k: 4 } },
  "mean-difference": { ...plain, fairer: 0.6, setting: { alpha: 0.75, k: 4 } },
  "pca-class": {
    fairer: 0.05,
    setting: { alpha: 0.25, k: 4 },
    caveat: "centres each class on its own mean, so it keeps the difference between the means",
    groupAtInference: false,
  },
  thresholds: {
    fairer: 0.9,
    setting: { constraint: "equalized-odds", epsilon: 0.03, groups: "race" },
    caveat: "tosses a coin for some people",
    groupAtInference: true,
  },
} as const;

function genderComparison(): Comparison {
  const after = Object.entries(METHODS).map(
    ([method, { fairer }]) => [method, genderPredictions(4664, fairer)] as const,
  );
  const probe = (value: number) => ({
    race: { value, interval: [value - 0.02, value + 0.02] as [number, number], chance: 0.2 },
  });
  return {
    ...compare(genderPredictions(4664, 0), Object.fromEntries(after), OPTIONS),
    leakage: {
      before: probe(0.842),
      after: { leace: probe(0.211), "mean-difference": probe(0.224), "pca-class": probe(0.838) },
    },
  };
}

/** A finished run whose constraint held on validation, with four debiasing methods. */
export function feasibleReport(): RunReport {
  return {
    ...runReport("utkface-gender-scratch", "gender", {
      data: "test split",
      result: genderComparison(),
      erased: "race",
      methods: METHODS,
    }),
    data: dataPlan(false),
    trajectory: trajectory([6, 7, 9, 10], 7),
    mistakes: RACES.slice(0, 3).map((group, g) => ({
      attribute: "race",
      group,
      wrong: 140 + g,
      rows: 900 + g,
      faces: Array.from({ length: 6 }, (_, i) => ({
        id: `images/${g}${i}_1_2_201701.jpg`,
        truth: "female",
        predicted: "male",
        confidence: 0.51 + 0.07 * i,
        thumbnail: PIXEL,
      })),
    })),
    samples: RACES.map((race, i) => ({
      id: `images/sample-${i}.jpg`,
      truth: race,
      predicted: null,
      confidence: null,
      thumbnail: PIXEL,
    })),
    notes: ["Twelve epochs from random weights: a pretrained model does better."],
  };
}

/** A run on synthetic faces in which no epoch met the constraint, with the default method alone. */
export function infeasibleReport(): RunReport {
  return {
    ...runReport("quickstart", "gender", {
      data: "test split",
      result: compare(genderPredictions(900, 0), { leace: genderPredictions(900, 0.85) }, OPTIONS),
      erased: "race",
      methods: { leace: METHODS.leace },
    }),
    data: dataPlan(true),
    trajectory: trajectory([], 9),
  };
}

/** A finished run evaluated on a user's CSV: three classes, hostile labels, undefined metrics, a tiny group. */
export function hostileReport(): RunReport {
  const result: Report = evaluate(hostilePredictions(), {
    ...UNCERTAINTY,
    reference: { "<i>site</i>": "<u>east</u>" },
    compat: true,
  });
  return {
    ...runReport("<h1>csv & co</h1>", "<em>kind</em>", {
      data: "folder <img src=x onerror=alert(1)>",
      result,
      erased: null,
      methods: {},
    }),
    mistakes: [
      {
        attribute: "<i>site</i>",
        group: "<u>east</u>",
        wrong: 3,
        rows: 150,
        faces: [
          {
            id: `"><img src=x onerror=alert(1)>.png`,
            truth: HOSTILE[0],
            predicted: HOSTILE[1],
            confidence: 0.624,
            thumbnail: "https://example.org/tracker.png",
          },
        ],
      },
    ],
  };
}
