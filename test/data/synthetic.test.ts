/** @file Drawn faces: planted bias as asked, labels visible in pixels, equal bytes for equal seeds, folders kept safe. */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { readCsv } from "../../src/data/csv.ts";
import type { Row } from "../../src/data/row.ts";
import {
  CUES,
  drawPeople,
  STYLES,
  TONES,
  type Parameters,
} from "../../src/data/synthetic/person.ts";
import { normalCdf, recallGap, toneTruths } from "../../src/data/synthetic/truth.ts";
import { makeSyntheticFaces } from "../../src/data/synthetic.ts";

const scratch = mkdtempSync(join(tmpdir(), "synthetic-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const folder = (name: string): string => join(scratch, name);

const parameters: Parameters = {
  count: 20_000,
  seed: 3,
  size: 32,
  bias: 0.8,
  faint: 0.5,
  validation: 0.15,
  test: 0.25,
};
const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

describe("people", () => {
  const people = drawPeople(parameters);

  test("style follows tone in train as asked, and not elsewhere", () => {
    for (const split of ["train", "validation", "test"] as const)
      for (const tone of TONES) {
        const group = people.filter((person) => person.split === split && person.tone === tone);
        const expected =
          split !== "train" ? 0.5 : tone === "amber" || tone === "cobalt" ? 0.9 : 0.1;
        const share = mean(group.map(({ style }) => Number(style === "angular")));
        expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt(0.25 / group.length));
      }
  });

  test("the bias is the phi coefficient of style and warm-or-cool tone", () => {
    const train = people.filter(({ split }) => split === "train");
    const a = train.map(({ style }) => (style === "angular" ? 1 : 0));
    const b = train.map(({ tone }) => (tone === "amber" || tone === "cobalt" ? 1 : 0));
    const covariance = mean(a.map((v, i) => v * b[i]!)) - mean(a) * mean(b);
    const phi = covariance / Math.sqrt(mean(a) * (1 - mean(a)) * mean(b) * (1 - mean(b)));
    expect(phi).toBeCloseTo(0.8, 1);
  });

  test("splits have the sizes asked for; ages fit their bands", () => {
    const size = (split: string) => people.filter((person) => person.split === split).length;
    expect([size("train"), size("validation"), size("test")]).toEqual([12_000, 3000, 5000]);
    for (const { age, ageBand } of people)
      expect(ageBand).toBe(age < 35 ? "18-34" : age < 60 ? "35-59" : "60+");
  });

  test("the stated truth is what ideal classifiers of the cues reach", () => {
    const truths = toneTruths(parameters);
    const norm = Math.hypot(...Object.values(CUES));
    for (const tone of TONES)
      for (const style of STYLES) {
        const group = people.filter(
          (p) => p.tone === tone && p.style === style && p.split !== "train",
        );
        const strength = 1 - 0.5 * (TONES.indexOf(tone) / 3);
        const p = truths[tone].angularShare;
        // log-odds of angular by Bayes: 2 a.c, plus the prior that was planted in train
        const right = (prior: number) =>
          mean(
            group.map(({ cues }) => {
              const { jaw, brows, hair, eyes, mouth } = CUES;
              const along =
                jaw * cues.jaw +
                brows * cues.brows +
                hair * cues.hair +
                eyes * cues.eyes +
                mouth * cues.mouth;
              const odds = 2 * strength * along + prior;
              return Number(odds > 0 === (style === "angular"));
            }),
          );
        const tolerance = 4 * Math.sqrt(0.25 / group.length);
        expect(Math.abs(right(0) - truths[tone].fair[style])).toBeLessThan(tolerance);
        expect(Math.abs(right(Math.log(p / (1 - p))) - truths[tone].biased[style])).toBeLessThan(
          tolerance,
        );
      }
    expect(norm).toBeGreaterThan(1.8);
  });

  test("without bias and faintness both ideal classifiers are the same and fair", () => {
    const truths = toneTruths({ ...parameters, bias: 0, faint: 0 });
    expect(recallGap(truths, "fair")).toBe(0);
    expect(recallGap(truths, "biased")).toBe(0);
    expect(recallGap(toneTruths({ ...parameters, faint: 0 }), "biased")).toBeGreaterThan(0.02);
    expect(truths.amber.fair.angular).toBeCloseTo(0.992, 3);
  });

  test("the normal distribution function", () => {
    // scipy.stats.norm.cdf
    for (const [z, p] of [
      [0, 0.5],
      [1, 0.8413447460685429],
      [-1.96, 0.024997895148220435],
      [4, 0.9999683287581669],
    ] as const)
      expect(normalCdf(z)).toBeCloseTo(p, 6);
    expect(normalCdf(Infinity)).toBe(1);
    expect(normalCdf(-Infinity)).toBe(0);
  });
});

const hashes = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .sort()
    .filter((file) => statSync(join(root, file)).isFile())
    .map(
      (file) =>
        `${file} ${createHash("sha256")
          .update(readFileSync(join(root, file)))
          .digest("hex")}`,
    );

describe("folder", () => {
  const options = { count: 240, seed: 5, size: 48, bias: 0.5 };

  test("equal parameters give equal bytes, another seed gives other faces", async () => {
    const { rows } = await makeSyntheticFaces(folder("a"), options);
    await makeSyntheticFaces(folder("b"), options);
    expect(hashes(folder("a"))).toEqual(hashes(folder("b")));
    expect(hashes(folder("a")).length).toBe(242);
    await makeSyntheticFaces(folder("b"), { ...options, seed: 6 });
    const first = new Set(hashes(folder("a")));
    const shared = hashes(folder("b")).filter((line) => first.has(line));
    expect(shared).toEqual([]);
    expect(rows.every(({ path }) => existsSync(path))).toBe(true);
    const { width, height, channels, hasAlpha } = await sharp(rows[7]!.path).metadata();
    expect({ width, height, channels, hasAlpha }).toEqual({
      width: 48,
      height: 48,
      channels: 3,
      hasAlpha: false,
    });
  });

  test("the manifest file says what the returned rows say", async () => {
    const { rows } = await makeSyntheticFaces(folder("a"), options);
    const columns = {
      image: "image",
      attributes: ["style", "tone", "age_band"],
      numeric: ["age"],
      split: "split",
    };
    const read = await readCsv(join(folder("a"), "manifest.csv"), columns);
    expect(read.rejected).toEqual([]);
    expect(read.rows).toEqual(rows);
    const truth = JSON.parse(readFileSync(join(folder("a"), "truth.json"), "utf8"));
    expect(truth.parameters).toEqual({ ...options, faint: 0, validation: 0.15, test: 0.25 });
    expect(truth.tones.jade.angularShare).toBe(0.25);
  });

  test("a whole folder is reused; a damaged or different one is drawn again", async () => {
    const { rows } = await makeSyntheticFaces(folder("c"), { ...options, count: 20 });
    const drawn = () => statSync(rows[0]!.path).mtimeMs;
    const first = drawn();
    await makeSyntheticFaces(folder("c"), { ...options, count: 20 });
    expect(drawn()).toBe(first);
    rmSync(rows[3]!.path);
    await makeSyntheticFaces(folder("c"), { ...options, count: 20 });
    expect(existsSync(rows[3]!.path)).toBe(true);
    expect(drawn()).toBeGreaterThan(first);
    writeFileSync(join(folder("c"), "truth.json"), "{");
    await makeSyntheticFaces(folder("c"), { ...options, count: 21 });
    expect(readdirSync(join(folder("c"), "images")).length).toBe(21);
  });

  test("somebody else's folder is left alone", async () => {
    const mine = mkdtempSync(folder("mine-"));
    writeFileSync(join(mine, "thesis.txt"), "x");
    await expect(makeSyntheticFaces(mine, options)).rejects.toThrow(
      /thesis\.txt and no truth\.json; choose another/,
    );
    expect(readdirSync(mine)).toEqual(["thesis.txt"]);
  });

  test.each([
    [{ count: 0 }, /count: expected a whole number from 1/],
    [{ size: 20.5 }, /size: expected a whole number/],
    [{ bias: 1.5 }, /bias: expected a number from -1 to 1, received 1.5/],
    [{ faint: Number.NaN }, /faint: .* received NaN/],
    [{ validation: 0.5, test: 0.5 }, /validation \+ test: expected less than 1, received 1/],
  ])("%o is refused", async (change, message) => {
    await expect(makeSyntheticFaces(folder("bad"), { ...options, ...change })).rejects.toThrow(
      message,
    );
    expect(existsSync(folder("bad"))).toBe(false);
  });
});

describe("pixels", async () => {
  const { rows } = await makeSyntheticFaces(folder("pixels"), { count: 400, seed: 1, size: 32 });
  const images = await Promise.all(rows.map(({ path }) => sharp(path).raw().toBuffer()));
  const average = (where: (row: Row) => boolean): Float64Array => {
    const chosen = images.filter((_, i) => where(rows[i]!));
    return Float64Array.from({ length: 32 * 32 * 3 }, (_, p) =>
      mean(chosen.map((image) => image[p]!)),
    );
  };
  /** Share of the second half of the rows that lies nearer to its own average picture of the first half. */
  const nearest = (attribute: string, values: readonly string[]): number => {
    const half = new Set(rows.slice(0, 200));
    const prototypes = values.map((value) =>
      average((row) => half.has(row) && row.labels[attribute] === value),
    );
    const distance = (image: Buffer, prototype: Float64Array): number =>
      prototype.reduce((sum, value, p) => sum + (image[p]! - value) ** 2, 0);
    const hits = rows.slice(200).map((row, i) => {
      const far = prototypes.map((prototype) => distance(images[200 + i]!, prototype));
      return Number(values[far.indexOf(Math.min(...far))] === row.labels[attribute]);
    });
    return mean(hits);
  };

  test("tone shows in plain colour, style in shape: chance is 0.25 and 0.5", () => {
    expect(nearest("tone", TONES)).toBeGreaterThan(0.6);
    const style = nearest("style", STYLES);
    expect(style).toBeGreaterThan(0.7);
    expect(style).toBeLessThan(0.95);
  });
});
