/** @file `equiclip eval --predictions`: a table in, a report out, and one clear line for everything else. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { Comparison } from "../../src/eval/report/comparison.ts";
import { Report } from "../../src/eval/report.ts";
import { random } from "../../src/run/random.ts";
import { equiclip, temporaryFolder } from "./equiclip.ts";

const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);
const read = (...parts: readonly string[]): string => readFileSync(at(...parts), "utf8");
const run = (...args: readonly string[]) => equiclip(["eval", ...args], { cwd: temporary });

/** Expects success without a word on stderr, and a report of the published form alone on stdout. */
async function json(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await run(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}
const report = async (...args: readonly string[]) => Report.parse(await json(...args));

const draw = random("eval-table");
const rows = Array.from({ length: 600 }, (_, i) => {
  const y = draw.int(2);
  const score = Math.round(1000 * (0.35 * y + 0.65 * draw.uniform())) / 1000;
  return {
    id: `p${i}`,
    y,
    old: draw.uniform() < 0.7 ? y : 1 - y,
    yhat: score >= 0.5 ? 1 : 0,
    s: score,
    sex: ["f", "m"][draw.int(2)],
    race: ["A", "B", "C"][draw.int(3)],
    age: draw.int(90),
    split: i % 3 === 0 ? "validation" : "test",
  };
});
const columns = Object.keys(rows[0]!);
writeFileSync(
  at("people.csv"),
  [columns.join(","), ...rows.map((row) => Object.values(row).join(","))].join("\n"),
);
const CHOOSE = ["--score", "s", "--threshold", "f1"];
const TABLE = ["--predictions", "people.csv", "--truth", "y", "--groups"];

test("a table of labels", async () => {
  const args = [...TABLE, "sex,race,sex*race,age", "--predicted", "yhat", "--bins", "age=0,18,60"];
  const measured = await report(...args, "--id", "id", "--title", "Who", "--bootstrap", "200");
  expect(measured).toMatchObject({
    n: 600,
    classes: ["0", "1"],
    positive: "1",
    uncertainty: { level: 0.95, replicates: 200, seed: 0, minSupport: 30 },
    source: {
      file: "people.csv",
      format: "csv",
      rows: 600,
      columns: { truth: "y", predicted: "yhat", id: "id" },
      threshold: null,
      leftOut: [],
      noGroup: [],
    },
  });
  const groups = (name: string) => Object.keys(measured.attributes[name]!.groups);
  expect(groups("sex*race")).toEqual(["f*A", "f*B", "f*C", "m*A", "m*B", "m*C"]);
  expect(groups("age")).toEqual(["0-17", "18-59", "60+"]);
  const women = rows.filter(({ sex, y }) => sex === "f" && y === 1);
  expect(measured.attributes["sex"]!.groups["f"]!.tpr).toMatchObject({
    numerator: women.filter(({ yhat }) => yhat === 1).length,
    denominator: women.length,
  });

  const files = ["predictions.csv", "report.html", "report.json", "report.md"];
  expect(readdirSync(at("eval-people")).toSorted()).toEqual(files);
  expect(Report.parse(JSON.parse(read("eval-people", "report.json")))).toEqual(measured);
  const written = read("eval-people", "predictions.csv");
  expect(measured.rowsFile).toEqual({
    file: "predictions.csv",
    sha256: createHash("sha256").update(written).digest("hex"),
  });
  expect(parse(written, { columns: true })[7]).toMatchObject({
    id: "p7",
    truth: `${rows[7]!.y}`,
    sex: rows[7]!.sex,
  });
  expect(read("eval-people", "report.md")).toMatch(
    /^# Who\n[^]*people\.csv[^]*equiclip eval --predictions people\.csv .*--title Who/,
  );
});

test("a threshold that is chosen on other rows, and people print", async () => {
  const args = [...TABLE, "sex", ...CHOOSE, "--split", "split"];
  const measured = await report(...args, "--out", "chosen", "--bootstrap", "0");
  const test = rows.filter(({ split }) => split === "test");
  const { threshold, leftOut } = measured.source!;
  expect(threshold).toMatchObject({ rule: "f1", split: "validation", rows: 200 });
  expect(leftOut).toEqual([]);
  expect(measured.n).toBe(400);
  expect(measured.overall.selectionRate.numerator).toBe(
    test.filter(({ s }) => s >= threshold!.value).length,
  );
  const printed = await run(...args, "--out", "chosen", "--bootstrap", "0");
  expect(printed).toMatchObject({ code: 0, stderr: "" });
  expect(printed.stdout).toMatch(/Findings[^]*By sex[^]*report: chosen\/report\.html\n$/);
});

test("the worst slices, unless told not to look", async () => {
  // wrong: half of the women of B, a twentieth of everyone else
  const people = Array.from({ length: 3000 }, (_, i) => {
    const [sex, race] = [["f", "m"][i % 2]!, ["A", "B", "C"][i % 3]!];
    const every = sex === "f" && race === "B" ? 2 : 20;
    return `${(i >> 3) % 2},${((i >> 3) % 2) ^ (draw.int(every) === 0 ? 1 : 0)},${sex},${race}`;
  });
  writeFileSync(at("slices.csv"), ["y,yhat,sex,race", ...people].join("\n"));
  const args = ["--predictions", "slices.csv", "--truth", "y", "--predicted", "yhat"];
  const slices = async (...more: readonly string[]) => {
    const measured = await report(...args, "--bootstrap", "0", ...more);
    return "overall" in measured ? measured.slices : null;
  };
  const found = await slices("--groups", "sex*race");
  expect(found).toMatchObject({ attributes: ["sex", "race"], depth: 3, minSupport: 30 });
  expect(new Set(found!.found.map(({ where }) => JSON.stringify(where)))).toEqual(
    new Set(['{"sex":"f","race":"B"}']),
  );
  expect(read("eval-slices", "report.md")).toContain("| sex=f & race=B |");
  const printed = await run(...args, "--groups", "sex,race", "--bootstrap", "0");
  expect(printed.stdout).toMatch(/Slices that are worse off[^]*sex=f & race=B/);

  const options = ["--groups", "sex,race", "--min-support", "40", "--slice-depth", "1"];
  expect(await slices(...options)).toMatchObject({ depth: 1, minSupport: 40 });
  expect(await slices("--groups", "sex,race", "--slices", "off")).toBeUndefined();
});

test("what a new model changed, paired by row", async () => {
  const args = [...TABLE, "race", "--predicted", "yhat", "--before", "old", "--id", "id"];
  const measured = Comparison.parse(await json(...args, "--out", "paired", "--bootstrap", "100"));
  const correct = (of: "old" | "yhat") => rows.filter((row) => row.y === row[of]).length;
  expect(measured.before.overall.accuracy.numerator).toBe(correct("old"));
  expect(measured.after["yhat"]!.overall.accuracy.numerator).toBe(correct("yhat"));
  expect(measured.change["yhat"]!.overall["accuracy"]!.interval).not.toBeNull();
  for (const side of [measured.before, measured.after["yhat"]!]) {
    expect(side.source!.columns).toMatchObject({ before: "old", predicted: "yhat" });
    const bytes = read("paired", side.rowsFile!.file);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(side.rowsFile!.sha256);
  }
});

test("names with commas, quotes, newlines and markup stay names", async () => {
  const column = '<b>Größe</b>, "x"\nund';
  const group = '<img src=x onerror=alert(1)>,"日本"\n|';
  const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const lines = rows.map(({ y, yhat }, i) => `${y},${yhat},${cell(i % 3 === 0 ? group : "a&b")}`);
  writeFileSync(at("hostile.csv"), [`y,p,${cell(column)}`, ...lines].join("\n"));
  const table = ["--predictions", "hostile.csv", "--truth", "y", "--predicted", "p"];
  const args = [...table, "--groups", cell(column), "--bootstrap", "0"];
  const measured = await report(...args, "--reference", `${column}=${group}`);
  expect(Object.keys(measured.attributes[column]!.groups)).toEqual([group, "a&b"].toSorted());
  expect(measured.attributes[column]!.groups[group]!.count).toBe(200);
  expect(read("eval-hostile", "report.html")).not.toMatch(/<b>Größe|<img src=x/);
  const [tables] = read("eval-hostile", "report.md").split("### Run it again");
  expect(tables).toContain("Größe");
  expect(tables).not.toMatch(/(?<!\\)<(b|img)[ >]/);
  expect((await run(...args)).code).toBe(0);
  const { code, stderr } = await run(...table, "--groups", "größe");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^equiclip: hostile\.csv: .*\n$/);
});

