/** @file `equiclip eval --similarities`: a table in, a report out, and one clear line for everything else. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ReportFile } from "../../src/eval/report-file.ts";
import type { RetrievalReport } from "../../src/eval/retrieval/report.ts";
import { random } from "../../src/run/random.ts";
import { equiclip, temporaryFolder } from "./equiclip.ts";

const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);
const run = (...args: readonly string[]) => equiclip(["eval", ...args], { cwd: temporary });

/** Expects success without a word on stderr, and a report of the published form alone on stdout. */
async function report(...args: readonly string[]): Promise<RetrievalReport> {
  const { code, stdout, stderr } = await run(...args, "--json", "--bootstrap", "100");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const file = ReportFile.parse(JSON.parse(stdout));
  if (!("queries" in file)) throw new Error("expected a retrieval report");
  return file;
}

const draw = random("eval-retrieval");
const rows = Array.from({ length: 300 }, (_, i) => {
  const sex = ["f", "m"][draw.int(2)]!;
  return {
    id: `img/${i}.jpg`,
    "a photo, of a nurse": (draw.normal() + (sex === "f" ? 1.2 : 0)).toFixed(3),
    doctor: draw.normal().toFixed(3),
    sex,
    race: ["A", "B", "<b>C</b>"][draw.int(3)]!,
    age: draw.int(90),
  };
});
const names = Object.keys(rows[0]!);
const csv = (records: readonly object[]): string =>
  [names, ...records.map((record) => Object.values(record).map(String))]
    .map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(","))
    .join("\n");
writeFileSync(at("images.csv"), csv(rows));
writeFileSync(at("images.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));

const QUERIES = `"a photo, of a nurse",doctor`;
const TABLE = ["--similarities", "images.csv", "--queries", QUERIES, "--groups", "sex,race"];

test("every query and attribute, in every form of a report", async () => {
  const args = [...TABLE, "--groups", "sex*race,age", "--bins", "age=0,18,60", "--k", "10,50"];
  const measured = await report(...args, "--id", "id");
  expect(measured).toMatchObject({
    n: 300,
    ks: [10, 50],
    uncertainty: { level: 0.95, replicates: 100, seed: 0, minSupport: 30 },
    source: { file: "images.csv", format: "csv", rows: 300, columns: { id: "id" }, leftOut: [] },
  });
  expect(Object.keys(measured.queries)).toEqual(["a photo, of a nurse", "doctor"]);
  const nurse = measured.queries["a photo, of a nurse"]!;
  expect(Object.keys(nurse.attributes)).toEqual(["sex", "race", "sex*race", "age"]);
  expect(Object.keys(nurse.attributes["age"]!.groups)).toEqual(["0-17", "18-59", "60+"]);
  const order = rows.toSorted((a, b) => +b["a photo, of a nurse"] - +a["a photo, of a nurse"]);
  expect(nurse.first).toEqual(order.slice(0, 20).map(({ id }) => id));
  const women = order.slice(0, 50).filter(({ sex }) => sex === "f").length;
  expect(nurse.attributes["sex"]!.groups["f"]!.top["50"]).toMatchObject({
    rows: women,
    share: women / 50,
  });

  const forms = ["report.html", "report.json", "report.md"];
  expect(readdirSync(at("eval-images"))).toEqual(forms);
  const [page, json, markdown] = forms.map((name) => readFileSync(at("eval-images", name), "utf8"));
  expect(JSON.parse(json!)).toEqual(measured);
  for (const text of [page!, markdown!]) {
    expect(text).not.toContain("<b>C</b>");
    expect(text).toContain("equiclip eval --similarities images.csv");
  }
});

test("a table on the terminal, with what is beyond chance in words", async () => {
  const { stdout } = await run(...TABLE, "--k", "50", "--bootstrap", "0", "--out", "told");
  expect(stdout).toContain("a photo, of a nurse: who is found first, by sex");
  expect(stdout).toMatch(
    /- a photo, of a nurse: \d+\.0% of the first 50 are f \(sex\), of all rows/,
  );
  expect(stdout).toContain("report: told/report.html");
});

test("other formats and seeds: the same numbers from the same rows", async () => {
  const rest = ["--queries", "doctor", "--groups", "sex", "--k", "20"];
  const { queries } = await report("--similarities", "images.csv", ...rest);
  expect((await report("--similarities", "images.jsonl", ...rest)).queries).toEqual(queries);
  const other = await report("--similarities", "images.csv", ...rest, "--seed", "1");
  expect(other.queries).not.toEqual(queries);
});

test("missing similarities are refused, or left out of their query and named", async () => {
  const broken = rows.map((row, i) => (i === 7 ? { ...row, doctor: "n/a" } : row));
  writeFileSync(at("broken.csv"), csv(broken));
  const args = [
    "--similarities",
    "broken.csv",
    "--queries",
    QUERIES,
    "--groups",
    "sex",
    "--k",
    "5",
  ];
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toBe(
    'equiclip: broken.csv: column "doctor" has no finite number in 1 of 300 rows (line 9 "n/a"); give the values, or leave such rows out with --max-missing 0.004\n',
  );
  const { queries, source } = await report(...args, "--max-missing", "0.004");
  expect(queries["doctor"]!.missing).toBe(1);
  expect(queries["doctor"]!.attributes["sex"]!.rows).toBe(299);
  expect(queries["a photo, of a nurse"]!.missing).toBe(0);
  expect(source!.leftOut).toEqual([
    {
      column: "doctor",
      reason: "no finite number: left out of this query alone",
      rows: 1,
      first: ['line 9 "n/a"'],
    },
  ]);
});

test.each([
  ["no queries", ["--similarities", "images.csv"], /columns of similarities with --queries/],
  ["no groups", [...TABLE.slice(0, 4), "--k", "5"], /--groups gender,race/],
  ["no k", TABLE, /how many of the first rows to look at with --k/],
  ["a k that is no number", [...TABLE, "--k", "ten"], /--k ten: expected a whole number/],
  ["a k of 0", [...TABLE, "--k", "0"], /whole numbers of at least 1/],
  ["a k beyond the rows", [...TABLE, "--k", "301"], /k 301: only 300 rows have a similarity to/],
  [
    "an unknown query",
    ["--similarities", "images.csv", "--queries", "docter", "--groups", "sex", "--k", "5"],
    /images\.csv: there is no column "docter", did you mean "doctor"\?/,
  ],
  ["no such file", ["--similarities", "no.csv", ...TABLE.slice(2), "--k", "5"], /no\.csv: no such/],
  ["truth", [...TABLE, "--k", "5", "--truth", "sex"], /--truth belongs to --predictions/],
  [
    "a run beside it",
    ["some-run", ...TABLE, "--k", "5"],
    /--similarities measures a table, some-run belongs to a run/,
  ],
  ["queries of a run", ["some-run", "--queries", "x"], /--queries belongs to --similarities/],
  [
    "queries of predictions",
    ["--predictions", "images.csv", "--queries", "doctor"],
    /--queries belongs to --similarities, not to --predictions/,
  ],
])("%s is one line, and exit code 2", async (_, args, message) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^equiclip: .*\n$/);
  expect(stderr).toMatch(message);
});
