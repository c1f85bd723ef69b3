/** @file Findings on the page: the main ones, and the others behind a line that opens them. */
import type { Finding, Findings } from "../findings.ts";
import { count } from "../format.ts";
import { MARKS } from "../tables/table.ts";
import type { Section } from "./section.ts";
import { type Markup, html } from "./template.ts";

/** Said before each sentence to those who do not see its mark. */
const SPOKEN: Readonly<Record<Finding["tone"], string>> = {
  worse: "Evidence: ",
  unclear: "Not known: ",
  muted: "",
};

const list = (of: readonly Finding[]): Markup =>
  html`<ul class="findings">
    ${of.map(
      ({ tone, text }) =>
        html`<li class="${tone}">
          <span class="mark" aria-hidden="true">${MARKS[tone].unicode || "·"}</span
          ><span><span class="spoken">${SPOKEN[tone]}</span>${text}</span>
        </li>`,
    )}
  </ul>`;

/** @param about which model, where there are several */
export const findingSection = ({ main, more }: Findings, about: string | null): Section => ({
  id: "findings",
  title: "Findings",
  body: html`${about !== null && html`<p class="hint">${about}</p>`} ${list(main)}
  ${
    more.length > 0 &&
    html`<details>
      <summary>${count(more.length)} more finding${more.length === 1 ? "" : "s"}</summary>
      ${list(more)}
    </details>`
  }`,
});