test.each([
  ["nothing to measure", [], /expected what to measure: .*a run.*--predictions/],
  ["a run and a table", ["some-run", ...TABLE, "sex"], /--predictions measures a table, some-run/],
  ["an option of the other", ["some-run", "--truth", "y"], /--truth belongs to --predictions/],
  ["no truth", ["--predictions", "people.csv"], /--truth/],
  ["no groups", TABLE.slice(0, 4), /--groups gender,race/],
  ["no predictions", [...TABLE, "sex"], /--predicted, or give --score and --threshold/],
  [
    "an unknown column",
    [...TABLE, "rase", "--predicted", "yhat"],
    /people\.csv: there is no column "rase", did you mean "race"\?; the columns are id, y/,
  ],
  [
    "a threshold without a split",
    [...TABLE, "sex", ...CHOOSE],
    /--threshold f1 is chosen on rows that are not measured.*--split/,
  ],
  [
    "a threshold on the rows measured",
    [...TABLE, "sex", ...CHOOSE, "--split", "split", "--threshold-split", "test"],
    /--threshold f1 may not be chosen on the rows that are measured/,
  ],
  [
    "a bad level",
    [...TABLE, "sex", "--predicted", "yhat", "--level", "95"],
    /--level 95: expected/,
  ],
  ["slices", [...TABLE, "sex", "--slices", "yes"], /--slices yes: expected auto or off/],
  [
    "a depth",
    [...TABLE, "sex", "--predicted", "yhat", "--slice-depth", "4"],
    /4: expected 1, 2 or 3/,
  ],
  [
    "no slices, but how deep",
    [...TABLE, "sex", "--slices", "off", "--slice-depth", "2"],
    /--slices off not to/,
  ],
  [
    "slices of rankings",
    ["--similarities", "people.csv", "--slices", "auto"],
    /--slices belongs to --predictions, not to --similarities/,
  ],
  ["a rule", [...TABLE, "sex", "--score", "s", "--threshold", "auc"], /--threshold auc: .*f1/],
  ["bands", [...TABLE, "age", "--predicted", "yhat", "--bins", "age"], /--bins age: .*COLUMN=/],
  [
    "too many groups",
    [...TABLE, "age*race*y*sex", "--predicted", "yhat"],
    /--groups age\*race\*y\*sex: \d+ x 3 x 2 x 2 values make \d+ groups, expected 1000 at most/,
  ],
  [
    "twice",
    [...TABLE, "age", "--predicted", "y", "--predicted", "x"],
    /--predicted is given twice/,
  ],
])("%s is one line, and exit code 2", async (_, args, message) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^equiclip: .*\n$/);
  expect(stderr).toMatch(message);
});
