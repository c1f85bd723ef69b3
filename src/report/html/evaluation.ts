/** @file What was measured of groups: single attributes, intersections, scores, slices, and every other number. */
import { calibrationCharts } from "../charts/calibration.ts";
import { gapsChart } from "../charts/gaps.ts";
import { groupRatesChart } from "../charts/group-rates.ts";
import { intersectionChart } from "../charts/intersection.ts";
import { rocChart } from "../charts/roc.ts";
import { slicesChart } from "../charts/slices.ts";
import type { Attribute, Report } from "../../eval/report.ts";
import { isIntersection } from "../findings/finding.ts";
import { count } from "../format.ts";
import { compatTables } from "../tables/compat.ts";
import {
  KEY_RATES,
  classGapTables,
  gapTable,
  groupTable,
  keyGaps,
  viewTables,
} from "../tables/evaluation.ts";
import { referenceTable } from "../tables/reference.ts";
import { scoreTable } from "../tables/scores.ts";
import { sliceTable } from "../tables/slices.ts";
import type { Table } from "../tables/table.ts";
import type { Section } from "./section.ts";
import { folded, tableHtml } from "./table.ts";
import { type Markup, html } from "./template.ts";

const CHARTED = KEY_RATES.slice(0, 3);

/** From so many rows on, a table is behind a line that opens it. */
const LONG = 16;

const tableOrFold = (table: Table, summary: string): Markup | null =>
  table.rows.length > LONG ? folded(summary, [table]) : tableHtml(table);

function attributeParts(report: Report, name: string, attribute: Attribute): Markup {
  const { minSupport } = report.uncertainty;
  const maps = CHARTED.map((rate) => intersectionChart(name, report, rate));
  const isMapped = maps.every((map) => map !== null);
  const { reference } = attribute;
  return html`<h3>By ${name}</h3>
    <div class="charts">
      ${isMapped ? maps : CHARTED.map((rate) => groupRatesChart(name, attribute, report.overall, rate, minSupport))}
      ${gapsChart(name, attribute, report)}
    </div>
    ${tableOrFold(
      groupTable(name, attribute, report.overall, KEY_RATES),
      `All ${count(Object.keys(attribute.groups).length)} groups by ${name}`,
    )}
    ${tableHtml(gapTable(`Gaps by ${name}`, keyGaps(attribute.gaps)))}
    ${folded(`By ${name}, against ${reference?.group ?? ""}`, reference ? [referenceTable(name, reference, KEY_RATES)] : [])}`;
}

/** Single attributes, then everything that has no place of its own. */
export function groupSection(report: Report): Section {
  const single = Object.entries(report.attributes).filter(
    ([name]) => !isIntersection(report, name),
  );
  return {
    id: "groups",
    title: "Groups",
    body: html`${single.map(([name, attribute]) => attributeParts(report, name, attribute))}
    ${folded(`All rates and gaps`, viewTables(report))}
    ${Object.entries(report.perClass).map(([name, view]) =>
      folded(`${name} against the rest`, viewTables(view)),
    )}
    ${folded("Gaps between the target's classes", classGapTables(report.classGaps))}
    ${folded("Published formulas (compat)", compatTables(report))}`,
  };
}

export function intersectionSection(report: Report): Section | null {
  const crossed = Object.entries(report.attributes).filter(([name]) =>
    isIntersection(report, name),
  );
  return crossed.length === 0
    ? null
    : {
        id: "intersections",
        title: "Intersections",
        body: html`${crossed.map(([name, attribute]) => attributeParts(report, name, attribute))}`,
      };
}

export function sliceSection(report: Report): Section | null {
  const { slices } = report;
  if (!slices) return null;
  const chart = slicesChart(slices);
  return {
    id: "slices",
    title: "Slices",
    body: html`${chart && html`<div class="charts">${chart}</div>`}
    ${tableOrFold(sliceTable(slices), `All ${count(slices.found.length)} slices`)}`,
  };
}

function scoreParts(report: Report, name: string, attribute: Attribute): Markup | null {
  const { minSupport } = report.uncertainty;
  const table = scoreTable(name, attribute, report.overall);
  if (!table) return null;
  const roc = rocChart(name, attribute, minSupport);
  const { charts, note } = calibrationCharts(attribute, minSupport);
  const hasCharts = roc !== null || charts.length > 0;
  return html`<h3>By ${name}</h3>
    ${
      hasCharts &&
      html`<div class="curves">
        ${roc}
        ${
          charts.length > 0 &&
          html`<div>
            <p class="left-out">
              Calibration: of the rows with about that score, the share that is positive. On the
              dashed line scores are right; above it they are too low. ${note}
            </p>
            <div class="charts tiny">${charts}</div>
          </div>`
        }
      </div>`
    }
    ${tableOrFold(table, `All ${count(table.rows.length)} rows of scores by ${name}`)}`;
}

/** Nothing where there are no scores. */
export function scoreSection(report: Report): Section | null {
  const views = report.positive === null ? Object.entries(report.perClass) : [];
  const parts = Object.entries(report.attributes).flatMap(
    ([name, attribute]) => scoreParts(report, name, attribute) ?? [],
  );
  const perClass = views.flatMap(([label, view]) => {
    const tables = Object.entries(view.attributes).flatMap(
      ([name, attribute]) => scoreTable(name, attribute, view.overall) ?? [],
    );
    return folded(`${label} against the rest`, tables) ?? [];
  });
  return parts.length === 0
    ? null
    : { id: "scores", title: "Scores", body: html`${parts}${perClass}` };
}
