/** @file Connected components (union-find). */

/** Groups of 0..size-1 that grow by joining; path halving, union by size. */
export class Components {
  readonly #parent: Int32Array;
  readonly #size: Int32Array;

  constructor(size: number) {
    this.#parent = Int32Array.from({ length: size }, (_, i) => i);
    this.#size = new Int32Array(size).fill(1);
  }

  /** The representative of `i`'s group. */
  find(i: number): number {
    const parent = this.#parent;
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  }

  join(i: number, j: number): void {
    const [a, b] = [this.find(i), this.find(j)];
    if (a === b) return;
    const [small, large] = this.#size[a]! < this.#size[b]! ? [a, b] : [b, a];
    this.#parent[small] = large;
    this.#size[large]! += this.#size[small]!;
  }

  /** Groups of two or more, members ascending, in the order of their first member. */
  groups(): number[][] {
    const members = new Map<number, number[]>();
    this.#parent.forEach((_, i) => {
      const root = this.find(i);
      const group = members.get(root);
      if (group) group.push(i);
      else members.set(root, [i]);
    });
    return [...members.values()].filter((group) => group.length > 1);
  }
}
