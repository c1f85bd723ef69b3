/** @file Where points are on the screen, and which of them is meant. Functions of this folder run in the page: they use nothing but their arguments. */

/** What is seen of a map: the point in the middle, and pixels per unit, the same along both axes. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** @returns functions of coordinates [n, 2]; a NaN point is nowhere */
export function makeGeometry() {
  const MARGIN = 28;

  /** Everything in view, with a margin. */
  function fit(coordinates: Float32Array, { width, height }: Size): View {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < coordinates.length; i += 2) {
      const x = coordinates[i]!;
      const y = coordinates[i + 1]!;
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < low) low = y;
      if (y > high) high = y;
    }
    if (left > right) return { x: 0, y: 0, scale: 1 };
    const wide = Math.max(1, width - 2 * MARGIN) / (right - left);
    const tall = Math.max(1, height - 2 * MARGIN) / (high - low);
    const scale = Math.min(wide, tall);
    return {
      x: (left + right) / 2,
      y: (low + high) / 2,
      scale: Number.isFinite(scale) ? scale : 1,
    };
  }

  /** Pixels of every point, in place of `out`. [n, 2] */
  function project(coordinates: Float32Array, view: View, size: Size, out: Float32Array): void {
    const { x, y, scale } = view;
    const [right, down] = [size.width / 2, size.height / 2];
    for (let i = 0; i < coordinates.length; i += 2) {
      out[i] = right + (coordinates[i]! - x) * scale;
      out[i + 1] = down - (coordinates[i + 1]! - y) * scale;
    }
  }

  /** Nearer or further, with the point under (px, py) where it was. */
  function zoomAt(view: View, size: Size, px: number, py: number, factor: number): View {
    const [dx, dy] = [px - size.width / 2, py - size.height / 2];
    const scale = view.scale * factor;
    const shift = 1 / view.scale - 1 / scale;
    return { x: view.x + dx * shift, y: view.y - dy * shift, scale };
  }

  const moved = (view: View, dx: number, dy: number): View => ({
    ...view,
    x: view.x - dx / view.scale,
    y: view.y + dy / view.scale,
  });

  /** The point nearest to (px, py) of those that may be; -1 where none is within `reach` pixels. */
  function nearest(
    pixels: Float32Array,
    px: number,
    py: number,
    reach: number,
    may: (point: number) => boolean,
  ): number {
    let found = -1;
    let least = reach * reach;
    for (let i = 0; i < pixels.length; i += 2) {
      const dx = pixels[i]! - px;
      const dy = pixels[i + 1]! - py;
      const distance = dx * dx + dy * dy;
      if (distance <= least && may(i / 2)) [found, least] = [i / 2, distance];
    }
    return found;
  }

  /** Whether a closed line goes round a point an odd number of times. @param ring [corners, 2] */
  function isInside(ring: ArrayLike<number>, px: number, py: number): boolean {
    let inside = false;
    const n = ring.length;
    for (let i = 0, j = n - 2; i < n; j = i, i += 2) {
      const [xi, yi, xj, yj] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
      if (yi > py !== yj > py && px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  }

  return { fit, project, zoomAt, moved, nearest, isInside };
}
