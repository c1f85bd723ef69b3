/** @file Tables on a terminal: they fit, keep every number, and never pass on a user's escape sequences. */
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  comparisonText,
  dataText,
  evaluationText,
  reportText,
  trajectoryText,
} from "../../src/report/terminal/print.ts";
import { tableText } from "../../src/report/terminal/table.ts";
import { printable, terminalOf, wrap } from "../../src/report/terminal/terminal.ts";
import { findings } from "../../src/report/findings.ts";
import { subject } from "../../src/report/model.ts";
import { left, right } from "../../src/report/tables/table.ts";
import { decimal } from "../../src/report/format.ts";
import { feasibleReport, hostileReport, infeasibleReport } from "./sample.ts";
import { fullTable, manyGroups } from "./table-sample.ts";

const plain = (columns: number) => ({ columns, color: false, unicode: true });
const reports = {
  feasible: feasibleReport(),
  infeasible: infeasibleReport(),
  hostile: hostileReport(),
  table: fullTable(),
  many: manyGroups(),
};
const squeezed = (text: string): string => text.replace(/[\s─]+/g, "");

describe.each(Object.entries(reports))("%s report", (_, report) => {
  it.each([200, 120, 80, 40, 24])("fits %i columns", (columns) => {
    const lines = reportText(report, plain(columns)).split("\n");
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });

  it("says the same on every width", () => {
    const numbers = (columns: number): string[] =>
      (reportText(report, plain(columns)).match(/\d\.\d{3}\b/g) ?? []).toSorted();
    const all = numbers(200);
    expect(numbers(40)).toEqual(all);
    expect(numbers(80)).toEqual(all);
  });

  it("adds colour without changing the text, and ASCII where there is no Unicode", () => {
    const colored = reportText(report, { columns: 100, color: true, unicode: true });
    expect(colored).toContain("\u001b[");
    expect(stripVTControlCharacters(colored)).toBe(reportText(report, plain(100)));
    const ascii = reportText(report, { columns: 100, color: false, unicode: false });
    // names of users stay as they are
    expect(ascii.replace(/[üö]/g, "")).toMatch(/^\p{ASCII}*$/u);
  });

  it("prints the key rates of every group with their intervals", () => {
    const { attributes } = subject(report.evaluation);
    const text = squeezed(evaluationText(subject(report.evaluation), plain(80)));
    for (const { groups } of Object.values(attributes))
      for (const [group, { accuracy, tpr, fpr }] of Object.entries(groups)) {
        expect(text).toContain(squeezed(group));
        for (const { value, interval } of [accuracy, tpr, fpr]) {
          if (value !== null) expect(text).toContain(decimal(value));
          if (interval) expect(text).toContain(`[${interval.map(decimal).join(",")}]`);
        }
      }
  });
});

describe("a table of predictions", () => {
  const { main, more } = findings(subject(reports.table.evaluation));
  it.each([80, 60])("is short and readable on %i columns", (columns) => {
    const text = reportText(reports.table, plain(columns));
    const lines = text.split("\n");
    expect(lines.length).toBeLessThan(columns === 80 ? 80 : 140);
    expect(lines.every((line) => line.length <= columns)).toBe(true);
    expect(lines[0]).toBe("Findings");
    const said = squeezed(text);
    for (const finding of main) expect(said).toContain(squeezed(finding.text));
    expect(text).toContain(`${more.length} more findings are in the report.`);
    for (const title of ["By race", "By age_band", "By race*age_band", "Slices that are worse off"])
      expect(lines).toContain(title);
  });

  it("has a row a group on 80 columns: rows, accuracy, TPR and FPR with their intervals", () => {
    const lines = reportText(reports.table, plain(80)).split("\n");
    const { groups } = subject(reports.table.evaluation).attributes["race"]!;
    for (const [group, { count, accuracy, tpr, fpr }] of Object.entries(groups)) {
      const row = lines.find((line) => line.startsWith(`${group} `))!;
      const cells = [accuracy, tpr, fpr].map(({ value, interval }) => {
        const ends = interval!.map((end) => end.toFixed(2).replace(/^0/, "")).join(", ");
        return `${value!.toFixed(2)} [${ends}]`;
      });
      expect(row.split(/\s{2,}/)).toEqual([group, count.toLocaleString("en-US"), ...cells]);
    }
  });

  it("of 200 groups prints few, and says so", () => {
    const text = reportText(reports.many, plain(80));
    expect(text.split("\n").length).toBeLessThan(120);
    expect(text.replace(/\s+/g, " ")).toContain(
      "12 of 200 groups: the 8 with the lowest accuracy and the 4 with the highest",
    );
  });

  it("says of a missing rate why", () => {
    const table = structuredClone(reports.table);
    const race = subject(table.evaluation).attributes["race"]!;
    race.groups["white"]!.tpr = {
      ...race.groups["white"]!.tpr,
      value: null,
      reason: "no truly positive rows",
    };
    expect(reportText(table, plain(80))).toContain("TPR n/a (no truly positive rows)");
  });
});

