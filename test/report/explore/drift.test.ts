import { describe, expect, test } from "vitest";
import { FACE_PROMPTS, type Face, faceDrift } from "../../../src/explore/drift/faces.ts";
import { firstMatches } from "../../../src/explore/drift/matching.ts";
import { resultsCsv, summaryOf } from "../../../src/explore/drift/results.ts";
import {
  absentSpace,
  groupPrompts,
  similaritiesOf,
} from "../../../src/explore/drift/similarities.ts";
import { STUDY_SPACES } from "../../../src/explore/drift/spaces.ts";
import { driftStatistics } from "../../../src/explore/drift/statistics.ts";
import { quadrupletsOf } from "../../../src/explore/drift/templates.ts";
import { driftCaveats, driftFindings } from "../../../src/report/explore/drift-findings.ts";
import {
  absentNotes,
  categoryTables,
  chartRows,
  comparisonTable,
  matchTable,
  missingTable,
  pairTable,
  panelValues,
  summaryTable,
  supportTable,
} from "../../../src/report/explore/tables/drift.ts";
import { random } from "../../../src/run/random.ts";

const prompts = quadrupletsOf(
  Array.from({ length: 40 }, (_, i) => ({
    activity: `activity ${i}`,
    category: i % 5 === 0 ? "arts" : "sport",
  })),
  "document",
);
const quadruplets = groupPrompts(prompts);
/** Image space with a shift towards young, text space without one, no DINO. */
function study(shift: number) {
  const next = random("another report");
  const values = (more: number) =>
    quadruplets.map(() => {
      const of = (mean: number): number => mean + 0.01 * next.normal();
      return [of(0.8 + more), of(0.8), of(0.8), of(0.85), of(0.7), of(0.85)];
    });
  const similarities = similaritiesOf(quadruplets, [
    {
      space: STUDY_SPACES.image,
      reason: null,
      values: values(shift),
      without: ["activity 3 / older"],
    },
    { space: STUDY_SPACES.prompt, reason: null, values: values(0), without: [] },
    absentSpace(quadruplets, STUDY_SPACES.dino, "no such encoder"),
  ]);
  return {
    similarities,
    summary: summaryOf(similarities),
    statistics: driftStatistics(similarities, { replicates: 1000 }),
  };
}
const { similarities, summary, statistics } = study(0.03);
const text = (table: { rows: readonly (readonly { text: string; detail?: string }[])[] }) =>
  table.rows.map((row) => row.map((cell) => cell.text));

test("C000-11: the summary has six lines, three comparisons, and Chi2 filled", () => {
  const table = summaryTable(summary);
  expect(table.columns.map(({ head }) => head)).toEqual([
    "of",
    "Metric",
    "Modulo",
    "Neutral vs Young",
    "Neutral vs Middle",
    "Neutral vs Older",
    "Chi2",
  ]);
  expect(table.rows).toHaveLength(6);
  const image = table.rows[3]!;
  expect(image.map((cell) => cell.text).slice(0, 3)).toEqual([
    "Image embeddings",
    "Cosine similarity",
    "CLIP",
  ]);
  expect(image[3]!.text).toMatch(/^0\.8[23]\d$/);
  expect(image[6]!.detail).toMatch(/^nearest young \d+, middle \d, older \d; p <0.001$/);
  // why is said once
  expect(text(table)[4]!.slice(3)).toEqual(["n/a (no such encoder)", "n/a", "n/a", "n/a"]);
});

test("differences, categories and pairs", () => {
  const young = comparisonTable(statistics).rows.find(([space]) => space!.text.includes("image"));
  expect(young!.map((cell) => cell.text).slice(0, 2)).toEqual([
    "CLIP's image space",
    "young − older",
  ]);
  expect(young![2]).toMatchObject({
    text: expect.stringMatching(/^\+0\.0[234]\d$/),
    tone: "strong",
  });
  const [, image] = categoryTables(statistics);
  expect(image!.title).toBe("By category: CLIP's image space");
  expect(text(image!).map(([category, n]) => [category, n])).toEqual([
    ["arts", "8"],
    ["sport", "32"],
  ]);
  expect(image!.rows[0]![2]!.detail).toContain("n 8");
  expect(pairTable(statistics).rows[1]).toHaveLength(7);
  expect(chartRows(statistics)).toHaveLength(6);
});

