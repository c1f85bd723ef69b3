/** @file The verdict of a gate in every form, with names that mean harm. */
import { DOMParser } from "linkedom";
import { describe, expect, test } from "vitest";
import { encode } from "../../src/eval/counts/cells.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { judgeReport } from "../../src/eval/gate/judge.ts";
import type { GateResult } from "../../src/eval/gate/result.ts";
import { GateRules } from "../../src/eval/gate/rules.ts";
import { retrieve } from "../../src/eval/retrieval/retrieve.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { gateAnnotations } from "../../src/report/gate/annotations.ts";
import { gateJunit } from "../../src/report/gate/junit.ts";
import { gateMarkdown } from "../../src/report/gate/markdown.ts";
import { starterRules } from "../../src/report/gate/starter/starter.ts";
import { summaryOf } from "../../src/report/gate/table.ts";
import { gateText } from "../../src/report/gate/text.ts";
import { parseYaml } from "../../src/run/yaml/parse.ts";
import { comparison, measured, measuredShapes, people } from "../eval/gate/people.ts";

const PLAIN = { columns: 120, color: false, unicode: true };

/** Names that a column of a table may hold. */
const HOSTILE = [
  "a | b",
  "<img src=x onerror=alert(1)>",
  "say \"hi\", & ]]> 'bye'",
  "two\nlines\r\n::error::three",
  "bell \u0007 null \u0000 lone \uD800",
  "100% `code` *bold* @everyone #12 $0-50, $50-100 https://example.org",
  "émilie 😀",
] as const;

const hostile = evaluate(
  {
    ...people({ rows: 700 }),
    groups: {
      "at|tri<b>ute": encode(
        Array.from({ length: 700 }, (_, i) => HOSTILE[i % HOSTILE.length]!),
        HOSTILE,
      ),
    },
  } satisfies Predictions,
  { positive: "yes", uncertainty: { replicates: 100 } },
);
const rules: GateRules = {
  min_support: 0,
  rules: [
    { metric: "tpr", attribute: "at|tri<b>ute", min: 0.99, name: "all, or: none" },
    { metric: "tpr", attribute: "at|tri<b>ute", min: 0.5, bound: "point" },
    { metric: "eo.max", attribute: "at|tri<b>ute", max: 0.2, bound: "ci" },
  ],
};
const result = judgeReport(hostile, rules);
const every = judgeReport(comparison(500), {
  rules: [
    { metric: "eo.max", max: 0.1 },
    { metric: "accuracy", min: 0.9, method: "leace" },
    { metric: "selectionRate", min: 0.2, max: 0.8 },
  ],
});

test("every check is on the terminal, in lines that fit", () => {
  for (const columns of [30, 60, 120])
    for (const of of [result, every]) {
      const text = gateText(of, { ...PLAIN, columns });
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
      // eslint-disable-next-line no-control-regex
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
      const words = text.replaceAll(/\s/g, "");
      for (const { value } of of.checks) expect(words).toContain(value!.toFixed(3));
    }
});

test("the last line is the verdict", () => {
  expect(gateText(every, PLAIN).split("\n").at(-1)).toBe(
    "FAIL: 2 of 4 checks fail, 1 has too little evidence, 1 passes",
  );
  const of = (PASS: number, FAIL: number, INSUFFICIENT: number): string =>
    summaryOf({
      counts: { PASS, FAIL, INSUFFICIENT },
      checks: Array.from({ length: PASS + FAIL + INSUFFICIENT }),
    } as GateResult);
  expect(of(1, 0, 0)).toBe("1 of 1 check passes");
  expect(of(12, 0, 0)).toBe("all 12 checks pass");
  expect(of(1, 1, 1)).toBe("1 of 3 checks fails, 1 has too little evidence, 1 passes");
});

