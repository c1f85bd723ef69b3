/** @file A cache gives back what was kept, or nothing: never something else, whatever became of its files. */
import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSafetensors } from "../../../src/model/safetensors.ts";
import { openCache } from "../../../src/run/cache/cache.ts";
import { listCache, pruneCache, removeEmptyTables } from "../../../src/run/cache/files.ts";
import { ABOUT, ROW, keyOf, rowOf } from "./rows.ts";

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "equiclip-cache-test-"));
  said = [];
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

const open = (limit = 1e9) => openCache({ folder, limit, warn: (line) => said.push(line) });
const numbers = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

async function fill(rows: readonly number[], about = ABOUT, limit = 1e9): Promise<void> {
  const table = await open(limit).table(about, ROW);
  for (const i of rows) await table.write(keyOf(i), rowOf(i));
  await table.close();
}
/** Which of the rows are there; all that are must be right. */
async function found(rows: readonly number[], about = ABOUT): Promise<number[]> {
  const table = await open().table(about, ROW);
  const there: number[] = [];
  for (const i of rows) {
    const into = new Uint8Array(ROW);
    if (!(await table.read(keyOf(i), into))) continue;
    expect(into).toEqual(rowOf(i));
    there.push(i);
  }
  await table.close();
  return there;
}
const shards = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => join(folder, name));

test("rows come back, from the run that wrote them and from later ones", async () => {
  const table = await open().table(ABOUT, ROW);
  const row = rowOf(1);
  await table.write(keyOf(1), row);
  row.fill(9); // it was copied
  const into = new Uint8Array(ROW);
  expect(await table.read(keyOf(1), into)).toBe(true);
  expect(into).toEqual(rowOf(1));
  expect([table.has(keyOf(1)), table.has(keyOf(2))]).toEqual([true, false]);
  await table.close();
  await fill(numbers(20));
  expect(await found(numbers(25))).toEqual(numbers(20));
  expect(said).toEqual([]);
});

test("what differs in anything that is told is another table", async () => {
  await fill(numbers(3));
  const other = { ...ABOUT, about: { ...ABOUT.about, version: "2" } };
  expect(await found(numbers(3), other)).toEqual([]);
  expect(await found(numbers(3))).toEqual(numbers(3));
});

test("a shard is a safetensors file", async () => {
  await fill(numbers(3));
  const bytes = readFileSync(shards()[0]!);
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE())));
  expect(header).toMatchObject({ keys: { shape: [3, 32] }, rows: { shape: [3, ROW] } });
  const { metadata } = await openSafetensors(shards()[0]!, () => []);
  expect(metadata["sha256"]).toMatch(/^[0-9a-f]{64}$/);
});

test.each<[string, (path: string) => void]>([
  ["cut short by a byte", (path) => truncateSync(path, readFileSync(path).length - 1)],
  ["cut short in its header", (path) => truncateSync(path, 20)],
  ["empty", (path) => truncateSync(path, 0)],
  [
    "with one bit turned",
    (path) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 5]! ^= 4;
      writeFileSync(path, bytes);
    },
  ],
  [
    "with another key",
    (path) => {
      const bytes = readFileSync(path);
      bytes[8 + Number(bytes.readBigUInt64LE())]! ^= 1;
      writeFileSync(path, bytes);
    },
  ],
  ["that is something else", (path) => writeFileSync(path, "no shard at all, but a longer text")],
])("a shard %s is noticed, removed and made again", async (_how, damage) => {
  await fill(numbers(5));
  await fill(numbers(5, 10));
  const [first] = shards();
  damage(first!);
  const there = await found(numbers(20));
  expect(there.length).toBe(5); // those of the other shard
  expect(shards().length).toBe(1);
  await fill(numbers(20));
  expect(await found(numbers(20))).toEqual(numbers(20));
  expect(said).toEqual([]);
});

test("a shard that cannot be opened now is not taken for a damaged one", async () => {
  await fill(numbers(5));
  const [path] = shards();
  const away = join(folder, "away");
  renameSync(path!, away);
  symlinkSync(away, path!); // of a disk that comes and goes
  renameSync(away, `${away}2`);
  expect(await found(numbers(5))).toEqual([]);
  renameSync(`${away}2`, away);
  expect(await found(numbers(5))).toEqual(numbers(5));
});

test("a shard that is removed while a run uses it costs nothing but time", async () => {
  await fill(numbers(5));
  const table = await open().table(ABOUT, ROW);
  rmSync(shards()[0]!);
  const into = new Uint8Array(ROW);
  const there = await table.read(keyOf(0), into); // an open file stays readable where the system has it so
  if (there) expect(into).toEqual(rowOf(0));
  await table.close();
  expect(await found(numbers(5))).toEqual([]);
});

test("two processes that fill one cache at once both succeed", async () => {
  const run = (from: number, to: number) =>
    promisify(execFile)(process.execPath, [
      "--import",
      import.meta.resolve("tsx"),
      fileURLToPath(new URL("./filler.ts", import.meta.url)),
      folder,
      String(from),
      String(to),
    ]);
  const ended = await Promise.all([run(0, 120), run(60, 180)]);
  expect(ended.map(({ stderr }) => stderr)).toEqual(["", ""]);
  expect(await found(numbers(200))).toEqual(numbers(180));
  expect(
    readdirSync(folder, { recursive: true }).some((name) => String(name).includes("tmp")),
  ).toBe(false);
});

