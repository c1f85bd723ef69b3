import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Audit, auditManifest, withClusters } from "../../src/data/audit.ts";
import { groupBy } from "../../src/data/cells.ts";
import { distributions } from "../../src/data/distributions.ts";
import type { Manifest } from "../../src/data/row.ts";
import { openCache } from "../../src/run/cache/cache.ts";
import { listCache } from "../../src/run/cache/files.ts";
import { readUtkface } from "../../src/data/utkface.ts";
import { hasUtkface, utkface } from "../golden.ts";
import { noiseImage, toSharp } from "./images.ts";
import { row, UTKFACE_AGES } from "./rows.ts";

describe("a folder with one of every problem", () => {
  let folder: string;
  let manifest: Manifest;
  let audit: Audit;
  const progress: [number, number][] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "audit-"));
    const at = (name: string): string => join(folder, name);
    const face = (seed: number) =>
      toSharp(noiseImage(16, 16, seed)).resize(64, 64, { kernel: "nearest" });
    await face(1).jpeg({ quality: 95 }).toFile(at("20_0_0_1.jpg"));
    await copyFile(at("20_0_0_1.jpg"), at("20_1_0_2.jpg")); // same bytes, another gender
    await face(2).jpeg().toFile(at("30_1_2_3.jpg"));
    await face(2).modulate({ brightness: 1.05 }).jpeg({ quality: 60 }).toFile(at("31_1_2_4.jpg")); // same picture, another age
    await face(3).resize(80, 60).png().toFile(at("70_0_1_5.jpg"));
    await writeFile(at("40_0_0_6.jpg"), "");
    await writeFile(at("41_0_0_7.jpg"), "not an image");
    const whole = readFileSync(at("20_0_0_1.jpg"));
    await writeFile(at("42_0_0_8.jpg"), whole.subarray(0, whole.length / 2));
    await toSharp(noiseImage(1, 1)).png().toFile(at("43_0_0_9.jpg"));
    await writeFile(at("44_0.jpg"), "");
    const read = await readUtkface(folder);
    const missing = row("gone.jpg", read.rows[0]!.labels, {
      path: at("gone.jpg"),
      numbers: { age: 50 },
    });
    manifest = { ...read, rows: [...read.rows, missing].toReversed() };
    audit = await auditManifest(manifest, {
      concurrency: 3,
      onProgress: (done, total) => progress.push([done, total]),
    });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("what is remembered of images gives the same audit", async () => {
    const cache = openCache({
      folder: join(folder, "cache"),
      limit: 1e9,
      warn: expect.unreachable,
    });
    for (const time of ["fills", "reads"]) {
      const again = await auditManifest(manifest, { cache });
      // sharp words damage in one of two ways
      const { unreadable } = audit;
      expect(again.unreadable.map(({ id }) => id)).toEqual(unreadable.map(({ id }) => id));
      expect({ ...again, unreadable }, time).toEqual(audit);
    }
    const [table] = await listCache(join(folder, "cache"));
    expect(table).toMatchObject({ kind: "image fingerprints", rows: audit.images.length - 1 }); // two have the same bytes
  });

  test("files that cannot be used are named with the reason", () => {
    expect(audit.rejected).toEqual([
      { id: "44_0.jpg", reason: "expected 4 parts age_gender_race_date, received 2" },
    ]);
    expect(Object.fromEntries(audit.unreadable.map(({ id, reason }) => [id, reason]))).toEqual({
      "40_0_0_6.jpg": expect.stringContaining("empty"),
      "41_0_0_7.jpg": expect.stringContaining("not an image"),
      "42_0_0_8.jpg": expect.stringContaining("truncated"),
      "gone.jpg": expect.stringContaining("cannot be read"),
    });
  });

  test("duplicates and conflicting labels", () => {
    expect(audit.byteDuplicates).toEqual([["20_0_0_1.jpg", "20_1_0_2.jpg"]]);
    expect(audit.nearDuplicates).toEqual([["30_1_2_3.jpg", "31_1_2_4.jpg"]]);
    expect(audit.conflicts).toEqual([
      { ids: ["20_0_0_1.jpg", "20_1_0_2.jpg"], kind: "bytes", attributes: ["gender"] },
      { ids: ["30_1_2_3.jpg", "31_1_2_4.jpg"], kind: "picture", attributes: ["age"] },
    ]);
  });

  test("sizes, labels, progress; and it is plain data", () => {
    expect(audit.sizes).toEqual([
      { width: 64, height: 64, count: 4 },
      { width: 1, height: 1, count: 1 },
      { width: 80, height: 60, count: 1 },
    ]);
    expect(audit.rows).toBe(10);
    expect(audit.counts[0]).toEqual({ attribute: "gender", counts: { female: 3, male: 7 } });
    expect(progress.at(-1)).toEqual([10, 10]);
    expect(progress.length).toBe(10);
    expect(JSON.parse(JSON.stringify(audit))).toEqual(audit);
  });

  test("clusters join duplicates with the clusters that were given", () => {
    const rows = manifest.rows.map((r) =>
      ["20_0_0_1.jpg", "70_0_1_5.jpg"].includes(r.id) ? { ...r, cluster: "session 1" } : r,
    );
    const clustered = withClusters({ ...manifest, rows }, audit).rows;
    expect(clustered.map(({ id }) => id)).toEqual(manifest.rows.map(({ id }) => id));
    expect(
      Object.fromEntries(clustered.flatMap((r) => (r.cluster ? [[r.id, r.cluster]] : []))),
    ).toEqual({
      "20_0_0_1.jpg": "20_0_0_1.jpg",
      "20_1_0_2.jpg": "20_0_0_1.jpg",
      "70_0_1_5.jpg": "20_0_0_1.jpg",
      "30_1_2_3.jpg": "30_1_2_3.jpg",
      "31_1_2_4.jpg": "30_1_2_3.jpg",
    });
  });
});

