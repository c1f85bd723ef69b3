/** @file What an embedding method says of itself, and what it fits: erasers, at one strength or another. */
import type { DebiasData, Sides } from "./debiaser.ts";
import { type Eraser, withStrength } from "./eraser.ts";

/** What a fit reads beside the embeddings; `pairs` are made from labels and target where they are not given. */
export type Need = "labels" | "pairs" | "prompts" | "target";

/** Values to try. */
export interface Grid {
  /** 0 identity, 1 removal, 2 reflection. */
  readonly alphas: readonly number[];
  /** Numbers of directions; those beyond what was fitted are left out, and the fit's own number is always tried. */
  readonly ks: readonly number[];
}

/** A method at one strength. */
export interface Variant {
  /** What was set, such as { alpha: 0.5, k: 2 }. */
  readonly setting: Readonly<Record<string, number>>;
  /** In order, on every side that is changed. */
  readonly erasers: readonly Eraser[];
  /** For the text of each class, after `erasers`. [C] */
  readonly classText?: readonly (readonly Eraser[])[];
}

/** A method fitted once, at every strength. */
export interface Fitted {
  /** The strength that the source of the method names, or the fit itself. */
  readonly standard: Variant;
  /** Gentlest first; `standard` is among them unless the grid's alphas leave it out. */
  readonly strengths: (grid?: Grid) => readonly Variant[];
}

/** How several concepts are removed: by one fit for all, or one after the other. */
export type Together = "joint" | "sequential";

export interface FitOptions {
  /** Only `leace` and `mean-difference` know both; prompts are always taken together. */
  readonly together: Together;
  /**
   * Rows that `bendvlm` equalises over: so many most similar ones of each concept class, or null for all rows of the
   * target's class.
   */
  readonly neighbours: number | null;
}

/** One debiasing method. */
export interface DebiasMethod {
  /** What it does, in one line of a report. */
  readonly summary: string;
  /** What a reader of the report must know before trusting it. */
  readonly caveat: string | null;
  readonly needs: readonly Need[];
  /** What it changes unless told otherwise. */
  readonly sides: Sides;
  /** Whether it can change nothing else. */
  readonly fixedSides?: boolean;
  /** @throws {EquiclipError} when the data cannot be fitted */
  readonly fit: (data: DebiasData, options: FitOptions) => Fitted;
}

const DEFAULT_GRID: Grid = { alphas: [0.25, 0.5, 0.75, 1], ks: [1, 2, 3, 5, 10] };

const ascending = (values: readonly number[]): number[] =>
  [...new Set(values)].sort((a, b) => a - b);

/**
 * A chain of one eraser per concept, used more or less: fewer directions first, then smaller alpha. At most `k`
 * directions of each concept; none uses more than it was fitted with before every one does.
 */
function chainStrengths(chain: readonly Eraser[], grid: Grid = DEFAULT_GRID): Variant[] {
  const own = Math.max(...chain.map(({ k }) => k));
  const rank = Math.max(...chain.map(({ share }) => share.length));
  return ascending([...grid.ks.filter((k) => k <= rank), own]).flatMap((k) =>
    ascending(grid.alphas).map((alpha) => ({
      setting: { alpha, k },
      erasers: chain.map((eraser) =>
        withStrength(eraser, { alpha, k: Math.min(k, k <= own ? eraser.k : eraser.share.length) }),
      ),
    })),
  );
}

/** A chain whose strengths are alpha and k. */
export const byAlphaAndK = (chain: readonly Eraser[], grid?: Grid): Fitted => ({
  standard: { setting: { alpha: 1, k: Math.max(...chain.map(({ k }) => k)) }, erasers: chain },
  strengths: (asked = grid) => chainStrengths(chain, asked),
});

/** A chain whose directions belong together: only alpha is a choice. */
export const byAlpha = (chain: readonly Eraser[]): Fitted => ({
  ...byAlphaAndK(chain),
  strengths: ({ alphas } = DEFAULT_GRID) => chainStrengths(chain, { alphas, ks: [] }),
});

/** A method whose source leaves nothing to choose. */
export const asPublished = (variant: Variant): Fitted => ({
  standard: variant,
  strengths: () => [variant],
});
