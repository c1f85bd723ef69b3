/** @file Rows find their embeddings by name or by order, or say who has none. */
import { resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Row } from "../../src/data/row.ts";
import { readUtkface } from "../../src/data/utkface.ts";
import { readEmbeddings } from "../../src/embed/embedding-file.ts";
import type { EmbeddingFile } from "../../src/embed/format.ts";
import { joinManifest } from "../../src/embed/join.ts";
import { row } from "../data/rows.ts";
import { faceapi, hasFaceapi, hasUtkface, utkface } from "../golden.ts";

/** The embedding of place i is [i, -i]. */
const named = (ids: readonly string[] | null, n = ids!.length): EmbeddingFile => ({
  x: Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? -1 : 1) * Math.floor(i / 2)),
  n,
  d: 2,
  ids,
  metadata: {},
});
const manifest = (rows: readonly Row[]) => ({ source: "m.csv", rows, rejected: [] });
const places = ({ x }: { x: Float32Array }): number[] => [...x].filter((_, i) => i % 2 === 0);

test("every row gets its own embedding, in any order, and the rest is counted", () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1 }),
      fc.integer({ min: 0, max: 5 }),
      fc.nat(),
      (ids, spare, seed) => {
        const turned = ids.map((_, i) => ids[(i + seed) % ids.length]!);
        const stored = [...turned, ...Array.from({ length: spare }, (_, i) => `SPARE${i}`)];
        const rows = ids.map((id) => row(id, {}));
        const joined = joinManifest(named(stored), manifest(rows));
        expect(places(joined).map((place) => stored[place])).toEqual(ids);
        expect(joined).toMatchObject({ d: 2, unused: spare, rows });
      },
    ),
  ));

test("names match as paths and as file names", () => {
  const rows = [row("b/2.jpg", {}), row("a/1.jpg", {})];
  expect(places(joinManifest(named(["./a/1.jpg", "b\\2.jpg"]), manifest(rows)))).toEqual([1, 0]);
  expect(places(joinManifest(named(["1.jpg", "2.jpg"]), manifest(rows)))).toEqual([1, 0]);
  const beside = [
    row("../faces/a/1.jpg", {}, { path: "/data/faces/a/1.jpg" }),
    row("../faces/b/1.jpg", {}, { path: "/data/faces/b/1.jpg" }),
  ];
  expect(places(joinManifest(named(["b/1.jpg", "a/1.jpg"]), manifest(beside)))).toEqual([1, 0]);
  const here = rows.map((r) => ({ ...r, path: resolve("faces", r.id) }));
  expect(places(joinManifest(named(["faces/a/1.jpg", "faces/b/2.jpg"]), manifest(here)))).toEqual([
    1, 0,
  ]);
});

test("file names that are not alone match nothing", () => {
  const rows = [row("a/1.jpg", {}), row("b/1.jpg", {})];
  expect(() => joinManifest(named(["x/1.jpg", "y/1.jpg"]), manifest(rows))).toThrow(
    "m.csv: a/1.jpg has no embedding: 0 of 2 rows are among the 2 embeddings (named like x/1.jpg)",
  );
});

test("the first row without a partner is named, with both counts", () => {
  const rows = ["a", "b", "c"].map((id) => row(id, {}));
  expect(() => joinManifest(named(["c", "a", "x", "y"]), manifest(rows))).toThrow(
    "m.csv: b has no embedding: 2 of 3 rows are among the 4 embeddings (named like c)",
  );
  expect(() => joinManifest(named(null, 3), manifest(rows))).toThrow(
    "embeddings: 3 rows without names, so that none can be told to be a of m.csv",
  );
});

test("by order where that is asked for and counts agree", () => {
  const rows = ["a", "b", "c"].map((id) => row(id, {}));
  expect(places(joinManifest(named(null, 3), manifest(rows), "order"))).toEqual([0, 1, 2]);
  expect(() => joinManifest(named(null, 2), manifest(rows), "order")).toThrow(
    "received 3 rows and 2 embeddings: c is the first without an embedding",
  );
  const rejected = [{ id: "d.jpg", reason: "no age" }];
  expect(() => joinManifest(named(null, 4), { ...manifest(rows), rejected }, "order")).toThrow(
    "received 3 rows and 4 embeddings: d.jpg is no usable row (no age)",
  );
});

test.skipIf(!hasFaceapi || !hasUtkface)(
  "a face network's embeddings lie in the order of UTKFace's names",
  async () => {
    const [file, faces] = await Promise.all([
      readEmbeddings(faceapi("embeddings.npy")),
      readUtkface(utkface()),
    ]);
    const joined = joinManifest(file, faces, "order");
    expect([joined.d, joined.unused, joined.x.length]).toEqual([128, 0, file.x.length]);
    expect(Buffer.from(joined.x.buffer).equals(Buffer.from(file.x.buffer))).toBe(true);
    expect(joined.rows.map(({ id }) => id)).toEqual(joined.rows.map(({ id }) => id).toSorted());
  },
);
