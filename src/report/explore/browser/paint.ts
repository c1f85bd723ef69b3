/** @file Drawing a map: layers, points, and over them what is chosen, pinned or under the pointer. */
/// <reference lib="dom" />
import type { Size, View } from "./geometry.ts";
import type { MarkerPath } from "./outline.ts";
import type { Dots, Spots } from "./dots.ts";

/** A layer ready to be drawn. */
export interface Shape {
  readonly rings: readonly Float32Array[];
  readonly colour: string;
  readonly opacity: number;
}

export interface Scene extends Spots {
  readonly view: View;
  readonly shapes: readonly Shape[];
}

export interface Over {
  readonly hovered: number;
  readonly pinned: number;
  /** Points of a selection. */
  readonly selected: readonly number[];
  /** Points that filters leave, when they are few: drawn large and yellow, with names. */
  readonly chosen: readonly number[];
  readonly nameOf: (point: number) => string;
  /** Corners of the line being drawn, [corners, 2]. */
  readonly lasso: readonly number[];
}

/** @returns what draws on two canvases, below and above that of the points */
export function makePaint(
  below: HTMLCanvasElement,
  above: HTMLCanvasElement,
  dots: Dots,
  outline: MarkerPath,
) {
  /** Radius of a point that filters leave, when they are few. */
  const DISC = 8.5;

  const base = below.getContext("2d")!;
  const over = above.getContext("2d")!;
  let size: Size = { width: 1, height: 1 };
  let ratio = 1;

  /** Follows the element and the screen's pixels. */
  function resize(width: number, height: number, density: number): Size {
    size = { width, height };
    ratio = density;
    for (const canvas of [below, dots.canvas, above]) {
      canvas.width = Math.max(1, Math.round(width * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
    }
    return size;
  }

  /** Small where points are many, larger when one looks closer. */
  function radius(n: number, zoom: number): number {
    const far = Math.min(6, Math.max(2, 60 / Math.sqrt(n)));
    return Math.min(9, far * Math.max(1, zoom) ** 0.3);
  }

  function drawShapes(shapes: readonly Shape[], view: View): void {
    const { width, height } = size;
    base.save();
    base.scale(ratio, ratio);
    base.lineJoin = "round";
    for (const { rings, colour, opacity } of shapes) {
      const path = new Path2D();
      for (const ring of rings) {
        for (let i = 0; i < ring.length; i += 2) {
          const x = width / 2 + (ring[i]! - view.x) * view.scale;
          const y = height / 2 - (ring[i + 1]! - view.y) * view.scale;
          if (i === 0) path.moveTo(x, y);
          else path.lineTo(x, y);
        }
        path.closePath();
      }
      base.globalAlpha = opacity;
      base.fillStyle = colour;
      // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas, not an array
      base.fill(path, "nonzero");
      base.globalAlpha = Math.min(1, 2 * opacity);
      base.strokeStyle = colour;
      base.stroke(path);
    }
    base.restore();
  }

  /** @param zoom how much nearer than the whole map */
  function draw(scene: Scene, zoom: number): void {
    base.clearRect(0, 0, below.width, below.height);
    drawShapes(scene.shapes, scene.view);
    dots.draw(scene, radius(scene.levels.length, zoom), ratio);
  }

  interface Box {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  }
  const isOver = (a: Box, b: Box): boolean =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  /** Names beside their points, where one finds room among points and names. */
  function drawNames(spots: readonly { x: number; y: number; name: string }[]): void {
    const taken = spots.map(({ x, y }): Box => boxAt(x, y, 2 * DISC, 2 * DISC));
    over.textAlign = "center";
    over.textBaseline = "middle";
    over.lineWidth = 3;
    for (const { x, y, name } of spots) {
      const width = over.measureText(name).width;
      const aside = DISC + 4 + width / 2;
      const place = [
        [aside, 0],
        [-aside, 0],
        [0, -DISC - 9],
        [0, DISC + 9],
      ]
        .map(([dx, dy]) => ({ x: x + dx!, y: y + dy!, box: boxAt(x + dx!, y + dy!, width, 15) }))
        .find(
          ({ box }) =>
            box.left >= 0 && box.right <= size.width && taken.every((other) => !isOver(box, other)),
        );
      if (!place) continue;
      taken.push(place.box);
      over.strokeText(name, place.x, place.y);
      over.fillText(name, place.x, place.y);
    }
  }

  const boxAt = (x: number, y: number, width: number, height: number): Box => ({
    left: x - width / 2,
    right: x + width / 2,
    top: y - height / 2,
    bottom: y + height / 2,
  });

  function drawChosen(scene: Scene, { chosen, nameOf }: Over, ink: string, paper: string): void {
    const { pixels, looks, marks } = scene;
    const spots = chosen.map((i) => ({
      x: pixels[2 * i]!,
      y: pixels[2 * i + 1]!,
      mark: marks[looks[i]!]!,
      name: nameOf(i),
    }));
    for (const { x, y, mark } of spots) {
      over.beginPath();
      over.arc(x, y, DISC, 0, 2 * Math.PI);
      over.fillStyle = "#ffd60a";
      over.fill();
      over.strokeStyle = "#000000";
      over.lineWidth = 1.75;
      over.stroke();
      over.fillStyle = mark.colour;
      over.fill(outline(mark, x, y, 3.75));
    }
    over.font = "12px system-ui, sans-serif";
    over.fillStyle = ink;
    over.strokeStyle = paper;
    drawNames(spots);
  }

  /** @param ink of lines and names; @param paper behind names; @param accent of the selection */
  function drawOver(
    scene: Scene,
    what: Over,
    zoom: number,
    ink: string,
    paper: string,
    accent: string,
  ): void {
    const { pixels, levels } = scene;
    over.clearRect(0, 0, above.width, above.height);
    over.save();
    over.scale(ratio, ratio);
    const r = radius(levels.length, zoom) + 1.5;
    over.lineWidth = 1.5;
    over.strokeStyle = accent;
    over.beginPath();
    for (const i of what.selected) {
      if (levels[i] === 0) continue;
      over.moveTo(pixels[2 * i]! + r, pixels[2 * i + 1]!);
      over.arc(pixels[2 * i]!, pixels[2 * i + 1]!, r, 0, 2 * Math.PI);
    }
    over.stroke();
    drawChosen(scene, what, ink, paper);
    over.strokeStyle = ink;
    for (const [i, wide] of [
      [what.hovered, 1.5],
      [what.pinned, 3],
    ] as const) {
      if (i < 0 || !Number.isFinite(pixels[2 * i]!)) continue;
      over.lineWidth = wide;
      over.beginPath();
      over.arc(pixels[2 * i]!, pixels[2 * i + 1]!, r + 3, 0, 2 * Math.PI);
      over.stroke();
    }
    if (what.lasso.length >= 4) {
      over.beginPath();
      for (let i = 0; i < what.lasso.length; i += 2)
        over.lineTo(what.lasso[i]!, what.lasso[i + 1]!);
      over.closePath();
      over.lineWidth = 1.5;
      over.setLineDash([5, 4]);
      over.strokeStyle = accent;
      over.stroke();
      over.globalAlpha = 0.12;
      over.fillStyle = accent;
      over.fill("evenodd");
    }
    over.restore();
  }

  return { resize, draw, drawOver };
}
