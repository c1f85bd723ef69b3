/** @file The size of a JPEG from its first bytes: asking libvips would take a third as long again as decoding. */

interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour, 4 inks. */
  readonly components: number;
}

const START_OF_IMAGE = 0xffd8;
/** Frame headers are markers C0 to CF but for these: tables, an extension, arithmetic conditioning. */
const NOT_FRAMES: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && !NOT_FRAMES.has(marker);

/** The header of an 8-bit JPEG; null for anything else, and where the file is not plainly laid out. */
export function jpegHeader(bytes: Uint8Array): JpegHeader | null {
  const word = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
  if (bytes.length < 4 || word(0) !== START_OF_IMAGE) return null;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + word(at + 2)) {
    if (!isFrame(bytes[at + 1]!)) continue;
    const components = bytes[at + 9]!;
    return bytes[at + 4] === 8 ? { height: word(at + 5), width: word(at + 7), components } : null;
  }
  return null;
}