describe("Markdown", () => {
  const text = gateMarkdown(result);

  test("says the verdict first, then what does not pass and why; what passes is folded away", () => {
    expect(text).toMatch(/^## Fairness gate: FAIL\n\n\d+ of 15 checks fail/);
    const [open, folded] = text.split("<details>");
    expect(open).toContain("✗ FAIL");
    expect(open).not.toContain("✓");
    expect(folded).toMatch(/^\n<summary>\d+ checks pass<\/summary>\n\n\| check \|/);
  });

  test("no name breaks a table, becomes markup, calls anybody or links anything", () => {
    const tables = text.split("\n\n").filter((block) => block.startsWith("|"));
    expect(tables.length).toBe(2);
    for (const table of tables) {
      const widths = table.split("\n").map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(widths).size).toBe(1);
    }
    const bare = text.replaceAll(/\\./g, "").replaceAll(/<\/?(details|summary|span)>/g, "");
    expect(bare).not.toMatch(/[<>`*]/);
    expect(text).not.toMatch(/@everyone|#12|https:\/\//);
    expect(text).not.toMatch(/(?<!<span>)\$/);
    expect(text).toContain("@&#8203;everyone");
  });

  test("a comment holds it, however many checks there are", () => {
    const many = {
      ...result,
      checks: Array.from({ length: 3000 }, (_, i) => result.checks[i % 15]!),
    };
    expect(gateMarkdown(many).length).toBeLessThan(65_536);
    expect(gateMarkdown(many)).toMatch(/\n\nand [\d,]+ more\.\n/);
  });
});

interface HasAttributes {
  getAttributeNode(name: string): { readonly value: string } | null;
}
describe("JUnit", () => {
  const legal = (text: string): string =>
    ["\u0000", "\u0007", "\uD800"].reduce((rest, sign) => rest.replaceAll(sign, "\uFFFD"), text);
  /** The node's own value: linkedom's getAttribute leaves `&lt;` as it is. */
  const attribute = (element: HasAttributes, name: string): string | undefined =>
    element.getAttributeNode(name)?.value;
  const parse = (of: GateResult) => new DOMParser().parseFromString(gateJunit(of), "text/xml");

  test("has a test case a check: FAIL is a failure, INSUFFICIENT an error", () => {
    for (const of of [result, every]) {
      const document = parse(of);
      const cases = [...document.querySelectorAll("testcase")];
      expect(cases.length).toBe(of.checks.length);
      cases.forEach((one, i) => {
        const { verdict, reason } = of.checks[i]!;
        const child = one.firstElementChild!;
        const names = { PASS: "system-out", FAIL: "failure", INSUFFICIENT: "error" };
        expect(child.localName).toBe(names[verdict]);
        if (verdict === "PASS") return;
        expect(attribute(child, "type")).toBe(verdict);
        expect(attribute(child, "message")).toContain(legal(reason!));
      });
      for (const suite of document.querySelectorAll("testsuite, testsuites")) {
        expect(attribute(suite, "tests")).toBe(`${of.checks.length}`);
        expect(attribute(suite, "failures")).toBe(`${of.counts.FAIL}`);
        expect(attribute(suite, "errors")).toBe(`${of.counts.INSUFFICIENT}`);
      }
    }
  });

  test("gives every name back as it was, but for what XML cannot hold", () => {
    const names = [...parse(result).querySelectorAll("testcase")].map((one) =>
      attribute(one, "name"),
    );
    HOSTILE.forEach((name, i) =>
      expect(names[i]).toBe(`all, or: none: tpr of at|tri<b>ute=${legal(name)} >= 0.99 (ci)`),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test("is XML 1.0", () => {
    expect(gateJunit(result)).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /);
    expect(gateJunit(result)).not.toMatch(
      /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u,
    );
    expect(gateJunit(result)).not.toContain("]]>");
  });
});

describe("annotations", () => {
  const place = { file: "rules, of: us%.yaml", line: (rule: number) => 10 + rule };
  const lines = gateAnnotations(result, place).trimEnd().split("\n");
  /** As the runner reads a command. */
  const parse = (line: string) => {
    const [, kind, properties, message] = /^::(error|warning) (.*?)::(.*)$/.exec(line)!;
    const unescaped = (text: string): string =>
      text
        .replaceAll("%0D", "\r")
        .replaceAll("%0A", "\n")
        .replaceAll("%3A", ":")
        .replaceAll("%2C", ",")
        .replaceAll("%25", "%");
    const pairs = properties!
      .split(",")
      .map((pair) => pair.split("=").map(unescaped) as [string, string]);
    return { kind, message: unescaped(message!), ...Object.fromEntries(pairs) };
  };

  test("an error for each FAIL and a warning for each INSUFFICIENT, at the rule", () => {
    const found = lines.map(parse);
    const bad = ["FAIL", "INSUFFICIENT"].flatMap((verdict) =>
      result.checks.filter((check) => check.verdict === verdict),
    );
    expect(found).toEqual(
      bad.map(({ verdict, name, title, reason, rule }) => ({
        kind: verdict === "FAIL" ? "error" : "warning",
        file: place.file,
        line: `${10 + rule}`,
        title: `Fairness gate: ${verdict}`,
        message: `${name === null ? "" : `${name}: `}${title}: ${reason}`,
      })),
    );
    expect(found.some(({ message }) => message.includes("two\nlines\r\n::error::three"))).toBe(
      true,
    );
  });

  test("what GitHub would drop is counted", () => {
    const fail = result.checks.find(({ verdict }) => verdict === "FAIL")!;
    const many = gateAnnotations({ ...result, checks: Array(14).fill(fail) }, place)
      .trimEnd()
      .split("\n");
    expect(many.length).toBe(10);
    expect(many.at(-1)).toBe("::error title=Fairness gate%3A FAIL::and 5 more");
    expect(
      gateAnnotations({ ...result, checks: Array(10).fill(fail) }, place)
        .trimEnd()
        .split("\n").length,
    ).toBe(10);
    expect(gateAnnotations({ ...result, checks: [] }, place)).toBe("");
  });
});

describe("starters", () => {
  const reports = {
    binary: measured({ rows: 400 }),
    "several classes": measuredShapes(),
    debiased: comparison(400),
    hostile,
    "no attributes": measured({ rows: 100 }, { attributes: [] }),
    intersections: measured({ rows: 400 }, { attributes: ["race", "race*band"] }),
    rankings: retrieve(
      {
        queries: {
          'a "nurse": face': Float64Array.from({ length: 200 }, (_, i) => (i * 37) % 101),
        },
        groups: people({ rows: 200 }).groups,
      },
      { ks: [20], uncertainty: { replicates: 100 } },
    ),
  };

  test.each(Object.entries(reports))(
    "%s: the rules run, and so do those that are switched off",
    (_, report) => {
      const text = starterRules(report);
      const { value } = parseYaml(GateRules, "gate.yaml", text);
      expect(judgeReport(report, value).checks.length).toBeGreaterThan(0);
      // rules are switched on by taking "# " away
      const on = text.replaceAll(/^( {2})# (- |  )/gm, "$1$2");
      const all = parseYaml(GateRules, "gate.yaml", on).value;
      expect(all.rules.length).toBeGreaterThan(value.rules.length);
      expect(() => judgeReport(report, all, { report })).not.toThrow();
    },
  );

  test("without a report they run on any of a binary target", () => {
    const { value } = parseYaml(GateRules, "gate.yaml", starterRules(null));
    expect(judgeReport(reports.binary, value).checks.length).toBe(5);
  });

  test("they name what the report has, and where it stands", () => {
    const text = starterRules(reports["several classes"]);
    expect(text).toContain("  - metric: eo.max.worst\n    attributes: [race]\n    max: 0.10\n");
    expect(text).toMatch(/# in the report: race 0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]/);
    expect(text).toContain("  #   classes: [round, square]\n");
  });
});
