/** @file The verdict of a gate as JUnit XML, which most CI systems show as tests. */
import type { GateCheck, GateResult } from "../../eval/gate/result.ts";
import { limitOf, subjectOf, valueCell } from "./table.ts";

/** What XML 1.0 cannot hold even escaped: control characters, lone surrogates and two non-characters. */
const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};
const escaped = (text: string): string =>
  text.replace(ILLEGAL, "\uFFFD").replace(/[&<>"'\t\n\r]/g, (sign) => ENTITIES[sign]!);

type Attributes = Readonly<Record<string, string | number>>;

function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(`${value}`)}"`,
  );
  const inner = children.join("").replace(/^/gm, "  ");
  return children.length === 0
    ? `<${name}${pairs.join("")}/>\n`
    : `<${name}${pairs.join("")}>\n${inner.trimEnd()}\n</${name}>\n`;
}

const messageOf = (check: GateCheck): Attributes => ({
  type: check.verdict,
  message: `${check.reason} (limit ${limitOf(check)}, bound ${check.bound})`,
});

const OUTCOMES = {
  PASS: () => [],
  FAIL: (check: GateCheck) => [element("failure", messageOf(check))],
  INSUFFICIENT: (check: GateCheck) => [element("error", messageOf(check))],
} as const;

function testcase(check: GateCheck): string {
  const { text, detail } = valueCell(check);
  return element(
    "testcase",
    {
      classname: `fairness.${check.attribute ?? "overall"}`,
      name: `${subjectOf(check)} ${limitOf(check)} (${check.bound})`,
      time: 0,
    },
    [
      ...OUTCOMES[check.verdict](check),
      `<system-out>${escaped([text, detail ?? ""].join(" ").trim())}</system-out>\n`,
    ],
  );
}

/** One test case a check: FAIL is a failure, INSUFFICIENT an error. */
export function gateJunit({ counts, checks }: GateResult): string {
  const totals = { tests: checks.length, failures: counts.FAIL, errors: counts.INSUFFICIENT };
  const suite = element(
    "testsuite",
    { name: "fairness gate", ...totals, skipped: 0, time: 0 },
    checks.map(testcase),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", { name: "equiclip gate", ...totals, time: 0 }, [suite])}`;
}
