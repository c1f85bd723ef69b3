/** @file Points as pixels: tens of thousands a frame, with or without a graphics card. */
/// <reference lib="dom" />
import type { Mark } from "../colours.ts";
import type { MarkerPath } from "./outline.ts";

export interface Spots {
  /** Where points are, [n, 2]; CSS pixels. */
  readonly pixels: Float32Array;
  /** 0 hidden, 1 faint, 2 shown. [n] */
  readonly levels: Uint8Array;
  /** Index into marks, of each point. */
  readonly looks: Int32Array;
  readonly marks: readonly Mark[];
}

/** @returns what draws points on a canvas of their own */
export function makeDots(canvas: HTMLCanvasElement, outline: MarkerPath) {
  const FAINT = 0.1;
  const OPACITY = 0.75;

  const context = canvas.getContext("2d")!;
  let kept = { marks: [] as readonly Mark[], side: 0, r: 0, stamps: [] as Uint8ClampedArray[] };

  /** RGBA of each marker, [side, side, 4]. */
  function stampsOf(marks: readonly Mark[], r: number, ratio: number, side: number) {
    if (kept.marks === marks && kept.side === side && kept.r === r) return kept.stamps;
    const stamp = document.createElement("canvas");
    stamp.width = side;
    stamp.height = side;
    const pen = stamp.getContext("2d", { willReadFrequently: true })!;
    pen.scale(ratio, ratio);
    const stamps = marks.map((mark) => {
      pen.clearRect(0, 0, side, side);
      pen.fillStyle = mark.colour;
      pen.fill(outline(mark, side / ratio / 2, side / ratio / 2, r));
      return pen.getImageData(0, 0, side, side).data;
    });
    kept = { marks, side, r, stamps };
    return stamps;
  }

  /** In an order that is mixed, but the same every time: no group lies over another because its rows come later. */
  function stride(n: number): number {
    const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
    let step = Math.max(1, Math.round(n * 0.618));
    while (divisor(step, n) !== 1) step++;
    return step;
  }

  /** One marker over what is there: source over destination, colours not multiplied by alpha. */
  function put(
    image: ImageData,
    stamp: Uint8ClampedArray,
    side: number,
    x: number,
    y: number,
    opacity: number,
  ): void {
    const { data, width, height } = image;
    const [left, right] = [Math.max(0, -x), Math.min(side, width - x)];
    const [top, bottom] = [Math.max(0, -y), Math.min(side, height - y)];
    for (let row = top; row < bottom; row++) {
      let from = 4 * (row * side + left);
      let to = 4 * ((y + row) * width + x + left);
      for (let column = left; column < right; column++, from += 4, to += 4) {
        const cover = stamp[from + 3]! * opacity; // 0 to 255
        if (cover === 0) continue;
        const under = data[to + 3]! * (1 - cover / 255);
        const both = cover + under;
        const share = cover / both;
        data[to] = data[to]! + (stamp[from]! - data[to]!) * share;
        data[to + 1] = data[to + 1]! + (stamp[from + 1]! - data[to + 1]!) * share;
        data[to + 2] = data[to + 2]! + (stamp[from + 2]! - data[to + 2]!) * share;
        data[to + 3] = both;
      }
    }
  }

  /** Faint points below the others. @param r radius in CSS pixels; @param ratio pixels of the screen in one of them */
  function draw({ pixels, levels, looks, marks }: Spots, r: number, ratio: number): void {
    const n = levels.length;
    const side = Math.ceil(2 * (1.6 * r + 1) * ratio);
    const stamps = stampsOf(marks, r, ratio, side);
    const step = stride(n);
    const { width, height } = canvas;
    const image = new ImageData(width, height);
    for (const [level, opacity] of [
      [1, FAINT],
      [2, OPACITY],
    ] as const)
      for (let k = 0, i = 0; k < n; k++, i = (i + step) % n) {
        if (levels[i] !== level) continue;
        const x = Math.round(pixels[2 * i]! * ratio - side / 2);
        const y = Math.round(pixels[2 * i + 1]! * ratio - side / 2);
        if (x > -side && x < width && y > -side && y < height)
          put(image, stamps[looks[i]!]!, side, x, y, opacity);
      }
    context.putImageData(image, 0, 0);
  }

  return { canvas, draw };
}

export type Dots = ReturnType<typeof makeDots>;