describe("parts of a report", () => {
  const { feasible, infeasible, hostile } = reports;

  it("prints an epoch a line, with what was judged and what was kept", () => {
    const lines = trajectoryText(feasible.trajectory!, plain(120)).split("\n");
    expect(lines.find((line) => /^\s+7 /.test(line))).toMatch(/0\.302 .*0\.359 .*✓ yes kept$/);
    expect(lines.find((line) => /^\s+1 /.test(line))).toMatch(
      /0\.181 .*n\/a \(no group has rows that are truly negative\) .*✗ no$/,
    );
  });

  it("prints the data plan with what balancing did and what was rejected", () => {
    const text = dataText(feasible.data!, plain(100));
    expect(text).toContain("removed 2,114 rows of train and added 1,873 augmented copies");
    for (const { id, reason } of feasible.data!.rejected) {
      expect(text).toContain(id);
      expect(text).toContain(reason);
    }
  });

  it("lists the first of many rejected files and counts the rest", () => {
    const rejected = Array.from({ length: 1_500 }, (_, i) => ({
      id: `${i}.jpg`,
      reason: "broken",
    }));
    const text = dataText({ ...feasible.data!, rejected }, plain(100));
    expect(text).toContain("Rejected (1,500)");
    expect(text).toContain("1,480 more are in the saved data plan");
    expect(text).toContain("19.jpg");
    expect(text).not.toContain("20.jpg");
  });

  it("puts every method beside the values before it, or prints nothing without one", () => {
    const text = comparisonText(feasible.evaluation, plain(220));
    const row = text.split("\n").find((line) => line.startsWith("eo.max by race"))!;
    const comparison = feasible.evaluation.result;
    if (!("before" in comparison)) throw new Error("the sample has no comparison");
    const values = [comparison.before, ...Object.values(comparison.after)].map((of) =>
      decimal(of.attributes["race"]!.gaps["eo.max"]!.value!),
    );
    expect([...row.matchAll(/ (0\.\d{3}) (?=\[|Δ)/g)].map(([, value]) => value)).toEqual(values);
    expect(comparisonText(hostile.evaluation, plain(100))).toBe("");
  });

  it("ends with the verdict", () => {
    expect(reportText(feasible, plain(100))).toMatch(/FEASIBLE: epoch 7 is kept\n/);
    expect(reportText(infeasible, plain(100))).toMatch(/INFEASIBLE: epoch 9 is kept\n/);
  });
});

describe("terminal", () => {
  it("is as wide as the stream says, and a file has 120 plain columns", () => {
    const utf8 = { LANG: "en_US.UTF-8" };
    expect(terminalOf({ isTTY: true, columns: 91 }, utf8)).toMatchObject({
      columns: 91,
      color: true,
    });
    expect(terminalOf({}, utf8)).toMatchObject({ columns: 120, color: false });
    expect(terminalOf({ isTTY: true }, { ...utf8, NO_COLOR: "1" }).color).toBe(false);
    expect(terminalOf({ isTTY: true }, { ...utf8, TERM: "dumb" }).color).toBe(false);
    expect(terminalOf({}, { ...utf8, FORCE_COLOR: "1" }).color).toBe(true);
  });

  it.skipIf(process.platform === "win32")("takes Unicode from the locale", () => {
    expect(terminalOf({}, { LANG: "C" }).unicode).toBe(false);
    expect(terminalOf({}, { LANG: "C", LC_ALL: "de_DE.utf8" }).unicode).toBe(true);
  });

  it("wraps at the width and loses nothing but spaces", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.every((line) => line.length <= width)).toBe(true);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });

  it("keeps an interval on one line", () => {
    expect(wrap("Δ 0.000 [-0.017, +0.017]", 16)).toEqual(["Δ 0.000", "[-0.017, +0.017]"]);
  });

  it("prints no control character of a label", () => {
    const label = "a\u001b[31mred\u001b]0;title\u0007\nb\tc\u009bd";
    const table = {
      title: label,
      columns: [left(label), right(label)],
      rows: [[{ text: label, detail: label }, { text: label }]],
      notes: [label],
    };
    expect(printable("a\u001b[31mred\nb", plain(80))).toBe("ared b");
    for (const columns of [200, 24])
      for (const line of tableText(table, plain(columns)).split("\n"))
        expect(line).not.toMatch(/\p{Cc}/u);
  });
});
