/** @file Names beside the points of a chart: none over another name or a point. */

/** A point and its name; pixels. */
export interface Named {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Where a name stands: the middle of its height, and its start, middle or end. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "middle" | "end";
  /** So far from its point that a line must lead there. */
  readonly far: boolean;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const LABEL_HEIGHT = 14;
/** Half the side of the square that a point takes. */
const POINT = 6;
/** From the middle of a point to the nearest end of a name. */
const GAP = 9;
const NEAR = 20;

/** Places around a point, nearest first. */
const PLACES = [...Array(23).keys()]
  .flatMap((i) => {
    const dy = (i - 11) * LABEL_HEIGHT;
    return [
      { dx: GAP, dy, anchor: "start" as const },
      { dx: -GAP, dy, anchor: "end" as const },
      ...(dy === 0 ? [] : [{ dx: 0, dy, anchor: "middle" as const }]),
      { dx: 5 * GAP, dy, anchor: "start" as const },
      { dx: -5 * GAP, dy, anchor: "end" as const },
    ];
  })
  .toSorted((a, b) => Math.hypot(a.dx, a.dy) - Math.hypot(b.dx, b.dy));

const boxOf = ({ x, y, anchor }: Omit<Placed, "far">, width: number): Box => {
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - LABEL_HEIGHT / 2, bottom: y + LABEL_HEIGHT / 2 };
};

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

const within = (a: Box, b: Box): boolean =>
  a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;

/**
 * The nearest free place of each name, in the order given; null for a name that finds none (of more than about thirty
 * at one place), which a table must tell.
 * @param area that names must keep to
 */
export function placeLabels(points: readonly Named[], area: Box): (Placed | null)[] {
  const taken: Box[] = points.map(({ x, y }) => ({
    left: x - POINT,
    right: x + POINT,
    top: y - POINT,
    bottom: y + POINT,
  }));
  return points.map(({ x, y, width }) => {
    for (const { dx, dy, anchor } of PLACES) {
      const at = { x: x + dx, y: y + dy, anchor };
      const box = boxOf(at, width);
      if (!within(box, area) || taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      return { ...at, far: Math.hypot(dx, dy) > NEAR };
    }
    return null;
  });
}
