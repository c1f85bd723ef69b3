/** @file A graph as a list of kernels to run: who reads what, and when each value can be freed. */
import type { Shape } from "../../graph/node.ts";

/** A value of a plan, by position. */
export type Value = number;
type Attribute = string | number | boolean | readonly number[] | readonly (readonly number[])[];
export type Attributes = Readonly<Record<string, Attribute>>;
/** What a kernel reads, by the names that TensorFlow.js gives; `Concat` takes a list. */
export type Inputs = Readonly<Record<string, Value>> | readonly Value[];

interface Call {
  readonly kernel: string;
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly output: Value;
}
export interface Step extends Call {
  /** What no later step reads and no result is. */
  readonly frees: readonly Value[];
}
interface Constant {
  readonly value: Value;
  readonly shape: Shape;
  readonly data: Float32Array;
}
export interface Plan {
  /** How many values there are. */
  readonly size: number;
  readonly feeds: ReadonlyMap<string, Value>;
  readonly constants: readonly Constant[];
  readonly steps: readonly Step[];
  readonly results: ReadonlyMap<string, Value>;
}

const readBy = ({ inputs }: Call): readonly Value[] => Object.values(inputs);

/** Collects calls while a graph is lowered; equal ones are made once. */
export class Planner {
  readonly #feeds = new Map<string, Value>();
  readonly #constants: Constant[] = [];
  readonly #calls: Call[] = [];
  readonly #known = new Map<string, Value>();
  #size = 0;

  #once(key: string, make: (value: Value) => void): Value {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const value = this.#size++;
    this.#known.set(key, value);
    make(value);
    return value;
  }

  feed(name: string): Value {
    return this.#once(`feed ${name}`, (value) => this.#feeds.set(name, value));
  }
  constant(data: readonly number[], shape: Shape = []): Value {
    return this.#once(`constant ${shape.join(" ")}: ${data.join(" ")}`, (value) =>
      this.#constants.push({ value, shape, data: Float32Array.from(data) }),
    );
  }
  /** The result of a kernel of TensorFlow.js. */
  call(kernel: string, inputs: Inputs, attrs: Attributes = {}): Value {
    return this.#once(JSON.stringify([kernel, inputs, attrs]), (output) =>
      this.#calls.push({ kernel, inputs, attrs, output }),
    );
  }

  /** The calls that the results need, each with what can be freed after it. */
  plan(results: ReadonlyMap<string, Value>): Plan {
    const needed = new Set(results.values());
    // what is not to be freed any more, from the end backwards: constants never are
    const read = new Set([...needed, ...this.#constants.map(({ value }) => value)]);
    const steps: Step[] = [];
    for (const call of this.#calls.toReversed()) {
      if (!needed.has(call.output)) continue;
      const frees = new Set(readBy(call).filter((value) => !read.has(value)));
      for (const value of frees) read.add(value);
      for (const value of readBy(call)) needed.add(value);
      steps.push({ ...call, frees: [...frees] });
    }
    return {
      size: this.#size,
      feeds: new Map([...this.#feeds].filter(([, value]) => needed.has(value))),
      constants: this.#constants.filter(({ value }) => needed.has(value)),
      steps: steps.reverse(),
      results,
    };
  }
}
