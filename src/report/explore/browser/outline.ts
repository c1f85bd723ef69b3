/** @file The shapes of markers. */
/// <reference lib="dom" />
import type { Mark } from "../colours.ts";

/** @returns the outline of a marker around (x, y), as an SVG path; its area is about that of a circle of radius r */
export function makeOutline() {
  /** Corners at angles of equal steps from the top, at these distances in turn. */
  const around = (x: number, y: number, corners: number, reaches: readonly number[]): string => {
    const points = Array.from({ length: corners }, (_, i) => {
      const angle = (2 * Math.PI * i) / corners - Math.PI / 2;
      const reach = reaches[i % reaches.length]!;
      return `${(x + reach * Math.cos(angle)).toFixed(2)} ${(y + reach * Math.sin(angle)).toFixed(2)}`;
    });
    return `M${points.join("L")}Z`;
  };
  const box = (x: number, y: number, wide: number, tall: number): string =>
    `M${x - wide} ${y - tall}h${2 * wide}v${2 * tall}h${-2 * wide}Z`;

  return function outline({ marker }: Pick<Mark, "marker">, x: number, y: number, r: number) {
    if (marker === "circle")
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    if (marker === "square") return box(x, y, 0.886 * r, 0.886 * r);
    if (marker === "triangle") return around(x, y + 0.2 * r, 3, [1.5 * r]);
    if (marker === "diamond") return around(x, y, 4, [1.3 * r]);
    if (marker === "cross") return box(x, y, 0.4 * r, 1.15 * r) + box(x, y, 1.15 * r, 0.4 * r);
    return around(x, y, 10, [1.5 * r, 0.65 * r]);
  };
}

/** The same as a path of the browser's. */
export type MarkerPath = (mark: Pick<Mark, "marker">, x: number, y: number, r: number) => Path2D;
