/** @file The page: nothing is fetched, nothing is run, nothing is left out, and text stays text. */
import fc from "fast-check";
import { parseHTML } from "linkedom";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { reportHtml } from "../../src/report/html/page.ts";
import { escapeHtml, html, trusted } from "../../src/report/html/template.ts";
import { findings } from "../../src/report/findings.ts";
import { subject } from "../../src/report/model.ts";
import { printed } from "./numbers.ts";
import { feasibleReport, hostileReport, infeasibleReport, PIXEL } from "./sample.ts";
import { fullTable, manyGroups } from "./table-sample.ts";

const reports = {
  feasible: feasibleReport(),
  infeasible: infeasibleReport(),
  hostile: hostileReport(),
  table: fullTable(),
  many: manyGroups(),
};
const pages = Object.entries(reports).map(([name, report]) => {
  const page = reportHtml(report);
  const { document } = parseHTML(page);
  return { name, report, page, document, text: document.body.textContent.replace(/\s+/g, " ") };
});
const pageOf = (name: keyof typeof reports) => pages.find((page) => page.name === name)!;

describe("template", () => {
  it("gives back any text, and no element, whatever is put in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const clean = value.replace(/[\0\r]/g, " ");
        const { document } = parseHTML(
          html`<html>
            <body>
              <p title="${clean}">${clean}</p>
            </body>
          </html>`.text,
        );
        expect(document.querySelectorAll("body *")).toHaveLength(1);
        expect(document.querySelector("p")?.textContent).toBe(clean);
        expect(document.querySelector("p")?.getAttribute("title")).toBe(clean);
      }),
    );
  });

  it("keeps markup that it made, and prints nothing for null and false", () => {
    expect(html`<b>${[html`<i>${"<"}</i>`, trusted("<hr>")]}${null}${false}${0}</b>`.text).toBe(
      "<b><i>&lt;</i><hr>0</b>",
    );
    expect(escapeHtml(`<a href='x'>&"`)).toBe("&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
  });
});