describe("distributions", () => {
  test("cross tables name every pair, also the empty ones", () => {
    const rows = [
      row("a", { gender: "male", race: "black" }),
      row("b", { gender: "female", race: "white" }),
      row("c", { gender: "male", race: "black" }),
    ];
    expect(distributions(rows).crossTables).toEqual([
      {
        attributes: ["gender", "race"],
        counts: { female: { black: 0, white: 1 }, male: { black: 2, white: 0 } },
      },
    ]);
  });

  test("numbers that are no ages have no decades", () => {
    const rows = [5e12, 0, 20].map((income, i) => row(`${i}`, {}, { numbers: { income } }));
    expect(distributions(rows).numbers).toEqual([
      {
        attribute: "income",
        count: 3,
        min: 0,
        median: 20,
        max: 5e12,
        decades: null,
        medianPerValue: null,
      },
    ]);
  });

  test("the published counts per age give the published decades and median", () => {
    const rows = UTKFACE_AGES.flatMap((count, i) =>
      Array.from({ length: count }, (_, n) => row(`${i} ${n}`, {}, { numbers: { age: i + 1 } })),
    );
    const [age] = distributions(rows).numbers;
    expect(age).toMatchObject({ count: 23_705, min: 1, max: 116, medianPerValue: 131.5 });
    expect(age!.decades!.map(({ count }) => count)).toEqual([
      3062, 1531, 7344, 4536, 2245, 2299, 1316, 699, 504, 137, 19, 13,
    ]);
    expect(age!.decades![11]).toEqual({ from: 110, count: 13 });
  });
});

describe.skipIf(!hasUtkface)("UTKFace", () => {
  interface Line {
    readonly id: string;
    readonly sha256: string;
    readonly dhash: string;
    readonly group: string;
  }
  const lines = (): Line[] =>
    readFileSync(utkface("audit.csv"), "utf8")
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(","))
      .map(([id, , , , sha256, dhash, group]) => ({
        id: id!,
        sha256: sha256!,
        dhash: dhash!,
        group: group!,
      }));

  test("hashes and groups of some hundred faces are those of the checked audit", async () => {
    // every grouped face of the ages 1 and 26 and the first hundred without a group
    const all = lines();
    const grouped = all.filter(({ id, group }) => group && /^(1|26)_/.test(id));
    const chosen = new Map(
      [...grouped, ...all.filter(({ group }) => !group).slice(0, 100)].map((line) => [
        line.id,
        line,
      ]),
    );
    const manifest = await readUtkface(utkface());
    const audit = await auditManifest({
      ...manifest,
      rows: manifest.rows.filter(({ id }) => chosen.has(id)),
    });
    expect(audit.images.length).toBe(chosen.size);
    for (const { id, sha256, dhash } of audit.images)
      expect({ id, sha256, dhash }).toEqual({
        id,
        sha256: chosen.get(id)!.sha256,
        dhash: chosen.get(id)!.dhash,
      });

    const groups = groupBy(
      [...chosen.values()].filter(({ group }) => group),
      ({ group }) => group,
    );
    const expected = [...groups.values()]
      .filter((group) => group.length > 1)
      .map((group) => group.map(({ id }) => id).sort());
    expect(expected.length).toBeGreaterThan(20);
    expect(audit.nearDuplicates.map((group) => group.join(" ")).sort()).toEqual(
      expected.map((group) => group.join(" ")).sort(),
    );
    expect(audit.unreadable).toEqual([]);
    expect(audit.sizes).toEqual([{ width: 200, height: 200, count: chosen.size }]);
  });
});
