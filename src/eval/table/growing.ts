/** @file Typed arrays that grow as values come. */

interface Numbers {
  [index: number]: number;
  readonly length: number;
}

/** Doubles its room when it is full, so that pushing n values costs O(n) and at most twice the memory. */
export class Growing<A extends Int32Array | Float64Array> {
  readonly #make: (length: number) => A;
  #values: A & Numbers;
  #length = 0;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#values = make(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = this.#make(2 * this.#length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** What was pushed, without a copy. */
  get values(): A {
    return this.#values.subarray(0, this.#length) as A;
  }
}
