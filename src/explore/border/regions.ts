/** @file Decision regions: which label a classifier gives to every place of a map. */
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { UsageError } from "../../run/errors.ts";
import { type LabelGrid, ringsOf } from "./rings.ts";

/** Where one label is predicted. */
export interface Region {
  readonly code: number;
  /** Closed, [corners, 2] each: outer rings counter-clockwise, holes clockwise; the last corner is the first. */
  readonly rings: readonly Float32Array[];
}

export interface Regions {
  /** By code; labels that are predicted nowhere have none. Together they cover the grid, once. */
  readonly regions: readonly Region[];
  /** Side of a cell of the grid, in units of the map. */
  readonly step: number;
  /** What was not done as asked, one line each. */
  readonly notes: readonly string[];
}

export interface RegionOptions {
  /** How far the grid reaches beyond the points, in units of the map; by default a twentieth of their longer side. */
  readonly margin?: number;
  /** Side of a cell; by default a thousandth of the points' longer side. Cut to `MOST_CELLS` cells a side. */
  readonly step?: number;
}

/** Cells a side, of some two pixels of a chart. */
const MOST_CELLS = 400;
/** Cells a side of the blocks that are looked at first. */
const BLOCK = 8;
/** How often a cell is halved for a point on the other side of the border. */
const HALVINGS = 10;

/**
 * Regions on a grid of square cells, each of which has the label that is predicted at its centre. A cell in which points
 * are predicted otherwise is cut into quarters until each lies in its own label: the region under every point is its
 * prediction. Blocks of 8 x 8 cells are looked into, by halves, only where a border may pass: where labels of centres
 * differ from neighbours', or from those of points in them.
 *
 * @param coordinates of points on a map [n, 2], all finite
 * @param predict label of each of m points [m, 2]
 */
export function decisionRegions(
  coordinates: Float64Array,
  predict: (points: Embeddings) => Int32Array,
  options: RegionOptions = {},
): Regions {
  const n = coordinates.length / 2;
  if (n < 1) throw new UsageError("regions: expected points on a map, received none");
  const asked = frameOf(coordinates, options);
  const { frame } = asked;
  const at = (points: readonly number[]): Int32Array =>
    predict({ x: Float64Array.from(points), n: points.length / 2, d: 2 });

  const predicted = predict({ x: coordinates, n, d: 2 });
  const cells = Int32Array.from(predicted, (_, i) => cellAt(frame, coordinates, i));
  const grid = labelCells(frame, at, predicted, cells);
  const patches = cutCells(frame, grid, at, { coordinates, predicted, cells });

  const codes = [...new Set([...grid.labels, ...patches.map(({ to }) => to)])].sort(
    (a, b) => a - b,
  );
  const regions = codes.map((code) => {
    const rings = ringsOf(grid, code).map((ring) =>
      Float32Array.from(ring, (value, k) => frame.origin[k % 2 === 0 ? 0 : 1] + value * frame.step),
    );
    for (const { x, y, side, from, to } of patches) {
      const square = [x, y, x + side, y, x + side, y + side, x, y + side, x, y];
      if (to === code) rings.push(Float32Array.from(square));
      if (from === code) rings.push(Float32Array.from(reversed(square)));
    }
    return { code, rings };
  });
  return { regions, step: frame.step, notes: asked.notes };
}

interface Frame {
  /** Of the lower left corner. */
  readonly origin: readonly [number, number];
  readonly step: number;
  readonly columns: number;
  readonly rows: number;
}

function frameOf(
  coordinates: Float64Array,
  { margin, step }: RegionOptions,
): { readonly frame: Frame; readonly notes: readonly string[] } {
  const least = [Infinity, Infinity];
  const most = [-Infinity, -Infinity];
  coordinates.forEach((value, k) => {
    least[k % 2] = Math.min(least[k % 2]!, value);
    most[k % 2] = Math.max(most[k % 2]!, value);
  });
  const longer = Math.max(most[0]! - least[0]!, most[1]! - least[1]!) || 1;
  const around = margin ?? longer / 20;
  const sides = [0, 1].map((axis) => most[axis]! - least[axis]! + 2 * around);
  const finest = Math.max(...sides) / MOST_CELLS;
  const wanted = step ?? longer / 1000;
  const used = Math.max(wanted, finest);
  const [columns, rows] = sides.map((side) => Math.max(1, Math.ceil(side / used - 1e-9)));
  return {
    frame: {
      origin: [least[0]! - around, least[1]! - around],
      step: used,
      columns: columns!,
      rows: rows!,
    },
    notes:
      step !== undefined && used > step
        ? [
            `decision regions on a grid of step ${used.toPrecision(3)} in place of ${step}: ${MOST_CELLS} cells a side`,
          ]
        : [],
  };
}

function cellAt({ origin, step, columns, rows }: Frame, coordinates: Float64Array, i: number) {
  const place = (axis: 0 | 1, cells: number): number =>
    Math.min(
      cells - 1,
      Math.max(0, Math.floor((coordinates[2 * i + axis]! - origin[axis]) / step)),
    );
  return place(1, rows) * columns + place(0, columns);
}

type At = (points: readonly number[]) => Int32Array;

