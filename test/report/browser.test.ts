/** @file The page in a real browser: nothing is blocked or logged, nothing is wider than a phone, any table renders. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { afterAll, describe, expect, it } from "vitest";
import { compareHtml } from "../../src/report/compare/page.ts";
import { reportHtml } from "../../src/report/html/page.ts";
import { reportMarkdown } from "../../src/report/markdown.ts";
import { reportText } from "../../src/report/terminal/print.ts";
import { makeResult } from "../compare/results.ts";
import { feasibleReport, hostileReport } from "./sample.ts";
import { anyRecipe, fullTable, manyGroups, tableOf } from "./table-sample.ts";

const hasChromium = (): boolean => {
  try {
    execFileSync("chromium", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const work = mkdtempSync(join(tmpdir(), "equiclip-browser-"));
afterAll(() => rmSync(work, { recursive: true }));

const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"];

/** The page as the browser understands it, and what it logs. */
function open(name: string, page: string): { dom: string; logged: string[] } {
  const file = join(work, `${name}.html`);
  writeFileSync(file, page);
  const { stdout, stderr } = spawnSync(
    "chromium",
    [...FLAGS, "--enable-logging=stderr", "--window-size=390,844", "--dump-dom", `file://${file}`],
    { encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  return { dom: stdout, logged: stderr.split("\n").filter((line) => line.includes("CONSOLE")) };
}

const pages = {
  trained: () => reportHtml(feasibleReport()),
  hostile: () => reportHtml(hostileReport()),
  table: () => reportHtml(fullTable()),
  many: () => reportHtml(manyGroups()),
  compare: () =>
    compareHtml({
      title: "made",
      run: feasibleReport().run,
      result: makeResult({ effects: { leace: { gap: -0.1 }, blunt: { accuracy: -0.3 } } }),
    }),
};

describe.skipIf(!hasChromium())("in Chromium", () => {
  it.each(Object.entries(pages))(
    "a %s page logs nothing, and is read as it was written",
    (name, make) => {
      const page = make();
      const { dom, logged } = open(name, page);
      expect(logged).toEqual([]);
      for (const tag of ["section", "svg", "tr", "figcaption", "li"]) {
        const count = (text: string) => text.split(`<${tag}`).length;
        expect(count(dom)).toBe(count(page));
      }
    },
  );

  it("logs what the page's own policy blocks, so that the check above can fail", () => {
    const page = pages.hostile().replace("</body>", "<script>1</script></body>");
    expect(open("blocked", page).logged.join()).toMatch(/Content Security Policy/);
  });

  it("prints on paper", () => {
    const file = join(work, "table.pdf");
    writeFileSync(join(work, "print.html"), pages.table());
    const printed = ["--no-pdf-header-footer", `--print-to-pdf=${file}`];
    spawnSync("chromium", [...FLAGS, ...printed, `file://${join(work, "print.html")}`]);
    expect(execFileSync("head", ["-c", "5", file], { encoding: "utf8" })).toBe("%PDF-");
  });
});

/** Where a report speaks of what is undefined. */
const SAID = /\b(it|which) is undefined|undefined (for|there|in)/g;

describe("any table", () => {
  it("has a page, Markdown and terminal output without holes", () => {
    fc.assert(
      fc.property(anyRecipe, (recipe) => {
        const report = tableOf(recipe);
        const { document } = parseHTML(reportHtml(report));
        const forms = [
          document.body.textContent,
          ...[...document.querySelectorAll("svg")].map((svg) => svg.outerHTML),
          reportMarkdown(report),
          reportText(report, { columns: 80, color: false, unicode: true }),
          reportText(report, { columns: 60, color: false, unicode: false }),
        ];
        for (const text of forms) expect(text).not.toMatch(/NaN|\[object|\bInfinity\b/);
        for (const text of forms) expect(text.replaceAll(SAID, "")).not.toMatch(/\bundefined\b/);
        expect(document.querySelectorAll("script, img, iframe")).toHaveLength(0);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });
});