test("findings: what is beyond chance, what is not, categories; in plain sentences", () => {
  const findings = driftFindings(summary, statistics);
  const said = findings.map(({ tone, text }) => `${tone}: ${text}`);
  expect(said).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^worse: In CLIP's image space the neutral picture is nearer to young than to older: \+0\.0[234]\d \[\+0\.0[234]\d, \+0\.0[34]\d\], (3[6-9]|40) of 40 activities \(p <0\.001, corrected\)\. There young and older pictures are 0\.(69|70)\d alike\.$/,
      ),
      expect.stringMatching(
        /^worse: In CLIP's image space the nearest age is young for \d+, middle for \d, older for \d of 40 activities \(p <0.001 against a third each, corrected\)\.$/,
      ),
      expect.stringMatching(
        /^unclear: In CLIP's text space no age is nearer to the neutral prompt than another beyond chance \(young − older [+-]0\.0\d\d \[-0\.0\d\d, \+0\.0\d\d\]; .*\)\. That is no proof that none is\.$/,
      ),
      expect.stringMatching(
        /^worse: In CLIP's image space, sport: the neutral picture is nearer to young than to older/,
      ),
    ]),
  );
  expect(said.join()).not.toContain("NaN");
});

test("turned round: nearer to older, with the interval turned too", () => {
  const { summary, statistics } = study(-0.03);
  const found = driftFindings(summary, statistics).find(({ text }) =>
    text.includes("than to young:"),
  );
  expect(found!.text).toMatch(
    /nearer to older than to young: \+0\.0[234]\d \[\+0\.0[234]\d, \+0\.0[34]\d\], 3\d of 40/,
  );
});

test.each([1, 3])(
  "identical pictures of %i activities: no age is nearer, nothing is undefined but says why",
  (n) => {
    const some = quadruplets.slice(0, n);
    const values = some.map(() => [1, 1, 1, 1, 1, 1]);
    const same = similaritiesOf(some, [
      { space: STUDY_SPACES.image, reason: null, values, without: [] },
    ]);
    const numbers = driftStatistics(same, { replicates: 100 });
    expect(driftFindings(summaryOf(same), numbers).map(({ text }) => text)).toEqual([
      n === 1
        ? "In CLIP's image space no age is nearer to the neutral picture than another beyond chance (young − older 0.000; young − middle 0.000; middle − older 0.000). That is no proof that none is."
        : "In CLIP's image space no age is nearer to the neutral picture than another beyond chance (young − older 0.000 [0.000, 0.000]; young − middle 0.000 [0.000, 0.000]; middle − older 0.000 [0.000, 0.000]). That is no proof that none is.",
    ]);
    const cells = [summaryTable(summaryOf(same)), comparisonTable(numbers), pairTable(numbers)];
    expect(JSON.stringify(cells)).not.toMatch(/NaN|null|undefined/);
    expect(text(cells[1]!)[0]!.slice(4)).toEqual([
      "n/a (no spread)",
      "n/a (no differences)",
      "n/a (no differences)",
      "n/a (no differences)",
    ]);
    expect(text(cells[0]!)[3]!.at(-1)).toBe("n/a (no activity has a nearest age)");
  },
);

test("the grammar of the study's prompts is a caveat, that of the mended ones is none", () => {
  expect(driftCaveats(statistics, "document").join()).toContain("45 year-old");
  expect(driftCaveats(statistics, "grammatical").join()).not.toContain("45 year-old");
});

test("C000-18: values above the pictures are those of the table", () => {
  const [neutral, ...ages] = panelValues(similarities, 2);
  expect(neutral).toEqual({ name: "neutral", values: [] });
  const [header, ...lines] = resultsCsv(similarities)
    .split("\n")
    .map((line) => line.split(","));
  ages.forEach(({ name, values }, age) => {
    const line = lines[2 * 3 + age]!;
    expect(line[1]).toBe(name);
    expect(values.map(({ name: column }) => column)).toEqual([
      "Cosine_Similarity_Prompt",
      "Cosine_Similarity_Image",
    ]);
    for (const { name: column, value } of values)
      expect(value!.toFixed(3)).toBe(line[header!.indexOf(column)]);
  });
});

