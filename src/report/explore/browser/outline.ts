/** @file The shapes of markers. */
/// <reference lib="dom" />
import type { Mark } from "../colours.ts";

/** @returns the outline of a marker around (x, y) whose area is about that of a circle of radius r */
export function makeOutline() {
  const STAR = 10;

  /** A path of straight lines through points around (x, y). */
  function polygon(to: Path2D, corners: readonly (readonly [number, number])[]): void {
    corners.forEach(([x, y], i) => (i === 0 ? to.moveTo(x, y) : to.lineTo(x, y)));
    to.closePath();
  }

  return function outline({ marker }: Mark, x: number, y: number, r: number): Path2D {
    const path = new Path2D();
    const a = r * 0.886;
    const arm = r * 0.4;
    const far = r * 1.1;
    if (marker === "circle") path.arc(x, y, r, 0, 2 * Math.PI);
    else if (marker === "square") path.rect(x - a, y - a, 2 * a, 2 * a);
    else if (marker === "triangle")
      polygon(path, [
        [x, y - 1.35 * r],
        [x + 1.2 * r, y + 0.8 * r],
        [x - 1.2 * r, y + 0.8 * r],
      ]);
    else if (marker === "diamond")
      polygon(path, [
        [x, y - 1.3 * r],
        [x + 1.2 * r, y],
        [x, y + 1.3 * r],
        [x - 1.2 * r, y],
      ]);
    else if (marker === "cross") {
      path.rect(x - arm, y - far, 2 * arm, 2 * far);
      path.rect(x - far, y - arm, 2 * far, 2 * arm);
    } else
      polygon(
        path,
        Array.from({ length: STAR }, (_, i) => {
          const reach = i % 2 === 0 ? 1.5 * r : 0.6 * r;
          const angle = (i * 2 * Math.PI) / STAR - Math.PI / 2;
          return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)] as const;
        }),
      );
    return path;
  };
}

export type Outline = ReturnType<typeof makeOutline>;
