/** @file A picture of a cluster: the images nearest to its centre, and some at random. */
import type { Clustering } from "../../explore/cluster/clustering.ts";
import { random } from "../../run/random.ts";
import { type Picture, type Tile, type Words, drawTiles } from "./tiles.ts";

export interface SheetRows {
  /** Rows, nearest first. */
  readonly nearest: readonly number[];
  /** Rows, drawn from those that are not among the nearest. */
  readonly random: readonly number[];
}

/**
 * The rows of a cluster that its contact sheet shows; fewer where the cluster has fewer. Equal distances are in the order
 * of rows. Of noise (-1) none are nearest: all are drawn at random.
 */
export function sheetRows(
  { labels, distances }: Pick<Clustering, "labels" | "distances">,
  cluster: number,
  counts: { readonly nearest: number; readonly random: number },
  seed: number,
): SheetRows {
  const members: number[] = [];
  labels.forEach((label, row) => {
    if (label === cluster) members.push(row);
  });
  const nearest =
    cluster < 0
      ? []
      : members.toSorted((a, b) => distances[a]! - distances[b]! || a - b).slice(0, counts.nearest);
  const taken = new Set(nearest);
  const rest = members.filter((row) => !taken.has(row));
  return {
    nearest,
    random: random(seed, "contact sheet", cluster)
      .shuffle(rest)
      .slice(0, counts.random)
      .sort((a, b) => a - b),
  };
}

export interface SheetTile {
  readonly picture: Picture;
  /** Below the picture: its name, or how near it lies. */
  readonly label: string;
}

export interface SheetPart {
  /** Such as "Nearest to the centre". */
  readonly title: string;
  readonly tiles: readonly SheetTile[];
}

const SIDE = 128;
const GAP = 10;
const MARGIN = 18;
const LABEL = 18;
const HEAD = 30;
const COLUMNS = 8;

/**
 * The contact sheet as PNG: a caption, then each part with its tiles in rows of eight. Pictures keep their shape; one that
 * is missing or cannot be read is an empty tile that says so.
 */
export async function contactSheet(caption: string, parts: readonly SheetPart[]): Promise<Buffer> {
  const shown = parts.filter(({ tiles }) => tiles.length > 0);
  const columns = Math.min(COLUMNS, Math.max(4, ...shown.map(({ tiles }) => tiles.length)));
  const width = 2 * MARGIN + columns * SIDE + (columns - 1) * GAP;
  const room = width - 2 * MARGIN;
  const words: Words[] = [
    { text: caption, x: MARGIN, y: MARGIN + 16, size: 17, isBold: true, width: room },
  ];
  const tiles: Tile[] = [];
  let y = MARGIN + 28;
  for (const part of shown) {
    words.push({ text: part.title, x: MARGIN, y: y + 19, size: 13, isMuted: true, width: room });
    y += HEAD;
    part.tiles.forEach(({ picture, label }, i) => {
      const left = MARGIN + (i % columns) * (SIDE + GAP);
      const top = y + Math.floor(i / columns) * (SIDE + LABEL + GAP);
      tiles.push({ picture, left, top });
      words.push({
        text: label,
        x: left,
        y: top + SIDE + 13,
        size: 11,
        isMuted: true,
        width: SIDE,
      });
    });
    y += Math.ceil(part.tiles.length / columns) * (SIDE + LABEL + GAP);
  }
  return drawTiles({ width, height: Math.ceil(y + MARGIN) }, SIDE, tiles, words);
}
