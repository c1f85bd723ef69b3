/** @file Retrieval reports for people: every number is there, text stays text, words follow the evidence. */
import { parseHTML } from "linkedom";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { encode } from "../../src/eval/counts/cells.ts";
import { retrieve } from "../../src/eval/retrieval/retrieve.ts";
import { retrievalFindings } from "../../src/report/retrieval/findings.ts";
import { retrievalMarkdown } from "../../src/report/retrieval/markdown.ts";
import type { RetrievalRun } from "../../src/report/retrieval/model.ts";
import { retrievalHtml } from "../../src/report/retrieval/page.ts";
import { retrievalText } from "../../src/report/retrieval/text.ts";
import { random } from "../../src/run/random.ts";
import { printed } from "./numbers.ts";
import { feasibleReport } from "./sample.ts";

const HOSTILE = `<script>alert("1")</script> | *x*`;

/** @param ahead of the first group for the first query, in standard deviations */
function run(ahead: number, groups = 4): RetrievalRun {
  const draw = random("retrieval report", groups);
  const site = Array.from({ length: 400 }, () => `g${draw.int(groups)}`);
  const gender = site.map(() => ["female", HOSTILE][draw.int(2)]!);
  const scores = (of: number): Float64Array =>
    Float64Array.from(site, (g) => draw.normal() + (g === "g0" ? of : 0));
  return {
    title: HOSTILE,
    run: { ...feasibleReport().run, config: null },
    result: retrieve(
      {
        ids: site.map((_, i) => `<i>${i}</i>`),
        queries: { [HOSTILE]: scores(ahead), person: scores(0) },
        groups: { site: encode(site), gender: encode(gender), one: encode(site.map(() => "all")) },
      },
      { ks: [8, 60], uncertainty: { replicates: 300 } },
    ),
  };
}
const skewed = run(2);
const even = run(0);

describe("page", () => {
  const page = retrievalHtml(skewed);
  const { document } = parseHTML(page);
  const text = document.body.textContent.replace(/\s+/g, " ");

  test("prints every value, interval and reason", () => {
    const { numbers, reasons } = printed(skewed.result);
    expect(numbers.size).toBeGreaterThan(50);
    expect([...numbers].filter((number) => !text.includes(number))).toEqual([]);
    expect([...reasons].filter((reason) => !text.includes(`n/a (${reason})`))).toEqual([]);
  });

  test("keeps names as text, and fetches and runs nothing", () => {
    expect(document.querySelectorAll("script, i:not(.swatch), link, img, iframe")).toHaveLength(0);
    expect(document.querySelector("h1")?.textContent).toBe(HOSTILE);
    expect([...document.querySelectorAll("nav a")].map((link) => link.textContent)).toEqual([
      HOSTILE,
      "person",
      "Caveats",
      "Run",
    ]);
    expect(text).toContain("<i>");
  });

  test("draws a chart of every group that a strict XML parser reads", async () => {
    const drawings = page.match(/<svg .*?<\/svg>/gs) ?? [];
    expect(drawings).toHaveLength(2 * (4 + 2 + 1));
    for (const svg of drawings) {
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect((await sharp(Buffer.from(svg)).metadata()).format).toBe("svg");
    }
  });

  test("of very many groups draws those with the strongest evidence", () => {
    const many = parseHTML(retrievalHtml(run(3, 40))).document;
    const titles = [...many.querySelectorAll("#query-1 figcaption")].map((of) => of.textContent);
    expect(titles.filter((title) => /^g\d+$/.test(title))).toHaveLength(12);
    expect(titles).toContain("g0");
    expect(many.body.textContent).toContain("28 more groups are in the table.");
  });
});

test("Markdown has every number and no markup of names", () => {
  const text = retrievalMarkdown(skewed);
  const { numbers } = printed(skewed.result);
  expect([...numbers].filter((number) => !text.includes(number))).toEqual([]);
  expect(text.replaceAll("\\<", "")).not.toContain("<script>");
  const blocks = text.split("\n\n").filter((block) => block.startsWith("|"));
  for (const block of blocks) {
    const widths = block.split("\n").map((line) => line.split(/(?<!\\)\|/).length);
    expect(new Set(widths).size).toBe(1);
  }
});

test("the terminal shows shares and key metrics, no line too wide", () => {
  const text = retrievalText(skewed, { columns: 100, color: false, unicode: true });
  expect(text).toContain("max_skew@60");
  expect(text).not.toContain("kl@60");
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
});

describe("words", () => {
  test("what is beyond chance is said with its numbers, strongest first", () => {
    const { beyond, none } = retrievalFindings(skewed.result);
    expect(none).toBeNull();
    const { prior, top } = skewed.result.queries[HOSTILE]!.attributes["site"]!.groups["g0"]!;
    expect(beyond[0]).toContain(
      `${(100 * top["60"]!.share).toFixed(1)}% of the first 60 are g0 (site), of all rows ${(100 * prior).toFixed(1)}%; 95% of rankings that ignore site have`,
    );
    expect(beyond.every((text) => text.startsWith(HOSTILE) || /more are in/.test(text))).toBe(true);
  });

  test("nothing beyond chance is no proof of fairness", () => {
    const { beyond, none } = retrievalFindings(even.result);
    expect(beyond).toEqual([]);
    expect(none).toMatch(/than chance allows\. That is no proof of a fair ranking/);
    expect(retrievalHtml(even)).toContain("no proof of a fair ranking");
  });
});
