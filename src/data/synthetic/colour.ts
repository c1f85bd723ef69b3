/** @file Colours as hue, saturation and lightness. */

/** Hue in degrees, saturation and lightness 0 to 1. */
export interface Colour {
  readonly h: number;
  readonly s: number;
  readonly l: number;
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** `#rrggbb`, by the CSS Color 4 formula. */
export function hex({ h, s, l }: Colour): string {
  const [saturation, lightness] = [clamp(s), clamp(l)];
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number): string => {
    const k = (((n + h / 30) % 12) + 12) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

/** The colour made lighter (positive) or darker, and optionally more or less saturated. */
export const shade = ({ h, s, l }: Colour, lighter: number, richer = 0): Colour => ({
  h,
  s: s + richer,
  l: l + lighter,
});
