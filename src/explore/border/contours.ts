/** @file Where on a map the points of each label lie: contours of their density. */
import { contours } from "d3-contour";
import { UsageError } from "../../run/errors.ts";
import { productTransposed } from "../../run/linalg/products.ts";

/** Of one label. */
export interface LabelContours {
  readonly code: number;
  readonly points: number;
  /** From the widest to the narrowest. */
  readonly levels: readonly ContourLevel[];
}

export interface ContourLevel {
  /** Share of the label's estimated density that lies outside. */
  readonly outside: number;
  /** On the contour, per square unit of the map. */
  readonly density: number;
  /** Closed, [corners, 2] each, as of regions. */
  readonly rings: readonly Float32Array[];
}

export interface Contours {
  readonly labels: readonly LabelContours[];
  /** Labels without contours, one line each. */
  readonly notes: readonly string[];
}

/** A density of fewer points is made of their own bumps. */
const LEAST_POINTS = 5;
/** Grid points a side. */
const GRID = 128;
/** Bandwidths that the grid reaches beyond the points. */
const CUT = 3;
/** Share of the density outside of the widest contour. */
const WIDEST = 0.05;
/** Points whose kernels are multiplied at a time. */
const BLOCK = 1024;
/** Of the smaller over the larger variance: below it points lie on a line. */
const FLAT = 1e-9;

/**
 * Contours of a Gaussian kernel density estimate for each label. The kernel is the label's covariance scaled by Scott's
 * factor n^(-1/6), as in scipy's `gaussian_kde` and seaborn's `kdeplot`. A level is a share of the density that lies
 * outside of it; they step evenly from 5% on (seaborn's `levels` counts one more, which encloses nothing). Labels of
 * fewer than 5 points are skipped, and those whose points lie on a line.
 *
 * @param coordinates of a map [n, 2]
 * @param codes label of each point; -1 for none [n]
 * @param labels names of the codes
 */
export function densityContours(
  coordinates: Float64Array,
  codes: Int32Array,
  labels: readonly string[],
  levels = 3,
): Contours {
  if (coordinates.length !== 2 * codes.length)
    throw new UsageError(
      `contours: expected 2 coordinates for each of ${codes.length} rows, received ${coordinates.length} numbers`,
    );
  const notes: string[] = [];
  const found: LabelContours[] = [];
  labels.forEach((label, code) => {
    const points = pointsOf(coordinates, codes, code);
    const n = points.length / 2;
    if (n < LEAST_POINTS) {
      notes.push(
        `no contours of ${label}: ${n} points on the map, and an estimate of density takes ${LEAST_POINTS}`,
      );
      return;
    }
    const frame = whiten(points);
    if (frame) found.push({ code, points: n, levels: contoursOf(frame, n, levels) });
    else notes.push(`no contours of ${label}: its ${n} points lie on a line or in one place`);
  });
  return { labels: found, notes };
}

/** Points with a code, without those that are not on the map. */
function pointsOf(coordinates: Float64Array, codes: Int32Array, code: number): Float64Array {
  const out: number[] = [];
  codes.forEach((of, row) => {
    const [x, y] = [coordinates[2 * row]!, coordinates[2 * row + 1]!];
    if (of === code && Number.isFinite(x) && Number.isFinite(y)) out.push(x, y);
  });
  return Float64Array.from(out);
}

/** Points in axes in which their covariance is the identity: map = mean + (a u, b u + c v). */
interface Whitened {
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly mean: readonly [number, number];
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

function whiten(points: Float64Array): Whitened | null {
  const n = points.length / 2;
  let [mx, my] = [0, 0];
  for (let i = 0; i < n; i++) {
    mx += points[2 * i]! / n;
    my += points[2 * i + 1]! / n;
  }
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [points[2 * i]! - mx, points[2 * i + 1]! - my];
    xx += (dx * dx) / (n - 1);
    xy += (dx * dy) / (n - 1);
    yy += (dy * dy) / (n - 1);
  }
  const half = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  if (!(half - spread > FLAT * (half + spread))) return null;
  const a = Math.sqrt(xx);
  const b = xy / a;
  const c = Math.sqrt(yy - b * b);
  const u = new Float64Array(n);
  const v = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    u[i] = (points[2 * i]! - mx) / a;
    v[i] = (points[2 * i + 1]! - my - b * u[i]!) / c;
  }
  return { u, v, mean: [mx, my], a, b, c };
}

function contoursOf(frame: Whitened, n: number, levels: number): ContourLevel[] {
  const { mean, a, b, c } = frame;
  const bandwidth = n ** (-1 / 6);
  const [columns, rows] = [axisOf(frame.u, bandwidth), axisOf(frame.v, bandwidth)];
  const density = estimate(frame, columns, rows, bandwidth); // [rows, columns]
  const sorted = density.toSorted().reverse();
  const total = sorted.reduce((sum, value) => sum + value, 0);
  const draw = contours().size([GRID, GRID]);
  const values = Array.from(density);
  return Array.from({ length: levels }, (_, level) => {
    const outside = WIDEST + ((1 - WIDEST) * level) / levels;
    let within = 0;
    const threshold = sorted.find((value) => (within += value) >= (1 - outside) * total)!;
    const rings = draw.contour(values, threshold).coordinates.flat();
    return {
      outside,
      density: threshold / (a * c),
      rings: rings.map((ring) => {
        const out = new Float32Array(2 * ring.length);
        ring.toReversed().forEach(([column, row], k) => {
          // d3 has outer rings clockwise, and the value of grid point i at i + 0.5
          const u = columns.start + (column! - 0.5) * columns.step;
          const v = rows.start + (row! - 0.5) * rows.step;
          out[2 * k] = mean[0] + a * u;
          out[2 * k + 1] = mean[1] + b * u + c * v;
        });
        return out;
      }),
    };
  });
}

interface Axis {
  readonly start: number;
  readonly step: number;
}

function axisOf(values: Float64Array, bandwidth: number): Axis {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const start = least - CUT * bandwidth;
  return { start, step: (most + CUT * bandwidth - start) / (GRID - 1) };
}

/**
 * The density on the grid [rows, columns], in whitened axes. There the kernel is a product of one over u and one over v,
 * so that all sums over points are one product of two matrices [grid, points].
 */
function estimate({ u, v }: Whitened, columns: Axis, rows: Axis, bandwidth: number): Float64Array {
  const n = u.length;
  const scale = 1 / (2 * Math.PI * bandwidth * bandwidth * n);
  const density = new Float64Array(GRID * GRID);
  const part = new Float64Array(GRID * GRID);
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    const ofRows = kernels(v.subarray(from, to), rows, bandwidth);
    const ofColumns = kernels(u.subarray(from, to), columns, bandwidth);
    productTransposed(ofRows, GRID, ofColumns, GRID, to - from, part);
    for (let i = 0; i < density.length; i++) density[i]! += scale * part[i]!;
  }
  return density;
}

/** exp(-((grid - point) / bandwidth)^2 / 2), [grid, points] */
function kernels(points: Float64Array, { start, step }: Axis, bandwidth: number): Float64Array {
  const out = new Float64Array(GRID * points.length);
  for (let g = 0, at = 0; g < GRID; g++)
    for (let i = 0; i < points.length; i++, at++) {
      const z = (start + g * step - points[i]!) / bandwidth;
      out[at] = Math.exp(-0.5 * z * z);
    }
  return out;
}
