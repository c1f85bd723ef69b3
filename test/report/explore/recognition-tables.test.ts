/** @file Tables of recognition: every number with what it rests on, every gap with its reason. */
import { describe, expect, test } from "vitest";
import type { Raster } from "../../../src/data/raster.ts";
import { heldOut } from "../../../src/explore/border/held-out.ts";
import { borderSummary } from "../../../src/explore/border/summary.ts";
import { borderMask } from "../../../src/explore/border-mask.ts";
import { fitPca } from "../../../src/explore/map/pca.ts";
import { recognition } from "../../../src/explore/recognition.ts";
import { robustness } from "../../../src/explore/robustness.ts";
import {
  borderMaskTable,
  encoderTable,
  heldOutTable,
  robustnessTable,
} from "../../../src/report/explore/recognition-tables.ts";
import type { Table } from "../../../src/report/tables/table.ts";
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";

const lines = ({ columns, rows }: Table): string[] => [
  columns.map(({ head }) => head).join(" | "),
  ...rows.map((row) =>
    row.map(({ text, detail }) => [text, detail].filter(Boolean).join(" ")).join(" | "),
  ),
];

/** Pairs of rows 1 apart, 10 from the next: of one label each. */
const n = 16;
const x: Embeddings = {
  x: Float64Array.from({ length: 2 * n }, (_, i) =>
    i % 2 === 0 ? 10 * (i >> 2) + ((i >> 1) % 2) : 0,
  ),
  n,
  d: 2,
};
const codes = Int32Array.from({ length: n }, (_, row) => (row < 8 ? 0 : 1));
const neighbours = {
  k: 1,
  indices: Int32Array.from({ length: n }, (_, row) => row ^ 1),
  distances: new Float64Array(n).fill(1),
};
const options = {
  test: 0.25,
  seed: 1,
  svm: { kernel: "linear", C: 1, gamma: "scale" } as const,
  fit: (train: Embeddings) => fitPca(train, 2),
};

describe("encoders beside each other", async () => {
  const found = recognition(x, codes, 2, neighbours, { seed: 1 });
  const asked = { label: "person", map: "pca", kernel: "linear", values: ["ann", "bob"] } as const;
  const borders = borderSummary(asked, await heldOut(x, codes, asked.values, options));

  test("one table, the same measures for all", () => {
    const table = encoderTable("person", [
      { name: "pixels", dimensions: 16384, recognition: found, borders, further: { ARI: 0.5 } },
      { name: "CLIP", dimensions: 512, recognition: found, borders },
    ]);
    const [head, first, second] = lines(table);
    expect(head).toBe(
      "encoder | numbers | nearest neighbour | chance | AUC of distances | held out, on the map | seen, on the map | held out, full space | commonest label | ARI",
    );
    expect(first).toMatch(
      /^pixels \| 16,384 \| 1\.000 \[0\.806, 1\.000\] 16\/16 \| 0\.467 \| 0\.\d{3} \| 1\.000 \[0\.510, 1\.000\] 4\/4 \| /,
    );
    expect(first).toMatch(/\| 0\.500 \[0\.150, 0\.850\] 2\/4 \| 0\.500$/);
    expect(second).toMatch(/^CLIP \| 512 .*n\/a \(not measured\)$/);
  });

  test("what is not there has its reason", () => {
    const one = new Int32Array(n);
    const alone = recognition(x, one, 1, neighbours, { seed: 1 });
    const table = encoderTable("person", [
      {
        name: "pixels",
        dimensions: 4,
        recognition: alone,
        borders: { heldOut: null, reason: "one label" },
      },
    ]);
    expect(lines(table)[1]).toBe(
      "pixels | 4 | 1.000 [0.806, 1.000] 16/16 | 1.000 | n/a (no two rows have different labels) | n/a (one label) | n/a (one label) | n/a (one label) | n/a (one label)",
    );
  });

  test("per label", () => {
    const table = heldOutTable("pixels", borders);
    expect(lines(table).map((line) => line.split(" | ")[0])).toEqual([
      "label",
      "all",
      "ann",
      "bob",
    ]);
    expect(lines(table)[2]).toMatch(/^ann \| 1\.000 \[0\.342, 1\.000\] 2\/2 \| /);
    expect(table.notes[0]).toMatch(/fitted on 12 rows and measured on 4 others.*50\.0% of them/);
    expect(heldOutTable("pixels", { ...asked, heldOut: null, reason: "one label" }).notes).toEqual([
      "one label",
    ]);
  });
});

test("pictures moved: a row a change, encoders beside each other", async () => {
  const images = [40, 200].map((level): Raster => ({
    width: 4,
    height: 4,
    data: Uint8Array.from(
      { length: 48 },
      (_, i) => (i % 12 < 3 ? level : 0) + (i < 12 ? level / 2 : 0),
    ),
  }));
  const pixels = async (of: readonly Raster[]): Promise<Embeddings> => ({
    x: Float64Array.from(of.flatMap(({ data }) => [...data])),
    n: of.length,
    d: 48,
  });
  const moved = await robustness(images, pixels, { shifts: [1], rotations: [5] });
  const table = robustnessTable([
    { name: "pixels", robustness: moved },
    { name: "CLIP", robustness: moved },
  ]);
  expect(lines(table)[0]).toBe(
    "change | pixels: cosine | pixels: drop | pixels: found again | pixels: neighbours kept | CLIP: cosine | CLIP: drop | CLIP: found again | CLIP: neighbours kept",
  );
  expect(table.rows.map(([name]) => name!.text)).toEqual(["shift 1 px", "flip", "rotate 5°"]);
  expect(lines(table)[1]).toMatch(
    /^shift 1 px \| 0\.\d{3} \[-1\.000, 1\.000\] \| \d\.\d{3} \| 0\.500 \[0\.095, 0\.905\] 1\/2 \| 1\.000 \| 0/,
  );
  const one = await robustness(images.slice(0, 1), pixels, { shifts: [1], rotations: [] });
  expect(lines(robustnessTable([{ name: "pixels", robustness: one }]))[1]).toMatch(
    /^shift 1 px \| 0\.\d{3} \| n\/a \(no other picture that differs\) \| .* \| n\/a \(no other pictures\)$/,
  );
});

test("variance inside and outside of the face", () => {
  const levels: Embeddings = { x: Float64Array.of(0, 0, 0, 0, 1, 0, 0, 0), n: 2, d: 4 };
  expect(lines(borderMaskTable(borderMask(levels, { across: 0.3, up: 0.3 })))).toEqual([
    "part of the picture | share of variance | share of pixels",
    "inside | 0.000 | 0.000",
    "outside | 1.000 | 1.000",
  ]);
});