/** The label of every cell: asked for by blocks, and again for quarters of them wherever a border may pass. */
function labelCells(frame: Frame, at: At, predicted: Int32Array, cells: Int32Array): LabelGrid {
  const { origin, step, columns, rows } = frame;
  const labels = new Int32Array(columns * rows);
  /** Asks for the label at the centre of each square of `side` cells, and gives it to all of them. */
  const ask = (corners: readonly number[], side: number): void => {
    const found = at(
      corners.flatMap((corner) => [
        origin[0] + ((corner % columns) + side / 2) * step,
        origin[1] + (Math.floor(corner / columns) + side / 2) * step,
      ]),
    );
    corners.forEach((corner, k) => {
      const [left, bottom] = [corner % columns, Math.floor(corner / columns)];
      for (let row = bottom; row < Math.min(rows, bottom + side); row++)
        labels.fill(
          found[k]!,
          row * columns + left,
          row * columns + Math.min(columns, left + side),
        );
    });
  };
  /** Whether labels differ in a square or from cells around it. */
  const isMixed = (corner: number, side: number): boolean => {
    const [left, bottom] = [corner % columns, Math.floor(corner / columns)];
    const [right, top] = [Math.min(columns, left + side + 1), Math.min(rows, bottom + side + 1)];
    for (let row = Math.max(0, bottom - 1); row < top; row++)
      for (let column = Math.max(0, left - 1); column < right; column++)
        if (labels[row * columns + column] !== labels[corner]) return true;
    return false;
  };
  const squares = (left: number, bottom: number, size: number, side: number): number[] => {
    const out: number[] = [];
    for (let row = bottom; row < Math.min(rows, bottom + size); row += side)
      for (let column = left; column < Math.min(columns, left + size); column += side)
        out.push(row * columns + column);
    return out;
  };
  const quarters = (corner: number, side: number): number[] =>
    squares(corner % columns, Math.floor(corner / columns), side, side / 2);
  const cornerOf = (cell: number, side: number): number => {
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    return (row - (row % side)) * columns + column - (column % side);
  };

  ask(squares(0, 0, Math.max(columns, rows), BLOCK), BLOCK);
  for (let side = BLOCK; side > 1; side /= 2) {
    const closed = new Set(squares(0, 0, Math.max(columns, rows), side));
    let open = new Set([...closed].filter((corner) => isMixed(corner, side)));
    cells.forEach((cell, i) => labels[cell] !== predicted[i] && open.add(cornerOf(cell, side)));
    while (open.size > 0) {
      ask(
        [...open].flatMap((corner) => quarters(corner, side)),
        side / 2,
      );
      for (const corner of open) closed.delete(corner);
      // a border that leaves a square goes on in the next one
      open = new Set([...closed].filter((corner) => isMixed(corner, side)));
    }
  }
  return { labels, columns, rows };
}

interface Points {
  readonly coordinates: Float64Array;
  readonly predicted: Int32Array;
  readonly cells: Int32Array;
}

/** A square of a cell that has another label than the cell. */
interface Patch {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly from: number;
  readonly to: number;
}

/** Squares around points that are predicted otherwise than their cell. */
function cutCells(
  { origin, step, columns }: Frame,
  { labels }: LabelGrid,
  at: At,
  { coordinates, predicted, cells }: Points,
): Patch[] {
  interface Part {
    readonly x: number;
    readonly y: number;
    readonly side: number;
    readonly from: number;
    readonly points: readonly number[];
  }
  const inCell = new Map<number, number[]>();
  const isOff = new Set<number>();
  cells.forEach((cell, i) => predicted[i] !== labels[cell] && isOff.add(cell));
  for (const cell of isOff) inCell.set(cell, []);
  cells.forEach((cell, i) => inCell.get(cell)?.push(i));
  let open: Part[] = [...inCell].map(([cell, points]) => ({
    x: origin[0] + (cell % columns) * step,
    y: origin[1] + Math.floor(cell / columns) * step,
    side: step,
    from: labels[cell]!,
    points,
  }));
  const patches: Patch[] = [];
  for (let halving = 1; open.length > 0; halving++) {
    const quarters = open.flatMap(({ x, y, side, from, points }) => {
      const half = side / 2;
      const quarterOf = (i: number): number =>
        (coordinates[2 * i]! >= x + half ? 1 : 0) + (coordinates[2 * i + 1]! >= y + half ? 2 : 0);
      return [0, 1, 2, 3].map((q) => ({
        x: x + (q % 2) * half,
        y: y + (q >> 1) * half,
        side: half,
        from,
        points: points.filter((i) => quarterOf(i) === q),
      }));
    });
    const found = at(quarters.flatMap(({ x, y, side }) => [x + side / 2, y + side / 2]));
    open = quarters.filter(({ points, ...part }, q) => {
      const mixed = points.some((i) => predicted[i] !== found[q]);
      if (mixed && halving < HALVINGS) return true;
      // points that cannot be parted: the label of the first
      const to = mixed ? predicted[points[0]!]! : found[q]!;
      if (to !== part.from) patches.push({ ...part, to });
      return false;
    });
  }
  return patches;
}

/** Corners in the other order. */
function reversed(ring: readonly number[]): number[] {
  const out: number[] = [];
  for (let k = ring.length - 2; k >= 0; k -= 2) out.push(ring[k]!, ring[k + 1]!);
  return out;
}
