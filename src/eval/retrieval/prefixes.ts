/** @file Who is among the first rows of a ranked list, and how far that is from who is in the list. */

/** Shares and divergences of the first k of N rows, for every k asked for; measured again for every resample. */
export class Prefixes {
  /** Ascending, from 1 to N. */
  readonly ks: readonly number[];
  /** Rows of each group in the whole list, [G]. */
  readonly members: Float64Array;
  /** Rows of each group among the first k, [ks, G]. */
  readonly counts: Float64Array;
  /** ln(share/prior), [ks, G]: minus infinity for a group with none among the first k, NaN for one not in the list. */
  readonly skews: Float64Array;
  /** KL@k, [ks]. */
  readonly kl: Float64Array;
  /** Truncated NDKL@k, [ks], then NDKL. */
  readonly ndkl: Float64Array;
  readonly #xlogx: Float64Array; // [N + 1]
  /** Of KL@i in NDKL, divided by i: 1/(i ln(i+1)), for the base of the logarithm cancels. [N + 1] */
  readonly #weight: Float64Array;
  /** Sums of 1/ln(i+1) up to every k, then to N, [ks + 1]. */
  readonly #discounts: readonly number[];
  readonly #logPrior: Float64Array; // [G]
  readonly #seen: Float64Array; // [G]

  constructor(ks: readonly number[], rows: number, groups: number) {
    this.ks = ks;
    this.members = new Float64Array(groups);
    this.counts = new Float64Array(ks.length * groups);
    this.skews = new Float64Array(ks.length * groups);
    this.kl = new Float64Array(ks.length);
    this.ndkl = new Float64Array(ks.length + 1);
    this.#xlogx = new Float64Array(rows + 1);
    this.#weight = new Float64Array(rows + 1);
    const sums: number[] = [];
    let sum = 0;
    for (let i = 1; i <= rows; i++) {
      const discount = 1 / Math.log(i + 1);
      this.#xlogx[i] = i * Math.log(i);
      this.#weight[i] = discount / i;
      sum += discount;
      if (i === ks[sums.length]) sums.push(sum);
    }
    this.#discounts = [...sums, sum];
    this.#logPrior = new Float64Array(groups);
    this.#seen = new Float64Array(groups);
  }

  /**
   * Walks the list once. With c_g rows of group g among the first i, the divergence is
   * (sum over g of c_g ln c_g - sum over g of c_g ln q_g - i ln i)/i, and one more row changes the terms of one group.
   * @param list the groups of the rows, best row first, [N]
   */
  measure(list: Int32Array): void {
    const { ks, members, ndkl } = this;
    const [xlogx, weight, logPrior, seen] = [this.#xlogx, this.#weight, this.#logPrior, this.#seen];
    const discounts = this.#discounts;
    const rows = list.length;
    members.fill(0);
    for (let i = 0; i < rows; i++) members[list[i]!]! += 1;
    for (let g = 0; g < members.length; g++) logPrior[g] = Math.log(members[g]! / rows);
    seen.fill(0);
    let [sum, lost, discounted, at] = [0, 0, 0, 0];
    for (let i = 1; i <= rows; i++) {
      const g = list[i - 1]!;
      const c = seen[g]! + 1;
      seen[g] = c;
      const step = xlogx[c]! - xlogx[c - 1]! - logPrior[g]! - lost;
      const next = sum + step;
      lost = next - sum - step; // Kahan's: equal steps round the same way again and again
      sum = next;
      discounted += weight[i]! * (sum - xlogx[i]!);
      if (i === ks[at]) {
        this.#keep(at);
        ndkl[at] = discounted / discounts[at]!;
        at++;
      }
    }
    ndkl[at] = discounted / discounts[at]!;
  }

  #keep(at: number): void {
    const { counts, skews, kl } = this;
    const groups = this.members.length;
    kl[at] = 0;
    for (let g = 0; g < groups; g++) {
      const share = this.#seen[g]! / this.ks[at]!;
      const skew = Math.log(share) - this.#logPrior[g]!;
      counts[at * groups + g] = this.#seen[g]!;
      skews[at * groups + g] = skew;
      if (share > 0) kl[at]! += share * skew;
    }
  }
}
