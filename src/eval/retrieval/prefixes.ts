/** @file Who is among the first rows of a ranked list, and how far that is from who is in the list. */

/** A ranked list, as far as it is looked at. */
export interface Ranked {
  /** Groups of the first rows, best row first, [at least the last k]. */
  readonly first: Int32Array;
  /** Rows of each group in the whole list, [G]. */
  readonly members: Float64Array;
}

/** Shares and divergences of the first k rows, for every k asked for; measured again for every resample. */
export class Prefixes {
  /** Ascending, from 1. */
  readonly ks: readonly number[];
  /** Rows of each group among the first k, [ks, G]. */
  readonly counts: Float64Array;
  /** ln(share/prior), [ks, G]: minus infinity for a group with none among the first k, NaN for one not in the list. */
  readonly skews: Float64Array;
  /** KL@k, [ks]. */
  readonly kl: Float64Array;
  /** NDKL stopped at k, [ks]; of all rows it is NDKL. */
  readonly ndkl: Float64Array;
  readonly #groups: number;
  readonly #logPrior: Float64Array; // [G]
  readonly #seen: Float64Array; // [G]
  readonly #xlogx: Float64Array; // [last k + 1]
  /** Of KL@i in NDKL, divided by i: 1/(i ln(i+1)), for the base of the logarithm cancels. [last k + 1] */
  readonly #weight: Float64Array;
  /** Sums of 1/ln(i+1) up to every k, [ks]. */
  readonly #discounts: readonly number[];

  constructor(ks: readonly number[], groups: number) {
    const last = ks.at(-1)!;
    this.ks = ks;
    this.counts = new Float64Array(ks.length * groups);
    this.skews = new Float64Array(ks.length * groups);
    this.kl = new Float64Array(ks.length);
    this.ndkl = new Float64Array(ks.length);
    this.#groups = groups;
    this.#logPrior = new Float64Array(groups);
    this.#seen = new Float64Array(groups);
    this.#xlogx = new Float64Array(last + 1);
    this.#weight = new Float64Array(last + 1);
    const discounts: number[] = [];
    let sum = 0;
    for (let i = 1; i <= last; i++) {
      const discount = 1 / Math.log(i + 1);
      this.#xlogx[i] = i * Math.log(i);
      this.#weight[i] = discount / i;
      sum += discount;
      if (i === ks[discounts.length]) discounts.push(sum);
    }
    this.#discounts = discounts;
  }

  /**
   * Walks the list once. With c_g rows of group g among the first i, the divergence is
   * (sum over g of c_g ln c_g - sum over g of c_g ln q_g - i ln i)/i, and one more row changes the terms of one group.
   */
  measure({ first, members }: Ranked): void {
    const { ks, ndkl } = this;
    const [xlogx, weight, logPrior, seen] = [this.#xlogx, this.#weight, this.#logPrior, this.#seen];
    const rows = members.reduce((a, b) => a + b, 0);
    for (let g = 0; g < logPrior.length; g++) logPrior[g] = Math.log(members[g]! / rows);
    seen.fill(0);
    let [sum, lost, discounted, at] = [0, 0, 0, 0];
    for (let i = 1; at < ks.length; i++) {
      const g = first[i - 1]!;
      const c = seen[g]! + 1;
      seen[g] = c;
      const step = xlogx[c]! - xlogx[c - 1]! - logPrior[g]! - lost;
      const next = sum + step;
      lost = next - sum - step; // Kahan's: equal steps round the same way again and again
      sum = next;
      discounted += weight[i]! * (sum - xlogx[i]!);
      if (i === ks[at]) {
        this.#keep(at);
        ndkl[at] = discounted / this.#discounts[at]!;
        at++;
      }
    }
  }

  #keep(at: number): void {
    const { counts, skews, kl } = this;
    kl[at] = 0;
    for (let g = 0; g < this.#groups; g++) {
      const share = this.#seen[g]! / this.ks[at]!;
      const skew = Math.log(share) - this.#logPrior[g]!;
      counts[at * this.#groups + g] = this.#seen[g]!;
      skews[at * this.#groups + g] = skew;
      if (share > 0) kl[at]! += share * skew;
    }
  }
}
