/** @file What stands beside and below the map: legend, filters, card of a point, list of a selection. */
/// <reference lib="dom" />
import type { Mark } from "../colours.ts";
import type { PageData } from "./data.ts";
import type { MarkerPath } from "./outline.ts";
import type { Points } from "./points.ts";
import type { Thumbs } from "./thumbs.ts";

export interface LegendRow {
  /** -1 for points without a value. */
  readonly code: number;
  readonly mark: Mark;
  readonly name: string;
  readonly shown: number;
  readonly all: number;
  readonly isHidden: boolean;
  readonly isRaised: boolean;
}

/** @returns functions that make elements; every text goes in as text */
export function makePanel(
  { n, ids, texts, facets }: PageData,
  points: Points,
  thumbs: Thumbs,
  outline: MarkerPath,
) {
  const MOST_LISTED = 200;
  const MOST_VALUES = 10;
  const counted = new Intl.NumberFormat("en-US");
  const count = (value: number): string => counted.format(value);
  const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

  function make<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    className: string,
    ...children: readonly (Node | string)[]
  ): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    if (className !== "") element.className = className;
    element.append(...children);
    return element;
  }

  function button(
    className: string,
    label: string,
    onClick: (event: MouseEvent) => void,
    ...children: readonly (Node | string)[]
  ): HTMLButtonElement {
    const element = make("button", className, ...children);
    element.type = "button";
    if (label !== "") {
      element.title = label;
      element.setAttribute("aria-label", label);
    }
    element.addEventListener("click", onClick);
    return element;
  }

  function icon(mark: Mark): HTMLCanvasElement {
    const canvas = make("canvas", "icon");
    canvas.width = 32;
    canvas.height = 32;
    canvas.setAttribute("aria-hidden", "true");
    const context = canvas.getContext("2d")!;
    context.fillStyle = mark.colour;
    context.fill(outline(mark, 16, 16, 10));
    return canvas;
  }

  /** A row a value: the name shows or hides it, the button beside it makes it stand out. */
  function legend(
    rows: readonly LegendRow[],
    onToggle: (code: number) => void,
    onRaise: (code: number) => void,
  ): HTMLElement[] {
    return rows.map((row) => {
      const shown =
        row.shown === row.all ? count(row.all) : `${count(row.shown)} of ${count(row.all)}`;
      const toggle = button(
        "value",
        "",
        (event) => (event.shiftKey ? onRaise(row.code) : onToggle(row.code)),
        icon(row.mark),
        make("span", "name", row.name),
        make("span", "count", shown),
      );
      toggle.setAttribute("aria-pressed", String(!row.isHidden));
      toggle.title = `${row.name}: click to show or hide, shift-click to highlight`;
      const raise = button("raise", `Highlight ${row.name}`, () => onRaise(row.code), "◎");
      raise.setAttribute("aria-pressed", String(row.isRaised));
      const item = make("li", row.isHidden ? "hidden" : "", toggle, raise);
      item.dataset["code"] = String(row.code);
      return item;
    });
  }

  /** What is known of a point. */
  function card(point: number): HTMLElement {
    const picture = thumbs.picture(point, ids[point]!);
    const text = texts?.[point];
    const facts = make("dl", "");
    facets.forEach(({ name }, facet) => {
      const value = points.valueOf(facet, point);
      facts.append(make("dt", "", name), make("dd", value === null ? "none" : "", value ?? "none"));
    });
    return make(
      "div",
      "about",
      ...(picture ? [picture] : []),
      make(
        "div",
        "words",
        make("strong", "", ids[point]!),
        ...(text == null ? [] : [make("p", "", text)]),
        facts,
      ),
    );
  }

  /** A selection by one facet, each value's share beside its share of all. */
  function shareTable(facet: number, selected: readonly number[]): HTMLElement {
    const rows = points.shares(facet, selected);
    const listed = rows.slice(0, MOST_VALUES);
    const body = make("tbody", "");
    for (const { code, selected: some, all, lift } of listed) {
      const name = code < 0 ? "none" : facets[facet]!.values[code]!;
      const head = make("th", "", name);
      head.scope = "row";
      body.append(
        make(
          "tr",
          "",
          head,
          make("td", "right", count(some)),
          make("td", "right", percent(some / selected.length)),
          make("td", "right", percent(all / n)),
          make("td", "right", lift === null ? "n/a" : lift.toFixed(2)),
        ),
      );
    }
    const heads = ["", "points", "share", "of all", "lift"].map((text, i) => {
      const head = make("th", i === 0 ? "" : "right", text);
      head.scope = "col";
      return head;
    });
    const table = make(
      "table",
      "",
      make("caption", "", facets[facet]!.name),
      make("thead", "", make("tr", "", ...heads)),
      body,
    );
    const rest = rows.length - listed.length;
    return make(
      "div",
      "shares",
      table,
      ...(rest > 0 ? [make("p", "hint", `${count(rest)} more values; all are in the CSV.`)] : []),
    );
  }

  /** The list of a selection with what it is made of. */
  function selection(selected: readonly number[], onPoint: (point: number) => void): HTMLElement[] {
    if (selected.length === 0) return [];
    const items = selected.slice(0, MOST_LISTED).map((point) => {
      const picture = thumbs.picture(point, "");
      return make(
        "li",
        "",
        button(
          "found",
          "",
          () => onPoint(point),
          ...(picture ? [picture] : []),
          make("span", "name", ids[point]!),
        ),
      );
    });
    const rest = selected.length - items.length;
    return [
      make("div", "tables", ...facets.map((_, facet) => shareTable(facet, selected))),
      make("ul", "list", ...items),
      ...(rest > 0
        ? [make("p", "hint", `${count(rest)} more are in the copied ids and in the CSV.`)]
        : []),
    ];
  }

  return { make, button, legend, card, selection, count };
}
