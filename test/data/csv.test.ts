import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCsv, writeCsv } from "../../src/data/csv.ts";
import type { Row } from "../../src/data/row.ts";
import { EXIT } from "../../src/run/errors.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csv-"));
});
afterAll(() => rm(folder, { recursive: true }));

const columns = { image: "file", attributes: ["race"], numeric: ["age"] };
async function file(text: string, name = "faces.csv"): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe("reading", () => {
  test("a byte order mark, CRLF, quotes, blank lines and spaces make no difference", async () => {
    const text =
      '\uFEFFfile,race,age\r\n"a, 1.jpg","wh""ite""",27\r\n\r\nsub/../b.jpg , asian,3.5\r\n';
    const { rows, rejected, source } = await readCsv(await file(text), columns);
    expect(rejected).toEqual([]);
    expect(source).toBe(join(folder, "faces.csv"));
    expect(rows).toEqual([
      {
        id: "a, 1.jpg",
        path: join(folder, "a, 1.jpg"),
        labels: { race: 'wh"ite"' },
        numbers: { age: 27 },
        split: null,
        weight: 1,
        origin: null,
        cluster: null,
      },
      expect.objectContaining({ id: "b.jpg", path: join(folder, "b.jpg"), numbers: { age: 3.5 } }),
    ]);
  });

  test("columns may be called what objects have by themselves", async () => {
    const path = await file("file,constructor\na.jpg,ferrari\n");
    const { rows } = await readCsv(path, {
      image: "file",
      attributes: ["constructor"],
      numeric: [],
    });
    expect(rows.map(({ labels }) => labels)).toEqual([{ constructor: "ferrari" }]);
  });

  test("tab-separated files, absolute paths, splits, clusters and weights", async () => {
    const text =
      "file\trace\tage\tpart\tgroup\tw\n/x/a.jpg\twhite\t1\tval\tg1\t2\nb.jpg\tasian\t2\t\t\t0\n";
    const all = { ...columns, split: "part", cluster: "group", weight: "w" };
    const { rows } = await readCsv(await file(text, "faces.tsv"), all);
    expect(rows).toMatchObject([
      { path: "/x/a.jpg", split: "validation", cluster: "g1", weight: 2 },
      { path: join(folder, "b.jpg"), split: null, cluster: null, weight: 0 },
    ]);
  });

  test("every bad record is told with its line, what was expected and what came", async () => {
    const text = `file,race,age,split,weight
good.jpg,white,30,train,1
./good.jpg,white,30,train,1
empty.jpg,,30,train,1
number.jpg,white,thirty,train,1
label.jpg,purple,30,train,1
split.jpg,white,30,trian,1
weight.jpg,white,30,train,-1
short.jpg,white
,white,30,train,1
"two
lines.jpg",white,30,train,1
after.jpg,white,,train,1
`;
    const all = { ...columns, split: "split", weight: "weight" };
    const { rows, rejected } = await readCsv(await file(text), all, { race: ["white", "asian"] });
    expect(rows.map(({ id }) => id)).toEqual(["good.jpg", "two\nlines.jpg"]);
    expect(rejected).toEqual([
      {
        id: "./good.jpg",
        reason:
          'faces.csv:3: column "file": expected a value that no other line has (line 2 has it), received "good.jpg"',
      },
      { id: "empty.jpg", reason: 'faces.csv:4: column "race": expected a value, received ""' },
      {
        id: "number.jpg",
        reason: 'faces.csv:5: column "age": expected a number, received "thirty"',
      },
      {
        id: "label.jpg",
        reason: 'faces.csv:6: column "race": expected white, asian, received "purple"',
      },
      {
        id: "split.jpg",
        reason: 'faces.csv:7: column "split": expected train, validation or test, received "trian"',
      },
      {
        id: "weight.jpg",
        reason: 'faces.csv:8: column "weight": expected a weight of 0 or more, received "-1"',
      },
      { id: "short.jpg", reason: "faces.csv:9: expected 5 cells, received 2" },
      { id: "line 10", reason: 'faces.csv:10: column "file": expected a value, received ""' },
      { id: "after.jpg", reason: 'faces.csv:13: column "age": expected a value, received ""' },
    ]);
  });

  test.each([
    [
      "file,age\na.jpg,1\n",
      ':1: missing column "race", received "file", "age"; name columns that are there in the data section',
    ],
    ["file,race,age,race\na.jpg,x,1,y\n", ':1: column "race" occurs twice'],
    ["", ": the file is empty, expected a header line"],
    ["file,race,age\n", ": no usable row among 0 items, expected a record after the header line"],
    ["file,race,age\na.jpg,white,x\n", ": no usable row among 1 items"],
    ['file,race,age\n"a.jpg,white,1\n', "not a valid CSV file"],
  ])("%j is a usage error", async (text, message) => {
    const path = await file(text);
    const error = await readCsv(path, columns).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: EXIT.usage });
    expect(String(error)).toContain(path);
    expect(String(error)).toContain(message);
  });

  test("a missing file", async () => {
    await expect(readCsv(join(folder, "none.csv"), columns)).rejects.toThrow(
      "none.csv: no such file",
    );
  });

  test("fifty thousand lines", async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i}.jpg,white,${i % 90}`);
    const { rows } = await readCsv(await file(["file,race,age", ...lines].join("\n")), columns);
    expect(rows.length).toBe(50_000);
    expect(rows.at(-1)).toMatchObject({ id: "49999.jpg", numbers: { age: 49_999 % 90 } });
  });
});

describe("writing", () => {
  const text = fc
    .string({ minLength: 1, unit: fc.constantFrom(..."ab,\"'\t\n ü;") })
    .filter((t) => t.trim() === t);
  const rows = fc.uniqueArray(
    fc.record({
      id: text,
      path: fc.stringMatching(/^[a-z]{1,8}$/).map((name) => join("/data", name)),
      labels: fc.record({ race: text }),
      numbers: fc.record({ age: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
      split: fc.constantFrom("train", "validation", "test", null),
      weight: fc.integer({ min: 0, max: 9 }),
      origin: fc.option(text),
      cluster: fc.option(text),
    }) satisfies fc.Arbitrary<Row>,
    { selector: ({ id }) => id, minLength: 1 },
  );

  test.each(["out.csv", "out.tsv"])("what %s is written with is read back", async (name) => {
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        const path = join(folder, name);
        const manifest = await readCsv(path, await writeCsv(path, written));
        const minusZero = JSON.stringify; // CSV has no -0
        expect(minusZero(manifest.rows)).toEqual(minusZero(written));
        expect(manifest.rejected).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
