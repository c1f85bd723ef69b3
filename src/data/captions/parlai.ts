/** @file ParlAI's texts, line by line: its own format of dialogues, and the inferred labels of MDGender. */
import type { CaptionRecord } from "./record.ts";

/**
 * `text:...<tab>labels:ABOUT:male<tab>episode_done:True`, fields in any order; or `...<tab>ABOUT:male<tab>0.93`, a text
 * with its inferred label and score.
 * @returns null for a line that is neither
 */
export function parlaiRecord(line: string): CaptionRecord | null {
  const cells = line.split("\t");
  if (cells.some((cell) => cell.startsWith("text:"))) return fields(cells);
  const [text, label, score, ...more] = cells;
  return score !== undefined && more.length === 0 && /^[A-Z]+:/.test(label!)
    ? { text, labels: label, binary_score: score }
    : null;
}

/** Values escape tabs, newlines and bars; `eval_labels` are those of validation and test. */
function fields(cells: readonly string[]): CaptionRecord {
  const of = Object.fromEntries(
    cells.flatMap((cell) => {
      const at = cell.indexOf(":");
      return at < 0 ? [] : [[cell.slice(0, at).trim(), cell.slice(at + 1).trim()] as const];
    }),
  );
  const text = of["text"]?.replaceAll(/\\[tn]/g, " ").replaceAll("__PIPE__", "|");
  return { text, labels: of["labels"] ?? of["eval_labels"] ?? "" };
}
