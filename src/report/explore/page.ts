/** @file An exploration as one HTML file that needs no network: maps to move about in, then findings, tables and charts. */
import { count } from "../format.ts";
import { pageHtml } from "../html/shell.ts";
import type { Section } from "../html/section.ts";
import { type Markup, html, trusted } from "../html/template.ts";
import type { FacetData, LayerData, PageData } from "./browser/data.ts";
import { UNLABELLED, marksOf } from "./colours.ts";
import { EXPLORER_CSS } from "./css.ts";
import type { ExplorePage, Facet, Layer, PageMap } from "./page-data.ts";
import { SCRIPT, SCRIPT_HASH } from "./script.ts";
import { type Sheets, sheetsOf } from "./sheets.ts";

const base64 = (values: Int32Array | Float32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");

const facetData = ({ name, values, codes }: Facet): FacetData => ({
  name,
  values,
  codes: base64(codes),
  marks: marksOf(values),
});

function layerData(layer: Layer, facets: readonly Facet[]): LayerData {
  const facet = facets.findIndex(({ name }) => name === layer.facet);
  return {
    name: layer.name,
    facet,
    code: facets[facet]?.values.indexOf(layer.value) ?? -1,
    rings: layer.rings.map(base64),
    opacity: layer.opacity,
  };
}

function dataOf(page: ExplorePage, sheets: Sheets | null): PageData {
  return {
    n: page.ids.length,
    ids: page.ids,
    texts: page.texts,
    facets: page.facets.map(facetData),
    unlabelled: UNLABELLED,
    maps: page.maps.map(({ title, note, axes, coordinates, layers }) => ({
      title,
      note,
      axes,
      coordinates: base64(coordinates),
      layers: layers.map((layer) => layerData(layer, page.facets)),
    })),
    sheets: sheets && { ...sheets.data, slots: base64(sheets.slots) },
  };
}

/** JSON within a script element, which nothing in it can end; the browser does not run it. */
const dataBlock = (data: PageData): Markup =>
  trusted(
    `<script type="application/json" id="x-data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>`,
  );

const sheetBlock = (jpeg: Buffer, index: number): Markup =>
  trusted(`<script type="text/plain" id="x-sheet-${index}">${jpeg.toString("base64")}</script>`);

const option = (value: number | string, text: string): Markup =>
  html`<option value="${value}">${text}</option>`;

/** The menu that leaves the points of one value. */
function filter({ name, values, codes }: Facet, index: number): Markup {
  const rows = new Int32Array(values.length);
  for (const code of codes) if (code >= 0) rows[code]!++;
  return html`<label class="x-field"
    >${name}<select data-facet="${index}">
      <option value="">All</option>
      ${values.map((value, code) => option(code, `${value} (${count(rows[code]!)})`))}
    </select></label
  >`;
}

const explorerBody = ({ maps, facets }: ExplorePage, notes: readonly string[]): Markup =>
  html`<p class="hint x-off">
      The map needs scripts, which are switched off here; what follows does not.
    </p>
    <div class="explorer">
      <div class="x-bar">
        <label class="x-field"
          >Map<select id="x-map">
            ${maps.map(({ title }: PageMap, i) => option(i, title))}
          </select></label
        >
        <label class="x-field"
          >Colour by<select id="x-colour">
            ${facets.map(({ name }, i) => option(i, name))}${option(-1, "nothing")}
          </select></label
        >
        <div class="x-tools" role="group" aria-label="View">
          <button type="button" id="x-in" aria-label="Zoom in" title="Zoom in">+</button>
          <button type="button" id="x-out" aria-label="Zoom out" title="Zoom out">−</button>
          <button type="button" id="x-reset" title="Show the whole map">Reset</button>
          <button
            type="button"
            id="x-lasso"
            aria-pressed="false"
            title="Draw around points to list them; or drag with shift"
          >
            Lasso
          </button>
        </div>
        <div id="x-layers" role="group" aria-label="Layers below the points"></div>
      </div>
      <div class="x-desk">
        <div id="x-stage">
          <canvas id="x-below" aria-hidden="true"></canvas>
          <canvas id="x-points" aria-hidden="true"></canvas>
          <canvas id="x-above" tabindex="0" role="application" aria-label="Map"></canvas>
          <p class="x-axis" id="x-axis-x"></p>
          <p class="x-axis" id="x-axis-y"></p>
          <div id="x-card" hidden></div>
        </div>
        <div class="x-side">
          <div tabindex="0" role="region" aria-label="Legend and filters">
            <div>
              <h3>Legend <button type="button" id="x-all-values">Show all</button></h3>
              <ul id="x-legend"></ul>
            </div>
            <div id="x-filters" role="group" aria-label="Filters">
              <h3>Show only</h3>
              ${facets.map(filter)}
              <label class="check"
                ><input type="checkbox" id="x-faint" />keep the others, faintly</label
              >
            </div>
          </div>
        </div>
      </div>
      <p class="x-note" id="x-note"></p>
      ${notes.map((note) => html`<p class="x-note">${note}</p>`)}
      <div class="x-picked">
        <label class="x-field"
          >Search ids and texts<input type="search" id="x-search" autocomplete="off"
        /></label>
        <p id="x-selected" aria-live="polite"></p>
        <div id="x-actions" hidden>
          <button type="button" id="x-copy">Copy ids</button>
          <button type="button" id="x-csv">Download CSV</button>
          <button type="button" id="x-clear">Clear</button>
        </div>
        <small id="x-status" aria-live="polite"></small>
        <span class="spoken" id="x-spoken" aria-live="polite"></span>
      </div>
      <div id="x-selection"></div>
    </div>`;

/**
 * The whole page: the only one with a script, which its content-security policy knows by its hash; nothing else runs and
 * nothing is fetched. Every text is escaped. Without maps there is no explorer, only the sections.
 */
export async function explorePageHtml(page: ExplorePage): Promise<string> {
  const sheets = page.thumbnails && (await sheetsOf(page.thumbnails));
  const isMapped = page.maps.length > 0 && page.ids.length > 0;
  const map: Section = {
    id: "map",
    title: "Map",
    body: html`${explorerBody(page, sheets?.notes ?? [])} ${dataBlock(dataOf(page, sheets))}
    ${sheets?.pictures.map(sheetBlock) ?? null}`,
  };
  return pageHtml(
    page.title,
    html`<header>
      <h1>${page.title}</h1>
      <p class="subtitle">${page.subtitle}</p>
    </header>`,
    [...(isMapped ? [map] : []), ...page.sections],
    isMapped ? { css: EXPLORER_CSS, script: SCRIPT, hash: SCRIPT_HASH } : null,
  );
}
