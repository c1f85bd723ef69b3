/** @file What a comparison with another library is, and what it finds. */

export interface Comparison {
  readonly title: string;
  /** The library that equiclip stands beside. */
  readonly peer: string;
  run(bench: Bench): Promise<Findings>;
}

/** The clock on the wall; or processor time, which on a machine that others use is the steadier of the two. */
export type Clock = "wall" | "cpu";

/** What every comparison is given. */
export interface Bench {
  /** How many times each side is measured. */
  readonly rounds: number;
  readonly clock: Clock;
  /** Show that it works, on less: the numbers mean little. */
  readonly quick: boolean;
  /** Which part of the work of comparisons that take many minutes is done, above 0 to 1. */
  readonly part: number;
  /** An empty folder, removed afterwards. */
  readonly scratch: string;
  /** Says on stderr what is going on. */
  readonly progress: (text: string) => void;
}

export interface Findings {
  readonly lines: readonly Line[];
  readonly claims: readonly Claim[];
  /** What else there is to say, a sentence each. */
  readonly notes?: readonly string[];
  /** Of the libraries compared, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** One thing measured on both sides, or on ours alone; one number per round. */
export interface Line {
  readonly what: string;
  /** What of the peer it stands beside, where the peer's name does not say it. */
  readonly beside?: string;
  readonly unit: "s" | "MiB";
  readonly ours: readonly number[];
  readonly peer: readonly number[] | null;
  readonly target?: Target;
}

/** How many times as much the peer should take, or how much ours may take. */
export type Target = { readonly ratio: number } | { readonly atMost: number };

/** Something that must be so, with the numbers that show it. */
export interface Claim {
  readonly text: string;
  readonly holds: boolean;
}
