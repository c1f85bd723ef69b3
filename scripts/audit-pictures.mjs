/** @file The pictures of docs/audit-face-api.md: charts of its report. `node scripts/audit-pictures.mjs REPORT.html` */
import { readFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { takePictures } from "./picture.mjs";

/** Charts by their captions, side by side; or those of one place. */
const PICTURES = {
  "audit-gaps": ["Gaps by race", "Gaps by age_band"],
  "audit-intersections": [
    "True positive rate by race and age_band",
    "False positive rate by race and age_band",
  ],
  "audit-calibration": "#scores .charts.tiny",
};

const [report = "checkpoints/audit-face-api/report.html"] = process.argv.slice(2);
for (const [name, charts] of Object.entries(PICTURES)) {
  const { document } = parseHTML(readFileSync(report, "utf8"));
  const main = document.querySelector("main");
  const style = document.createElement("style");
  style.textContent = `main { padding: 1.25rem } body { background: var(--surface) } .scheme { display: none }
    .charts { margin: 0 } .charts.tiny { grid-template-columns: repeat(5, 1fr) }`;
  document.head.append(style);
  const scheme = document.querySelector(".scheme");
  main.replaceChildren(scheme, chosen(document, charts));
  await takePictures(`<!doctype html>${document.documentElement.outerHTML}`, name, {
    width: 1060,
    height: 700,
    fit: true,
  });
}

function chosen(document, charts) {
  if (typeof charts === "string") return document.querySelector(charts);
  const row = document.createElement("div");
  row.className = "charts";
  const figures = [...document.querySelectorAll("figure")];
  row.append(
    ...charts.map((caption) => {
      const of = figures.find((one) => one.querySelector("figcaption")?.textContent === caption);
      if (!of) throw new Error(`${report}: no chart is called "${caption}"`);
      return of;
    }),
  );
  return row;
}
