/** @file Pictures: some that went in, and some that were got wrong in each group. */
import { count, decimal, percent } from "../format.ts";
import type { Face, RunReport } from "../model.ts";
import type { Section } from "./section.ts";
import { type Markup, html } from "./template.ts";

/** Only pictures that lie in the page itself: an address elsewhere would be fetched when the page opens. */
const isInline = (uri: string): boolean =>
  /^data:image\/(png|jpeg|webp);base64,[\w+/=]+$/.test(uri);

const saying = ({ truth, predicted, confidence }: Face): Markup =>
  predicted === null
    ? html`${truth}`
    : html`${truth}
      ${
        predicted === truth
          ? html`<span class="arrow">read right</span>`
          : html`<span class="arrow">read as</span> <b>${predicted}</b>`
      }${confidence === null ? null : html` <small>${decimal(confidence)}</small>`}`;

const faceHtml = (face: Face): Markup =>
  html`<li>
    ${face.thumbnail !== null && isInline(face.thumbnail) && html`<img src="${face.thumbnail}" alt="${face.id}" loading="lazy" />`}
    <span class="said">${saying(face)}</span>
    <small class="id">${face.id}</small>
  </li>`;

const grid = (faces: readonly Face[]): Markup =>
  html`<ul class="faces ${faces.some(({ thumbnail }) => thumbnail !== null) ? "pictures" : ""}">
    ${faces.map(faceHtml)}
  </ul>`;

/** Nothing where the report names no pictures. */
export function faceSections({ mistakes, samples }: RunReport): Section[] {
  return [
    ...(mistakes.length > 0
      ? [
          {
            id: "mistakes",
            title: "Got wrong",
            body: html`${mistakes.map(
              ({ attribute, group, wrong, rows, faces }) =>
                html`<h3>
                    ${attribute}: ${group}
                    <small
                      >${count(wrong)} of ${count(rows)}
                      wrong${rows > 0 ? ` (${percent(wrong / rows)})` : ""}</small
                    >
                  </h3>
                  ${grid(faces)}`,
            )}`,
          },
        ]
      : []),
    ...(samples.length > 0 ? [{ id: "samples", title: "What went in", body: grid(samples) }] : []),
  ];
}
