/** @file HTML by tagged template: whatever is put into it is escaped, unless it came out of one itself. */

/** Markup that is safe to print; only `html` and `trusted` make it. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | null | false | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML: safe between tags and within quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);

const render = (part: Part): string => {
  if (part === null || part === false) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return part.map(render).join("");
};

/** Markup with escaped values; null and false print nothing, arrays print one after the other. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(texts.map((text, i) => text + render(parts[i] ?? null)).join(""));

/** Markup that was made elsewhere: SVG written by the chart library, our own style sheet. */
export const trusted = (text: string): Markup => new Markup(text);
