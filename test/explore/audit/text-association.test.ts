/** @file Texts against groups: gaps by hand, effects, tests, and what was planted comes first. */
import { describe, expect, test } from "vitest";
import { similarities } from "../../../src/explore/audit/query.ts";
import { averageTemplates, textAssociations } from "../../../src/explore/audit/text-association.ts";
import { random } from "../../../src/run/random.ts";
import { groupingOf, points } from "./samples.ts";

const gender = ["m", "m", "m", "f", "f", "f", "f"];
const scores = Float64Array.from([0.1, 0.2, 0.3, 0.3, 0.5, 0.4, 0.6]);

describe("one text and two groups", () => {
  const [found, ...others] = textAssociations({ makeup: scores }, [groupingOf("gender", gender)]);

  test("one comparison, whose gap and effect are those by hand", () => {
    expect(others).toEqual([]);
    expect(found).toMatchObject({ text: "makeup", attribute: "gender", within: null });
    expect([found!.group, found!.versus]).toEqual(["m", "f"]); // values are sorted: f, m
    expect([found!.rows, found!.others]).toEqual([3, 4]);
    expect(found!.gap.value).toBeCloseTo(0.2 - 0.45, 12);
    const deviation = Math.sqrt((1 - 2.4 ** 2 / 7) / 6); // squares sum to 1, scores to 2.4
    expect(found!.effect).toBeCloseTo(-0.25 / deviation, 12);
  });

  test("interval and p-value are Welch's", () => {
    // errors 0.01 / 3 and 0.0166667 / 4; Welch-Satterthwaite gives 4.96 degrees, of which 4 whole ones count
    const error = Math.sqrt(0.01 / 3 + 0.05 / 3 / 4);
    const t = 2.7764451051977987; // scipy: t.ppf(0.975, 4)
    expect(found!.gap.interval![0]).toBeCloseTo(-0.25 - t * error, 10);
    expect(found!.gap.interval![1]).toBeCloseTo(-0.25 + t * error, 10);
    expect(found!.pValue).toBeCloseTo(0.04482, 3);
    expect(found!.pHolm).toBe(found!.pValue);
    expect(found!.gap.note).toBe("only 3 rows on one side");
  });
});

/** Rows of a gender and an age band, and texts of which each but the last is planted. */
function planted(n: number) {
  const draw = random("associations");
  const genders = Array.from({ length: n }, (_, i) => (i % 2 ? "female" : "male"));
  const ages = Array.from({ length: n }, () => ["0-29", "30-59", "60+"][draw.int(3)]!);
  const texts = ["a beard", "grey hair", "nothing"];
  const images = points(
    genders.map((g, i) => [
      1 + 0.2 * draw.normal(),
      (g === "male" ? 0.6 : 0) + 0.2 * draw.normal(),
      (ages[i] === "60+" ? 0.4 : 0) + 0.2 * draw.normal(),
      0.2 * draw.normal(),
    ]),
  );
  const embedded = points([
    [0.5, 1, 0, 0],
    [0.5, 0, 1, 0],
    [0.5, 0, 0, 1],
  ]);
  const of = similarities(images, embedded);
  return {
    scores: Object.fromEntries(texts.map((text, t) => [text, of[t]!])),
    groupings: [groupingOf("gender", genders), groupingOf("age_band", ages)],
  };
}

describe("several", () => {
  const { scores: of, groupings } = planted(600);
  const found = textAssociations(of, groupings, { within: "age_band" });
  const overall = found.filter(({ within }) => within === null);

  test("what was planted ranks first, the rest stays within chance", () => {
    expect(overall[0]).toMatchObject({ text: "a beard", attribute: "gender", group: "male" });
    expect(overall[0]!.effect).toBeGreaterThan(1);
    expect(overall[1]).toMatchObject({ text: "grey hair", attribute: "age_band", group: "60+" });
    for (const { text, pHolm } of overall)
      if (text === "nothing") expect(pHolm).toBeGreaterThan(0.05);
  });

  test("two groups are compared once, several each with the others; again within each band", () => {
    expect(overall).toHaveLength(3 * (1 + 3));
    expect(found).toHaveLength(3 * (1 + 3 + 3));
    expect(
      found.filter(({ within }) => within?.group === "60+").map((one) => one.attribute),
    ).toEqual(["gender", "gender", "gender"]);
    const bands = found.filter(({ text, within }) => text === "a beard" && within !== null);
    expect(
      bands.every(({ group, gap, pHolm }) => group === "male" && gap.value! > 0 && pHolm! < 0.01),
    ).toBe(true);
  });

  test("effects fall, and corrected p-values are none smaller than they were", () => {
    const effects = found.map(({ effect }) => Math.abs(effect!));
    expect(effects).toEqual(effects.toSorted((a, b) => b - a));
    for (const { pValue, pHolm } of found) expect(pHolm).toBeGreaterThanOrEqual(pValue!);
  });
});

test("labels that mean nothing: at most 5% of trials find anything", () => {
  const draw = random("no association");
  const trials = Array.from({ length: 200 }, () => {
    const found = textAssociations(
      Object.fromEntries(
        ["a", "b", "c"].map((text) => [
          text,
          Float64Array.from({ length: 60 }, () => draw.normal()),
        ]),
      ),
      [
        groupingOf(
          "g",
          Array.from({ length: 60 }, () => ["x", "y", "z"][draw.int(3)]!),
        ),
      ],
    );
    return found.some(({ pHolm }) => pHolm! <= 0.05);
  });
  expect(trials.filter(Boolean).length).toBeLessThanOrEqual(19); // binomial(200, 0.05): 99.8%
});

describe("hard cases", () => {
  const only = (of: ArrayLike<number>, groups: readonly (string | null)[]) =>
    textAssociations({ t: Float64Array.from(of) }, [groupingOf("g", groups)]);

  test("one group has nobody to be compared with; rows without a label or similarity are left out", () => {
    expect(only([1, 2], ["a", "a"])).toEqual([]);
    const [found] = only([1, 2, 3, 9, Number.NaN], ["a", "a", "b", null, "b"]);
    expect(found).toMatchObject({ rows: 1, others: 2, pValue: null, pHolm: null });
    expect(found!.gap).toMatchObject({ value: 1.5, interval: null, note: expect.any(String) });
  });

  test("nothing known on one side, and no variance, are undefined rather than zero", () => {
    expect(only([1, Number.NaN], ["a", "b"])[0]!.gap).toMatchObject({
      value: null,
      reason: "no rows with a similarity",
    });
    expect(only([1, 1, 1, 1], ["a", "a", "b", "b"])[0]).toMatchObject({
      effect: null,
      pValue: null,
      gap: { value: 0, interval: null },
    });
  });
});

test("templates are averaged as unit vectors", () => {
  const { x, n } = averageTemplates(
    points([
      [2, 0],
      [0, 1],
      [0, 5],
      [0, 1],
    ]),
    2,
  );
  expect(n).toBe(2);
  [Math.SQRT1_2, Math.SQRT1_2, 0, 1].forEach((value, i) => expect(x[i]).toBeCloseTo(value, 9));
});