describe.each(pages)("page of a $name run", ({ page, document, report, text }) => {
  it("has no script, no handler, and fetches nothing", () => {
    expect(document.querySelectorAll("script, iframe, link, object, embed, base")).toHaveLength(0);
    for (const element of document.querySelectorAll("*"))
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on/i);
        if (["src", "href", "xlink:href", "srcset"].includes(name))
          expect(value).toMatch(/^(#|data:image\/)/);
      }
    expect(document.querySelector("style")?.textContent).not.toMatch(/url\(|@import/);
    expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/(src|href)="https?:/);
    expect(document.querySelector("meta[http-equiv]")?.getAttribute("content")).toMatch(
      /^default-src 'none';/,
    );
  });

  it("prints every number of the machine form, and why others are undefined", () => {
    const { numbers, reasons } = printed(report.evaluation.result);
    expect(numbers.size).toBeGreaterThan(100);
    expect([...numbers].filter((number) => !text.includes(number))).toEqual([]);
    expect([...reasons].filter((reason) => !text.includes(`n/a (${reason})`))).toEqual([]);
  });

  it("prints every epoch, cell, rejected name, fact and the config", () => {
    const { trajectory, data, run } = report;
    const expected = [
      ...(trajectory?.epochs.flatMap((e) => [
        e.trainLoss.toFixed(3),
        e.validationLoss.toFixed(3),
      ]) ?? []),
      ...(data?.rejected.flatMap(({ id, reason }) => [id, reason]) ?? []),
      ...(data?.cells.map(({ counts }) => counts.train.toLocaleString("en-US")) ?? []),
      ...[...run.summary, ...run.versions].map(({ value }) => value),
      run.command,
    ];
    expect(expected.filter((item) => !text.includes(item))).toEqual([]);
    const code = [...document.querySelectorAll("code")].map((element) => element.textContent);
    expect(code).toContain(run.config ?? run.command);
    if (run.config === null) expect(text).not.toContain("Config, with every default");
  });

  it("draws charts that a strict XML parser reads, each with a title and a description", async () => {
    const figures = [...document.querySelectorAll("figure.chart")];
    expect(figures.length).toBeGreaterThan(3);
    for (const figure of figures) {
      expect(figure.querySelector("figcaption")?.textContent).toBeTruthy();
      expect(figure.querySelector("svg")?.getAttribute("aria-label")).toBeTruthy();
    }
    const drawings = page.match(/<svg .*?<\/svg>/gs) ?? [];
    expect(drawings).toHaveLength(figures.length);
    for (const svg of drawings) {
      expect(svg).not.toMatch(/NaN|undefined/);
      const { format, width } = await sharp(Buffer.from(svg)).metadata();
      expect(format).toBe("svg");
      expect(width).toBeGreaterThan(250);
    }
  });

  it("has a heading for every entry of its navigation, and a caption for every table", () => {
    const links = [...document.querySelectorAll("nav a")];
    expect(links.length).toBeGreaterThan(3);
    for (const link of links)
      expect(document.querySelector(`section${link.getAttribute("href")} h2`)?.textContent).toBe(
        link.textContent,
      );
    for (const table of document.querySelectorAll("table"))
      expect(table.querySelector("caption")?.textContent.trim()).toBeTruthy();
  });
});

describe("the page of a table of predictions", () => {
  const { document, text } = pageOf("table");
  const ids = [...document.querySelectorAll("section")].map((section) => section.id);

  it("has findings first, and a section for all that a table has", () => {
    expect(ids).toEqual(
      "findings groups intersections slices scores confusion source caveats run".split(" "),
    );
    const main = [...document.querySelectorAll("#findings > .findings li")];
    expect(main.length).toBeGreaterThanOrEqual(3);
    expect(main.length).toBeLessThanOrEqual(7);
    const { more } = findings(subject(reports.table.evaluation));
    expect(document.querySelectorAll("#findings details li")).toHaveLength(more.length);
    expect(document.querySelector("#findings summary")?.textContent.trim()).toBe(
      `${more.length} more findings`,
    );
  });

  it("speaks of no training, test split or checkpoint", () => {
    expect(text).not.toMatch(
      /epoch|checkpoint|test split|objective|loss\b(?! function)|eras|debias/i,
    );
  });

  it("says what was read, and what was left out and why", () => {
    const source = document.querySelector("#source")!.textContent.replace(/\s+/g, " ");
    expect(source).toContain("4,664 measured of 4,876 read");
    expect(source).toContain("0.47, best for balancedAccuracy on 1,200 rows of split validation");
    for (const { column, reason, first } of subject(reports.table.evaluation).source!.leftOut)
      for (const part of [column, reason, ...first]) expect(source).toContain(part);
  });

  it("keeps names with markup, quotes, commas and line breaks as text", () => {
    const { document, text, report } = pageOf("many");
    expect(document.querySelectorAll("b:not(.said b)")).toHaveLength(0);
    const [name = ""] = Object.keys(subject(report.evaluation).attributes["site"]!.groups);
    expect(name).toContain("<b>");
    expect(text).toContain(name.replace(/\s+/g, " "));
  });
});

describe("what the page says", () => {
  it("tells feasible from infeasible, and both from what holds on test", () => {
    const badges = (name: keyof typeof reports): string[] =>
      [...pageOf(name).document.querySelectorAll(".badge")].map((badge) => badge.textContent);
    expect(badges("feasible")).toEqual(["Feasible", "not met on test split"]);
    expect(badges("infeasible")).toEqual(["Infeasible", "not met on test split"]);
    expect(badges("hostile")).toEqual([]);
  });

  it("keeps the markup of labels, names and paths as text", () => {
    const { document, text, report } = pageOf("hostile");
    expect(document.querySelectorAll("i:not(.swatch), u, em, h1 h1, img")).toHaveLength(0);
    expect(document.querySelector("h1")?.textContent).toBe(report.title);
    for (const label of subject(report.evaluation).classes) expect(text).toContain(label);
    expect(text).toContain(report.mistakes[0]!.faces[0]!.id);
  });

  it("shows pictures that lie in the report, never ones that lie elsewhere", () => {
    const images = [...pageOf("feasible").document.querySelectorAll("img")];
    expect(images).toHaveLength(18 + 5);
    expect(new Set(images.map((image) => image.getAttribute("src")))).toEqual(new Set([PIXEL]));
    expect(pageOf("hostile").page).not.toContain("tracker.png");
  });

  it("switches colours without a script", () => {
    const { document } = pageOf("feasible");
    const ids = [...document.querySelectorAll("input[name=scheme]")].map((input) => input.id);
    expect(ids).toEqual(["scheme-auto", "scheme-light", "scheme-dark"]);
    const css = document.querySelector("style")?.textContent;
    for (const id of ids.slice(1)) expect(css).toContain(`#${id}:checked`);
  });
});
