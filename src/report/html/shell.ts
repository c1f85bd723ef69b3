/** @file What every page is made of: one offline HTML file, nothing fetched, light and dark; no script but that of explorations. */
import { CSS } from "./css.ts";
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

interface Part {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** What a page has that cannot do without a script. */
interface Live {
  readonly css: string;
  /** Runs when the page is there. */
  readonly script: string;
  /** The one script that the browser is told to run: 'sha256-...'. */
  readonly hash: string;
}

/**
 * The whole page.
 * @param top what stands above the navigation
 * @param parts one section each
 */
export const pageHtml = (
  title: string,
  top: Markup,
  parts: readonly Part[],
  live: Live | null = null,
): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="${live ? `${POLICY}; script-src ${live.hash}` : POLICY}"
        />
        <title>${title} · equiclip</title>
        <style>
          ${trusted(CSS)}${live && trusted(live.css)}
        </style>
      </head>
      <body>
        ${schemeSwitch}
        <main>
          ${top}
          <nav aria-label="Sections">
            ${parts.map(({ id, title: of }) => html`<a href="#${id}">${of}</a>`)}
          </nav>
          ${parts.map(
            ({ id, title: of, body }) =>
              html`<section id="${id}">
                <h2>${of}</h2>
                ${body}
              </section>`,
          )}
        </main>
        ${live && trusted(`<script>${live.script}</script>`)}
      </body>
    </html> `.text;
