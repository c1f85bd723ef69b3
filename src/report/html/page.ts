/** @file The report as one offline HTML page: no script, nothing fetched, light and dark. */
import { caveats } from "../caveats.ts";
import type { RunReport } from "../model.ts";
import { CSS } from "./css.ts";
import { faceSections } from "./faces.ts";
import { header } from "./header.ts";
import { sections, warnings } from "./sections.ts";
import { type Markup, html, trusted } from "./template.ts";

/** The browser itself is told to fetch and run nothing, whatever a label holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const SCHEMES = ["auto", "light", "dark"] as const;

/** Radio buttons that the style sheet reads: a switch without a script. */
const schemeSwitch: Markup = html`<fieldset class="scheme">
  <legend>Colours</legend>
  ${SCHEMES.map(
    (name, i) =>
      html`<label
        ><input
          type="radio"
          name="scheme"
          id="scheme-${name}"
          ${i === 0 && html`checked`}
        />${name}</label
      >`,
  )}
</fieldset>`;

/** The whole page. Every text in it is escaped: labels and file names come from users. */
export function reportHtml(report: RunReport): string {
  const { serious, other } = caveats(report);
  const parts = sections(report, other, faceSections(report));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>${report.title} · equiclip</title>
        <style>
          ${trusted(CSS)}
        </style>
      </head>
      <body>
        ${schemeSwitch}
        <main>
          ${header(report)} ${warnings(serious)}
          <nav aria-label="Sections">
            ${parts.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}
          </nav>
          ${parts.map(
            ({ id, title, body }) =>
              html`<section id="${id}">
                <h2>${title}</h2>
                ${body}
              </section>`,
          )}
        </main>
      </body>
    </html> `.text;
}