test("what is missing: spaces, embeddings, pictures", () => {
  expect(absentNotes(similarities)).toEqual([
    "CLIP's image space: pictures without an embedding: 1 (activity 3 / older).",
    "The VAE's latent space: no encoder of this exploration stands for it.",
    "ResNet's space: no encoder of this exploration stands for it.",
    "DINO's space: no such encoder.",
    "The split product of DINO's patches: no encoder of this exploration stands for it.",
  ]);
  expect(missingTable({ missing: [] })).toBeNull();
  const missing = prompts.slice(0, 21).map((prompt) => ({ prompt, reason: "no file x.png" }));
  const table = missingTable({ missing })!;
  expect(text(table)[1]).toEqual([prompts[1]!.text, "no file x.png"]);
  expect(table.notes.at(-1)).toBe("1 more are missing.");
});

test("C000-19: cosines of the first eight pictures with their own prompts", () => {
  const rows = prompts.slice(0, 10).map(({ id }) => ({
    id: `${id}.png`,
    path: "",
    labels: {},
    numbers: {},
    split: null,
    weight: 1,
    origin: null,
    cluster: null,
  }));
  const pictures = {
    manifest: { source: "", rows, rejected: [] },
    prompts: prompts.slice(0, 10),
    missing: [],
    unused: [],
  };
  const images = {
    ids: rows.slice(1).map(({ id }) => id),
    x: Float32Array.from({ length: 18 }, (_, i) => (i % 2 === 0 ? 3 : 4)),
    n: 9,
    d: 2,
  };
  const texts = {
    ids: prompts.map(({ id }) => id),
    x: new Float32Array(320).fill(1),
    n: 160,
    d: 2,
  };
  const matches = firstMatches(pictures, images, texts);
  expect(matches).toHaveLength(8);
  expect(matches[0]!.cosine).toBeNull();
  expect(matches[1]).toMatchObject({ picture: "activity 0 / young.png", prompt: prompts[1]!.text });
  expect(matches[1]!.cosine).toBeCloseTo(7 / (5 * Math.SQRT2), 6);
  expect(
    text(matchTable(matches))
      .map(([, , cosine]) => cosine)
      .slice(0, 2),
  ).toEqual(["n/a (no embedding)", "0.990"]);
});

describe("C000-20: faces, the same tables", () => {
  const next = random("faces");
  const faces: Face[] = [];
  const x: number[] = [];
  for (const label of ["white female", "white male"])
    for (const [age, more] of [
      [25, 0.5],
      [45, 0],
      [70, 0],
    ] as const)
      for (let i = 0; i < 20; i++) {
        faces.push({ id: `${label} ${age} ${i}`, age, label });
        x.push(1 + more + 0.1 * next.normal(), 1 + 0.1 * next.normal(), 0.1 * next.normal());
      }
  const texts = {
    ids: Object.values(FACE_PROMPTS),
    x: new Float32Array([1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1]),
    n: 4,
    d: 3,
  };
  const images = { ids: faces.map(({ id }) => id), x: new Float32Array(x), n: faces.length, d: 3 };
  const of = faceDrift(
    faces,
    { young: [18, 34], middle: [35, 59], older: [60, 120] },
    [{ image: STUDY_SPACES.image, images, text: STUDY_SPACES.prompt, texts }],
    { replicates: 300 },
  );
  const rows = summaryOf(of.similarities);

  test("tables", () => {
    expect(summaryTable(rows).rows).toHaveLength(7);
    expect(text(comparisonTable(of.statistics))[0]!.slice(0, 2)).toEqual([
      "CLIP's image space",
      "young − older",
    ]);
    expect(text(categoryTables(of.statistics)[0]!)[0]![0]).toBe("white female");
    expect(text(supportTable(of))).toEqual([
      ["white female", "20", "20", "20"],
      ["white male", "20", "20", "20"],
    ]);
  });
  test("findings", () => {
    const said = driftFindings(rows, of.statistics).map(({ text }) => text);
    expect(said[0]).toMatch(
      /^In CLIP's image space the neutral prompt is nearer to young faces than to older ones: \+0\.1\d+ \[.*\], 2 of 2 labels \(p <0\.001, corrected\)\. There young and older faces are 0\.9\d\d alike\.$/,
    );
    expect(said.join("\n")).toContain(
      "In CLIP's image space, face by face, white male: the neutral prompt is nearer to young faces than to older ones: +0.1",
    );
    expect(driftCaveats(of.statistics)[0]).toContain("other faces");
  });
});
