/** @file Outlines of the cells of a grid that have one label. */

/** Labels of cells [rows, columns]; the first row is the lowest. */
export interface LabelGrid {
  readonly labels: Int32Array;
  readonly columns: number;
  readonly rows: number;
}

/** East, north, west, south: a quarter turn to the left each. */
const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/**
 * Closed rings around the cells with a label, in units of cells from the lower left corner of the grid. The cells lie to the
 * left, so outer rings run counter-clockwise and holes clockwise; cells that touch at a corner have rings of their own.
 * Corners only, the last one the first; they are whole numbers.
 */
export function ringsOf({ labels, columns, rows }: LabelGrid, label: number): number[][] {
  const width = columns + 1;
  const leaving = new Uint8Array(width * (rows + 1)); // a bit for each direction that a side of a cell goes from here
  const is = (column: number, row: number): boolean =>
    column >= 0 &&
    row >= 0 &&
    column < columns &&
    row < rows &&
    labels[row * columns + column] === label;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      if (labels[row * columns + column] !== label) continue;
      const corner = row * width + column;
      if (!is(column, row - 1)) leaving[corner]! |= 1;
      if (!is(column + 1, row)) leaving[corner + 1]! |= 2;
      if (!is(column, row + 1)) leaving[corner + width + 1]! |= 4;
      if (!is(column - 1, row)) leaving[corner + width]! |= 8;
    }

  const rings: number[][] = [];
  for (let start = 0; start < leaving.length; start++)
    while (leaving[start] !== 0) rings.push(trace(leaving, width, start));
  return rings;
}

/** Follows sides from a corner until it is back, and takes them away. */
function trace(leaving: Uint8Array, width: number, start: number): number[] {
  const ring: number[] = [];
  let at = start;
  let heading = -1;
  do {
    const left = (heading + 1) % 4;
    // where two cells touch at a corner, to the left: along the same cell
    const next = heading >= 0 && leaving[at]! & (1 << left) ? left : 31 - Math.clz32(leaving[at]!);
    if (next !== heading) ring.push(at % width, Math.floor(at / width));
    leaving[at]! &= ~(1 << next);
    heading = next;
    const [dx, dy] = STEPS[heading]!;
    at += dy * width + dx;
  } while (at !== start); // the lowest and leftmost of its ring: it is passed once
  ring.push(ring[0]!, ring[1]!);
  return ring;
}