test("many small shards become one, and nothing is lost", async () => {
  for (let i = 0; i < 70; i++) await fill([i, i + 1]);
  expect(shards().length).toBeLessThan(20);
  expect(await found(numbers(80))).toEqual(numbers(71));
  expect((await listCache(folder))[0]!.rows).toBe(71);
});

test("two that are open at once do not both make the same shards one", async () => {
  const writers = await Promise.all(numbers(70).map(() => open().table(ABOUT, ROW)));
  for (const [i, table] of writers.entries()) await table.write(keyOf(i), rowOf(i));
  for (const table of writers) await table.close();
  const both = [await open().table(ABOUT, ROW), await open().table(ABOUT, ROW)];
  for (const table of both) await table.close();
  expect((await listCache(folder))[0]!.rows).toBe(70);
  expect(await found(numbers(70))).toEqual(numbers(70));
});

test("what was not used for longest makes room", async () => {
  const kind = (version: string) => ({ ...ABOUT, about: { of: "nothing", version } });
  for (const version of ["old", "older", "new"]) await fill(numbers(10), kind(version));
  const about = async () =>
    (await listCache(folder)).map((table) => [table.about["version"], table.rows]);
  for (const table of await listCache(folder)) {
    const used = { old: 2000, older: 1000, new: 3000 }[table.about["version"]!]!;
    for (const path of shards().filter((path) => path.startsWith(table.folder)))
      utimesSync(path, used, used);
  }
  expect(await about()).toEqual([
    ["new", 10],
    ["old", 10],
    ["older", 10],
  ]);
  const [table] = await listCache(folder);
  expect(await found([1], kind("older"))).toEqual([1]); // used just now
  await fill(numbers(10), kind("newest"), 3.5 * table!.bytes);
  expect(await about()).toEqual([
    ["newest", 10],
    ["older", 10],
    ["new", 10],
  ]);
});

test("what a run uses itself is never removed for more of it; that is said once", async () => {
  const table = await open(2000).table(ABOUT, 1000);
  const big = (i: number) => new Uint8Array(1000).fill(i);
  await table.write(keyOf(0), big(0));
  await table.close();
  const again = openCache({ folder, limit: 2000, warn: (line) => said.push(line) });
  const first = await again.table(ABOUT, 1000);
  expect(await first.read(keyOf(0), new Uint8Array(1000))).toBe(true);
  for (const i of [1, 2]) {
    await first.write(keyOf(i), big(i));
    await first.close();
  }
  expect(said).toEqual([expect.stringMatching(/^cache: .*limit of .*; the run goes on/)]);
});

test("a run that fits in no room removes nothing of others", async () => {
  await fill(numbers(10));
  await fill([1], { ...ABOUT, about: { of: "nothing", version: "large" } }, 100);
  expect(await found(numbers(10))).toEqual(numbers(10));
  expect(said).toEqual([expect.stringMatching(/^cache: .*limit of .*; the run goes on/)]);
});

test("a folder that cannot be written is said once, and the run goes on", async () => {
  const file = join(folder, "a file");
  writeFileSync(file, "");
  const cache = openCache({ folder: file, limit: 1e9, warn: (line) => said.push(line) });
  for (const version of ["1", "2"]) {
    const table = await cache.table({ ...ABOUT, about: { version } }, ROW);
    await table.write(keyOf(1), rowOf(1));
    expect(await table.read(keyOf(1), new Uint8Array(ROW))).toBe(version === "1");
    await table.close();
  }
  expect(said).toEqual([expect.stringMatching(/^cache: cannot write .*; the run goes on/)]);
});

test("pruning: by age, by size, all; and nothing but the cache's own files", async () => {
  writeFileSync(join(folder, "other"), "");
  await fill(numbers(10));
  await fill(numbers(10, 10));
  const [first] = shards();
  utimesSync(first!, 1000, 1000);
  expect((await pruneCache(folder, { before: Date.now() - 60_000 })).removed.files).toBe(1);
  expect((await pruneCache(folder, { before: Date.now() - 60_000 })).removed.files).toBe(0);
  expect((await pruneCache(folder, { limit: 1e6 })).removed.files).toBe(0);
  const { removed, bytes } = await pruneCache(folder, { limit: 0 });
  await removeEmptyTables(folder);
  expect([removed.files, bytes]).toEqual([1, 0]);
  expect(readdirSync(folder)).toEqual(["other"]);
  expect(await listCache(folder)).toEqual([]);
  expect(await listCache(join(folder, "not there"))).toEqual([]);
});

test("a table that is closed gives nothing more, and removes nothing: work that was begun may still ask", async () => {
  await fill(numbers(5));
  const table = await open().table(ABOUT, ROW);
  await table.close();
  expect(await table.read(keyOf(1), new Uint8Array(ROW))).toBe(false);
  expect(await found(numbers(5))).toEqual(numbers(5));
});
