/** @file Findings on the page: the main ones, and the others behind a line that opens them. */
import type { Findings } from "../findings.ts";
import { count } from "../format.ts";
import { MARKS, type Tone } from "../tables/table.ts";
import type { Section } from "./section.ts";
import { type Markup, html } from "./template.ts";

type Said = Extract<Tone, "better" | "worse" | "unclear" | "muted">;

/** Said before each sentence to those who do not see its mark. */
const SPOKEN: Readonly<Record<Said, string>> = {
  better: "Better: ",
  worse: "Evidence: ",
  unclear: "Not known: ",
  muted: "",
};

/** Sentences with their marks. */
export const findingList = (
  of: readonly { readonly tone: Said; readonly text: string }[],
): Markup =>
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
  body: html`${about !== null && html`<p class="hint">${about}</p>`} ${findingList(main)}
  ${
    more.length > 0 &&
    html`<details>
      <summary>${count(more.length)} more finding${more.length === 1 ? "" : "s"}</summary>
      ${findingList(more)}
    </details>`
  }`,
});
