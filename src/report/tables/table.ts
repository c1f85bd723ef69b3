/** @file A table as a value: written once, printed as HTML, Markdown and on the terminal. */

/** How a cell is to be read; every form shows it by more than colour. */
export type Tone = "better" | "worse" | "unclear" | "met" | "broken" | "muted" | "strong";

export interface Cell {
  readonly text: string;
  /** What belongs to the text but matters less: interval, numerator and denominator. */
  readonly detail?: string;
  readonly tone?: Tone;
}

export interface Column {
  readonly head: string;
  readonly align: "left" | "right";
}

export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said below the table, one line each. */
  readonly notes: readonly string[];
}

export const left = (head: string): Column => ({ head, align: "left" });
export const right = (head: string): Column => ({ head, align: "right" });

export const cell = (text: string, detail?: string, tone?: Tone): Cell => ({
  text,
  ...(detail ? { detail } : {}),
  ...(tone ? { tone } : {}),
});

/** Marks that say a tone without colour; ASCII where the terminal has nothing else. */
export const MARKS: Readonly<Record<Tone, { unicode: string; ascii: string }>> = {
  better: { unicode: "▲ ", ascii: "+ " },
  worse: { unicode: "▼ ", ascii: "! " },
  unclear: { unicode: "○ ", ascii: "? " },
  met: { unicode: "✓ ", ascii: "" },
  broken: { unicode: "✗ ", ascii: "! " },
  muted: { unicode: "", ascii: "" },
  strong: { unicode: "", ascii: "" },
};
