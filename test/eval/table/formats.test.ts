/** @file The same rows give the same report whatever file they lie in, and a broken file says where. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluate } from "../../../src/eval/evaluate.ts";
import type { Report } from "../../../src/eval/report.ts";
import type { TableColumns } from "../../../src/eval/table/columns.ts";
import { readPredictionTable } from "../../../src/eval/table/read.ts";
import { random } from "../../../src/run/random.ts";
import { csv, jsonLines, parquet, type Rows, temporaryFiles } from "./files.ts";

const file = temporaryFiles();

async function reportOf(path: string, columns: TableColumns): Promise<Report> {
  const { predictions, positive } = await readPredictionTable(path, columns);
  return evaluate(predictions, { positive, uncertainty: { replicates: 20 } });
}

const draw = random("formats");
const N = 90;
const NAMES = ["Ø, „ß“", 'the "others"', "two\nlines", "<b>&amp;日本</b>"];
const many = <T>(make: (row: number) => T): T[] => Array.from({ length: N }, (_, row) => make(row));
const ROWS: Rows = {
  "ид, ключ": many((row) => `p${row}`),
  truth: many(() => BigInt(draw.int(2))),
  predicted: many(() => draw.int(2)),
  score: many(() => draw.uniform()),
  weight: many(() => draw.int(3)),
  'Gruppe "ä"': many(() => NAMES[draw.int(4)]!),
  adult: many(() => draw.int(2) === 1),
  site: many((row) => (row % 5 === 0 ? null : draw.int(12))),
  day: many(() => new Date(Date.UTC(2026, 0, 1 + draw.int(3)))),
};
const COLUMNS: TableColumns = {
  id: "ид, ключ",
  truth: "truth",
  predicted: "predicted",
  score: "score",
  weight: "weight",
  groups: ['Gruppe "ä"', "adult", "site", "day"],
};

test("csv, tsv, json lines and parquet of one table", async () => {
  const inCsv = await reportOf(file("table.csv", csv(ROWS)), COLUMNS);
  expect(Object.keys(inCsv.attributes['Gruppe "ä"']!.groups)).toEqual(NAMES.toSorted());
  // numbers in their order, not that of their digits
  const sites = Object.keys(inCsv.attributes["site"]!.groups).map(Number);
  expect(sites).toEqual(sites.toSorted((a, b) => a - b));
  expect(inCsv.attributes["site"]!.missing).toBe(18);
  expect(Object.keys(inCsv.attributes["adult"]!.groups)).toEqual(["false", "true"]);
  expect(Object.keys(inCsv.attributes["day"]!.groups)[0]).toBe("2026-01-01T00:00:00.000Z");

  const others = [
    file("table.tsv", csv(ROWS, "\t")),
    file("crlf.csv", `\uFEFF${csv(ROWS).replace(/(?<!two)\n/g, "\r\n")}`),
    file("blank.csv", csv(ROWS).replace(/(?<!two)\n/, "\n\n\n")),
    file("table.jsonl", jsonLines(ROWS)),
    file("crlf.ndjson", `\uFEFF${jsonLines(ROWS).replaceAll("\n", "\r\n\r\n")}\r\n`),
    file("snappy.parquet", parquet(ROWS)),
    file("gzip.parquet", parquet(ROWS, "GZIP")),
    file("plain.PQ", parquet(ROWS, "UNCOMPRESSED", 1000)),
  ];
  for (const path of others) expect(await reportOf(path, COLUMNS), path).toEqual(inCsv);
});

test("files of pandas and pyarrow: every codec, dictionaries, nullable and categorical columns", async () => {
  const fixture = (format: string) => join(import.meta.dirname, "fixtures", `people.${format}`);
  const columns: TableColumns = {
    id: "id",
    truth: "y_true",
    predicted: "y_pred",
    score: "score",
    weight: "weight",
    groups: ["race", "site", "visits", "retired", "day"],
  };
  const inCsv = await reportOf(fixture("csv"), columns);
  expect(inCsv.classes).toEqual(["0", "1"]);
  expect(Object.keys(inCsv.attributes["visits"]!.groups)).toEqual(["0", "1", "2", "3"]);
  for (const format of ["tsv", "jsonl", "parquet"])
    expect(await reportOf(fixture(format), columns), format).toEqual(inCsv);
});

const small: Rows = { y: [1, 0, 1], p: [1, 1, 0], g: ["a", "b", "a"] };
const SMALL: TableColumns = { truth: "y", predicted: "p", groups: ["g"] };
const bytes = parquet(small);
const long = parquet({
  y: many(() => draw.int(2)),
  p: many(() => draw.int(2)),
  g: many(() => "a"),
});
const broken = long.slice();
broken.fill(0xff, 4, 60); // the first pages

test.each<[string, string | Uint8Array, RegExp]>([
  ["empty.csv", "", /empty\.csv: the file is empty/],
  ["empty.parquet", "", /empty\.parquet: the file is empty/],
  ["blank.csv", "\n\n", /blank\.csv: no rows/],
  ["header.csv", "y,p,g\n", /header\.csv: no rows/],
  ["blank.jsonl", "\n \n", /blank\.jsonl: no rows/],
  ["none.parquet", parquet({ y: [], p: [], g: [] }), /none\.parquet: no rows/],
  ["ragged.csv", "y,p,g\n1,1,a\n1,1\n", /ragged\.csv:3: expected as many cells .* received 2/],
  ["wide.tsv", "y\tp\tg\n1\t1\ta\tb\n", /wide\.tsv:2: .* received 4/],
  ["cut.csv", 'y,p,g\n1,1,"a', /cut\.csv:2: not valid CSV: .*Quote/],
  ["quote.csv", 'y,p,g\n1,1,a\n1,1,a"b\n', /quote\.csv:3: not valid CSV/],
  ["unknown.csv", "y,P,g\n1,1,a\n", /no column "p", did you mean "P"\?; the columns are y, P, g/],
  [
    "semicolon.csv",
    "y;p;g\n1;1;a\n",
    /no column "y"; the only one is y;p;g: are columns parted by commas/,
  ],
  ["far.jsonl", '{"truth":1,"p":1}\n', /no column "y".*; the columns are truth, p/],
  ["twice.csv", "y,p,g,p\n1,1,a,1\n", /twice\.csv: column "p" is there twice/],
  [
    "bad.jsonl",
    '{"y":1,"p":1,"g":"a"}\n\n{"y":1,\n',
    /bad\.jsonl:3: expected one JSON object a line/,
  ],
  ["cut.jsonl", '{"y":1,"p":1,"g":"a"}\n{"y":1', /cut\.jsonl:2: expected one JSON object/],
  ["nan.jsonl", '{"y":1,"p":NaN,"g":"a"}', /nan\.jsonl:1: .*JSON has no NaN, write null/],
  ["array.jsonl", "[1,2]", /array\.jsonl:1: expected one JSON object a line, received \[1,2\]/],
  ["list.jsonl", '{"y":1,"p":1,"g":["a"]}', /list\.jsonl:1: column "g": expected a text.* a list/],
  ["text.parquet", csv(small), /text\.parquet: not a Parquet file, or one that was cut short/],
  ["cut.parquet", bytes.slice(0, -20), /cut\.parquet: not a Parquet file, or one that was cut/],
  ["broken.parquet", broken, /broken\.parquet: column "y", rows 1 to 7: /],
  [
    "latin.csv",
    Buffer.from("y,p,g\n1,1,Köln\n", "latin1"),
    /latin\.csv:2: column "g": .*not UTF-8/,
  ],
  ["table.xlsx", "PK", /table\.xlsx: expected a name that ends in \.csv, /],
])("%s", async (name, content, message) => {
  await expect(readPredictionTable(file(name, content), SMALL)).rejects.toThrow(message);
});

test("a file that is not there, and a folder", async () => {
  await expect(readPredictionTable("absent.csv", SMALL)).rejects.toThrow(/^absent\.csv: no such/);
  await expect(readPredictionTable(import.meta.dirname, SMALL)).rejects.toThrow(
    /received a folder/,
  );
});

test("a line of JSON that never ends is no table", async () => {
  const path = file("endless.jsonl", `{"y":1}\n${"[0,".repeat(6_000_000)}`);
  await expect(readPredictionTable(path, { ...SMALL, predicted: "y", groups: [] })).rejects.toThrow(
    /endless\.jsonl:2: expected one JSON object a line, received a line of more than/,
  );
});

test("texts over several lines keep the lines of errors right", async () => {
  const path = file("lines.csv", 'y,p,w,g\n1,1,1,"a\nb"\n\n1,0,1,"c\n\n"\n0,0,-1,d\n');
  await expect(readPredictionTable(path, { ...SMALL, weight: "w" })).rejects.toThrow(
    /lines\.csv:8: column "w": expected a finite weight of at least 0, received -1/,
  );
  expect(readFileSync(path, "utf8").split("\n")[7]).toBe("0,0,-1,d");
});
