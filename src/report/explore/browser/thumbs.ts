/** @file Thumbnails out of their sheets, each decoded when it is first looked at. */
/// <reference lib="dom" />
import type { SheetData } from "./data.ts";

/** @returns what draws a point's picture; null where the page holds none */
export function makeThumbs(sheets: SheetData | null, slots: Int32Array) {
  const images = new Map<number, Promise<HTMLImageElement>>();

  function sheet(index: number): Promise<HTMLImageElement> {
    const open = images.get(index);
    if (open) return open;
    const image = new Image();
    image.src = `data:image/jpeg;base64,${document.getElementById(`x-sheet-${index}`)!.textContent}`;
    const loaded = image.decode().then(() => image);
    images.set(index, loaded);
    return loaded;
  }

  const has = (point: number): boolean => (slots[point] ?? -1) >= 0;

  /** The point's picture; null where it has none. */
  function picture(point: number, name: string): HTMLCanvasElement | null {
    const slot = slots[point] ?? -1;
    if (sheets === null || slot < 0) return null;
    const { side, columns, rows } = sheets;
    const canvas = document.createElement("canvas");
    canvas.width = side;
    canvas.height = side;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", name);
    const each = columns * rows;
    const at = slot % each;
    const draw = async (): Promise<void> => {
      const image = await sheet(Math.floor(slot / each));
      const [x, y] = [(at % columns) * side, Math.floor(at / columns) * side];
      canvas.getContext("2d")!.drawImage(image, x, y, side, side, 0, 0, side, side);
      canvas.dataset["drawn"] = "yes";
    };
    void draw();
    return canvas;
  }

  return { has, picture };
}

export type Thumbs = ReturnType<typeof makeThumbs>;
