/** @file A table as HTML, which scrolls sideways on narrow screens instead of squeezing its numbers. */
import { type Cell, type Column, MARKS, type Table } from "../tables/table.ts";
import { type Markup, html } from "./template.ts";

const content = ({ text, detail, tone }: Cell): Markup =>
  html`${
    tone && MARKS[tone].unicode
      ? html`<span class="mark" aria-hidden="true">${MARKS[tone].unicode}</span>`
      : null
  }${text}${detail ? html` <small>${detail}</small>` : null}`;

const dataCell = (cell: Cell, column: Column | undefined, first: boolean): Markup => {
  const classes = html`class="${column?.align ?? "left"} ${cell.tone ?? ""}"`;
  return first
    ? html`<th scope="row" ${classes}>${content(cell)}</th>`
    : html`<td ${classes}>${content(cell)}</td>`;
};

/** From so many columns on, or so many characters a row, details go below their numbers. */
const DENSE = { columns: 6, characters: 130 } as const;

const isDense = ({ columns, rows }: Table): boolean =>
  columns.length >= DENSE.columns ||
  rows.some(
    (row) =>
      row.reduce((sum, { text, detail = "" }) => sum + text.length + detail.length, 0) >
      DENSE.characters,
  );

/** The table with its title as caption and its notes below. */
export const tableHtml = (table: Table): Markup =>
  html`<div class="table">
    <div class="scroll" tabindex="0" role="region" aria-label="${table.title}">
      <table class="${isDense(table) ? "dense" : ""}">
        <caption>
          ${table.title}
        </caption>
        <thead>
          <tr>
            ${table.columns.map(({ head, align }) => html`<th scope="col" class="${align}">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${table.rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell, i) => dataCell(cell, table.columns[i], i === 0))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    ${
      table.notes.length > 0 &&
      html`<ul class="notes">
        ${table.notes.map((note) => html`<li>${note}</li>`)}
      </ul>`
    }
  </div>`;

/** Tables behind a line that opens them: every number is in the page, few are in the way. */
export const folded = (summary: string, tables: readonly Table[]): Markup | null =>
  tables.length === 0
    ? null
    : html`<details>
        <summary>${summary}</summary>
        ${tables.map(tableHtml)}
      </details>`;
