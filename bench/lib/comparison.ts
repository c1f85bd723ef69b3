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
  /** An empty folder, removed afterwards. */
  readonly scratch: string;
  /** Says on stderr what is going on. */
  readonly progress: (text: string) => void;
}

export interface Findings {
  readonly lines: readonly Line[];
  readonly claims: readonly Claim[];
  /** Of the libraries compared, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** One thing measured on both sides, or on ours alone; one number per round. */
export interface Line {
  readonly what: string;
  readonly unit: "s" | "MiB";
  readonly ours: readonly number[];
  readonly peer: readonly number[] | null;
}

/** Something that must be so, with the numbers that show it. */
export interface Claim {
  readonly text: string;
  readonly holds: boolean;
}
