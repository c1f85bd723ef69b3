/** @file Which known name an unknown one was probably meant to be. */

/** Edit distance (Wagner and Fischer). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length]!;
}

/** Of a short name, changing half of it is another name. */
const mostEdits = (name: string): number => Math.min(3, Math.ceil(name.length / 2));

/** The known name that is at most three edits from `name`, whatever the case; undefined when there is none. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const to = (other: string): number => distance(other.toLowerCase(), name.toLowerCase());
  const best = known.toSorted((a, b) => to(a) - to(b))[0];
  return best !== undefined && to(best) <= mostEdits(name) ? best : undefined;
}
