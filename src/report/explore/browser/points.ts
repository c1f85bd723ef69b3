/** @file What is known of the points: which are shown, what a selection is made of, where a text occurs. */
import type { PageData } from "./data.ts";

/** What the reader asks to see. */
export interface Asked {
  /** The facet that gives colours; -1 for none. */
  readonly colour: number;
  /** Its values that were switched off; -1 stands for points without a value. */
  readonly hidden: ReadonlySet<number>;
  /** Its value that stands out; null for none. */
  readonly raised: number | null;
  /** The value of each facet that is left, null for all. */
  readonly filters: readonly (number | null)[];
  /** What filters leave out is drawn faintly, instead of not at all. */
  readonly isFaint: boolean;
}

export interface Share {
  /** Of the facet; -1 for points without a value. */
  readonly code: number;
  readonly selected: number;
  readonly all: number;
  /** Share in the selection over share of all; null where there is none of either. */
  readonly lift: number | null;
}

/** @returns functions over the page's points */
export function makePoints({ n, ids, texts, facets }: PageData, codes: readonly Int32Array[]) {
  const HIDDEN = 0;
  const FAINT = 1;
  const SHOWN = 2;

  const codeOf = (facet: number, point: number): number => codes[facet]?.[point] ?? -1;

  const passes = ({ filters }: Asked, point: number): boolean =>
    filters.every((code, facet) => code === null || codes[facet]![point] === code);

  /** 0 hidden, 1 faint, 2 shown, of each point. */
  function levels(asked: Asked, out: Uint8Array): void {
    for (let point = 0; point < n; point++) {
      const code = codeOf(asked.colour, point);
      const isLeft = passes(asked, point);
      if (asked.hidden.has(code) || (!isLeft && !asked.isFaint)) out[point] = HIDDEN;
      else if (!isLeft || (asked.raised !== null && asked.raised !== code)) out[point] = FAINT;
      else out[point] = SHOWN;
    }
  }

  /** Points of each value of a facet, those without one last; of all, or of those that may be. */
  function counts(facet: number, may: (point: number) => boolean = () => true): Int32Array {
    const size = facets[facet]?.values.length ?? 0;
    const out = new Int32Array(size + 1);
    for (let point = 0; point < n; point++) {
      if (!may(point)) continue;
      const code = codeOf(facet, point);
      out[code < 0 ? size : code]!++;
    }
    return out;
  }

  /** A selection by the values of a facet, most points first. */
  function shares(facet: number, selected: readonly number[]): Share[] {
    const all = counts(facet);
    const last = all.length - 1;
    const within = new Int32Array(all.length);
    for (const point of selected) {
      const code = codeOf(facet, point);
      within[code < 0 ? last : code]!++;
    }
    return Array.from(all, (rows, i) => ({
      code: i === last ? -1 : i,
      selected: within[i]!,
      all: rows,
      lift: rows === 0 || selected.length === 0 ? null : within[i]! / selected.length / (rows / n),
    }))
      .filter((of) => of.selected > 0 || of.all > 0)
      .sort((a, b) => b.selected - a.selected || a.code - b.code);
  }

  /** Points whose id or text holds `query`, whatever its case. */
  function search(query: string): number[] {
    const wanted = query.trim().toLocaleLowerCase();
    if (wanted === "") return [];
    const holds = (text: string | null | undefined): boolean =>
      text?.toLocaleLowerCase().includes(wanted) ?? false;
    return ids.flatMap((id, point) => (holds(id) || holds(texts?.[point]) ? [point] : []));
  }

  const valueOf = (facet: number, point: number): string | null =>
    facets[facet]!.values[codeOf(facet, point)] ?? null;

  /** Comma-separated, with a head (RFC 4180). */
  function csv(selected: readonly number[]): string {
    const cell = (text: string): string =>
      /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const head = ["id", ...(texts ? ["text"] : []), ...facets.map(({ name }) => name)];
    const rows = selected.map((point) => [
      ids[point]!,
      ...(texts ? [texts[point] ?? ""] : []),
      ...facets.map((_, facet) => valueOf(facet, point) ?? ""),
    ]);
    return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
  }

  return { levels, counts, shares, search, valueOf, codeOf, csv };
}

export type Points = ReturnType<typeof makePoints>;
