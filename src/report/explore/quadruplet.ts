/** @file The four pictures of an activity side by side: neutral, young, middle, older, each with its values above. */
import { decimal } from "../format.ts";
import { type Picture, type Tile, type Words, drawTiles } from "./tiles.ts";

export interface QuadrupletPanel {
  /** Such as "young". */
  readonly name: string;
  readonly picture: Picture;
  /** Similarity to the neutral picture or prompt in each space; the neutral one has none. */
  readonly values: readonly {
    readonly name: string;
    readonly value: number | null;
  }[];
}

const SIDE = 260;
const GAP = 16;
const MARGIN = 20;
const TITLE = 34;
const LINE = 17;

/** The lines above a panel: its name, then one a value with three decimals, "n/a" where it is undefined. */
export const panelLines = ({ name, values }: QuadrupletPanel): readonly string[] => [
  name,
  ...values.map(({ name: of, value }) => `${of}: ${value === null ? "n/a" : decimal(value)}`),
];

/** The figure as PNG. A picture that is missing or cannot be read is an empty panel that says so. */
export async function quadrupletFigure(
  title: string,
  panels: readonly QuadrupletPanel[],
): Promise<Buffer> {
  const lines = panels.map(panelLines);
  const head = LINE * Math.max(1, ...lines.map(({ length }) => length)) + 8;
  const width = 2 * MARGIN + panels.length * SIDE + Math.max(0, panels.length - 1) * GAP;
  const top = MARGIN + TITLE + head;
  const leftOf = (panel: number): number => MARGIN + panel * (SIDE + GAP);
  const words: Words[] = [
    { text: title, x: MARGIN, y: MARGIN + 17, size: 18, isBold: true, width: width - 2 * MARGIN },
    ...lines.flatMap((all, panel) =>
      all.map((text, i): Words => ({
        text,
        x: leftOf(panel),
        y: MARGIN + TITLE + LINE * i + 13,
        size: 13,
        isBold: i === 0,
        isMuted: i > 0,
        width: SIDE,
      })),
    ),
  ];
  const tiles = panels.map(({ picture }, panel): Tile => ({ picture, left: leftOf(panel), top }));
  return drawTiles({ width, height: top + SIDE + MARGIN }, SIDE, tiles, words);
}
