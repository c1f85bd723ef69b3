import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { nearestCounts } from "../../../src/explore/drift/nearest.ts";
import { resultsCsv, summaryOf } from "../../../src/explore/drift/results.ts";
import {
  cosineSpace,
  groupPrompts,
  similaritiesOf,
} from "../../../src/explore/drift/similarities.ts";
import { STUDY_SPACES, furtherSpace } from "../../../src/explore/drift/spaces.ts";
import { quadrupletsOf } from "../../../src/explore/drift/templates.ts";
import { random } from "../../../src/run/random.ts";

const COLUMNS = [
  "Quadruplet",
  "Prompt",
  "Cosine_Similarity_Prompt",
  "Cosine_Similarity_Image",
  "Cosine_Similarity_Latent",
  "ResNet_Similarity",
  "Dino16_Similarity",
  "Split_Product",
];
const prompts = quadrupletsOf(
  ["napping", "waking up, slowly", "relaxing"].map((activity) => ({ activity, category: null })),
  "document",
);
const quadruplets = groupPrompts(prompts);
const next = random("results");
const d = 5;
const x = Float32Array.from({ length: prompts.length * d }, () => next.normal());

/** Of the first n prompts' texts, and of all pictures but the last. */
function study(n = prompts.length, order = [...prompts.keys()]) {
  const ids = order.slice(0, n).map((i) => prompts[i]!.id);
  const taken = Float32Array.from(
    order.slice(0, n).flatMap((i) => Array.from(x.subarray(i * d, (i + 1) * d))),
  );
  const texts = cosineSpace(quadruplets, STUDY_SPACES.prompt, { ids, x: taken, n, d });
  const images = cosineSpace(quadruplets, STUDY_SPACES.image, {
    ids: prompts.slice(0, -1).map(({ id }) => id),
    x: x.slice(d),
    n: prompts.length - 1,
    d,
  });
  const pixels = { ...texts, space: furtherSpace("pixels", "pictures") };
  return similaritiesOf(quadruplets, [pixels, images, texts]);
}

test("C000-10: the study's columns, three lines an activity, three decimals, N/A", () => {
  const [header, ...lines] = parse(resultsCsv(study())) as string[][];
  expect(header).toEqual([...COLUMNS, "Cosine_Similarity_Image_pixels"]);
  expect(lines).toHaveLength(9);
  expect(lines.map(([quadruplet, age]) => [quadruplet, age]).slice(3, 6)).toEqual(
    ["young", "middle", "older"].map((age) => [
      "An ultra realistic portrait photo of a person waking up, slowly",
      age,
    ]),
  );
  for (const [, , prompt, image, ...others] of lines) {
    expect(prompt).toMatch(/^-?[01]\.\d{3}$/);
    expect(others).toEqual(["N/A", "N/A", "N/A", "N/A", prompt]);
    expect(image).toMatch(/^-?[01]\.\d{3}$|^N\/A$/);
  }
  expect(lines.map(([, , , image]) => image).filter((value) => value === "N/A")).toHaveLength(1);
});

test("C000-11: six lines by three comparisons, equal to the means of the table's columns", () => {
  const similarities = study();
  const [header, ...lines] = parse(resultsCsv(similarities)) as string[][];
  const summary = summaryOf(similarities).slice(0, 6);
  expect(summary.map(({ space: { row, metric, modulo } }) => [row, metric, modulo])).toEqual([
    ["Prompt embeddings", "Cosine similarity", "CLIP"],
    ["VAE latent of the final image", "Cosine similarity", "UNET-VAE"],
    ["Image embeddings", "Cosine similarity", "Resnet"],
    ["Image embeddings", "Cosine similarity", "CLIP"],
    ["Image embeddings", "Cosine similarity", "DINO"],
    ["Image embeddings", "Split Product", "SPLIT"],
  ]);
  for (const { space, means, counts } of summary) {
    const column = header!.indexOf(space.column);
    ["young", "middle", "older"].forEach((age, a) => {
      const values = lines
        .filter((line) => line[1] === age && line[column] !== "N/A")
        .map((line) => Number(line[column]));
      expect(counts[a]).toBe(values.length);
      if (values.length === 0) expect(means[a]).toBeNull();
      else
        expect(means[a]).toBeCloseTo(
          values.reduce((sum, value) => sum + value) / values.length,
          12,
        );
    });
  }
});

test("C000-22: half of the embeddings, then all in another order: the table of one whole run", () => {
  const half = parse(resultsCsv(study(6))) as string[][];
  expect(half.map((line) => line[2])).toEqual(
    expect.arrayContaining(["N/A", expect.stringMatching(/\d/)]),
  );
  const order = random("order").shuffle([...prompts.keys()]);
  expect(resultsCsv(study(prompts.length, order))).toBe(resultsCsv(study()));
});

test("C000-13: nearest ages against a third each, by hand", () => {
  const young = [0.9, 0.5, 0.4, 1, 1, 1];
  const older = [0.1, 0.5, 0.6, 1, 1, 1];
  const tie = [0.5, 0.5, 0.4, 1, 1, 1];
  const missing = [0.5, null, 0.4, 1, 1, 1];
  const counted = nearestCounts([young, young, young, older, tie, missing]);
  expect(counted).toMatchObject({
    counts: { young: 3, middle: 0, older: 1 },
    ties: 1,
    isExact: true,
  });
  // (3 - 4/3)^2 + (4/3)^2 + (1/3)^2, over 4/3
  expect(counted.chi2).toBeCloseTo(3.5, 12);
  // of 81 sequences: 3 with all four alike, 6 x 4 with three and one
  expect(counted.pValue).toBeCloseTo(27 / 81, 12);
  expect(nearestCounts([missing])).toMatchObject({
    chi2: null,
    pValue: null,
    reason: "no activity has a nearest age",
  });
});

test("equal counts are no evidence; thousands follow the chi-square distribution, without a step", () => {
  const of = (young: number, middle: number, old: number) =>
    nearestCounts([
      ...Array.from({ length: young }, () => [1, 0, 0, 1, 1, 1]),
      ...Array.from({ length: middle }, () => [0, 1, 0, 1, 1, 1]),
      ...Array.from({ length: old }, () => [0, 0, 1, 1, 1, 1]),
    ]);
  expect(of(4, 4, 4)).toMatchObject({ chi2: 0, pValue: expect.closeTo(1, 10) });
  const [below, above] = [of(700, 670, 630), of(701, 670, 630)];
  expect(below.isExact).toBe(true);
  expect(above.isExact).toBe(false);
  expect(below.pValue).toBeCloseTo(Math.exp(-below.chi2! / 2), 2);
  expect(above.pValue).toBeCloseTo(0.15, 1);
});
