/** @file The shape of every layer's result, and the checks that layers fit each other. */
import type { Shape } from "../../graph/node.ts";
import { UsageError } from "../../run/errors.ts";
import type { CnnConfig, Head, Trunk } from "./config.ts";
import { type Layer, type LayerKind, type LayerOf, type Padding, withInner } from "./layers.ts";

/** A layer where it stands. Shapes are of one image: [C, H, W] or [D]. */
export interface Placed {
  readonly layer: Layer;
  readonly from: Shape;
  readonly to: Shape;
  /** Of a residual: its two ways; empty for others. */
  readonly body: readonly Placed[];
  readonly shortcut: readonly Placed[];
}
export interface PlacedCnn {
  readonly trunk: readonly Placed[];
  readonly heads: Readonly<Record<string, readonly Placed[]>>;
}

interface Windowed {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly dilation?: number;
}

/** Zeros before and after an axis of `size`: of "same", the odd one comes after, as TensorFlow has it. */
function padsOf({ kernel, stride, padding, dilation = 1 }: Windowed, size: number) {
  if (padding === "valid") return [0, 0] as const;
  if (padding !== "same") return [padding, padding] as const;
  const reach = dilation * (kernel - 1) + 1;
  const whole = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  return [Math.floor(whole / 2), Math.ceil(whole / 2)] as const;
}

/** [top, left, bottom, right] around an image. */
export function paddingAround(
  slide: Windowed,
  height: number,
  width: number,
): readonly [top: number, left: number, bottom: number, right: number] {
  const [top, bottom] = padsOf(slide, height);
  const [left, right] = padsOf(slide, width);
  return [top, left, bottom, right];
}

function windows(slide: Windowed, size: number): number {
  const [before, after] = padsOf(slide, size);
  const reach = (slide.dilation ?? 1) * (slide.kernel - 1) + 1;
  return Math.floor((size + before + after - reach) / slide.stride) + 1;
}

/** Why a layer cannot stand where it does. */
class Misfit extends Error {
  readonly tooSmall: boolean;
  constructor(message: string, tooSmall = false) {
    super(message);
    this.tooSmall = tooSmall;
  }
}

export const showSize = (shape: Shape): string => shape.toSpliced(0, 1).concat(shape[0]!).join("x");

function slid(slide: Windowed, shape: Shape, channels: number): Shape {
  const [, height, width] = image(shape);
  const to = [channels, windows(slide, height), windows(slide, width)];
  if (to[1]! < 1 || to[2]! < 1)
    throw new Misfit(
      `a window of ${slide.kernel} x ${slide.kernel} leaves nothing of ${height} x ${width}`,
      true,
    );
  return to;
}
function image(shape: Shape): readonly [channels: number, height: number, width: number] {
  const [channels, height, width] = shape;
  if (height === undefined || width === undefined)
    throw new Misfit(`expected an image, received a vector of ${channels}`);
  return [channels!, height, width];
}

/** The shape that a layer gives for one that it is given. */
type Rule<K extends LayerKind> = (layer: LayerOf<K>, from: Shape) => Shape;

const pooled = (layer: LayerOf<"maxPool" | "avgPool">, from: Shape): Shape => {
  // a window in the padding alone has no largest value
  if (typeof layer.padding === "number" && layer.padding * 2 > layer.kernel)
    throw new Misfit(
      `expected a padding of at most half of its kernel ${layer.kernel}, received ${layer.padding}`,
    );
  return slid(layer, from, from[0]!);
};

const RULES: { readonly [K in LayerKind]: Rule<K> } = {
  conv: (layer, from) => {
    const [channels] = image(from);
    const { groups, filters } = layer;
    if (channels % groups !== 0 || filters % groups !== 0)
      throw new Misfit(
        `expected groups to divide ${channels} channels and ${filters} filters, received ${groups}`,
      );
    return slid(layer, from, filters);
  },
  batchNorm: (_, from) => from,
  groupNorm: ({ groups }, from) => {
    if (from[0]! % groups !== 0)
      throw new Misfit(`expected groups to divide ${from[0]} channels, received ${groups}`);
    return from;
  },
  relu: (_, from) => from,
  maxPool: pooled,
  avgPool: pooled,
  globalAvgPool: (_, from) => [image(from)[0]],
  flatten: (_, from) => [from.reduce((product, d) => product * d, 1)],
  dense: ({ units }, from) => {
    if (from.length !== 1)
      throw new Misfit(`expected a vector, received ${showSize(from)}; flatten or pool it first`);
    return [units];
  },
  dropout: (_, from) => from,
  residual: ({ body, shortcut }, from) => {
    const [a, b] = [body, shortcut].map((layers) => place(layers, from).at(-1)?.to ?? from);
    if (showSize(a!) !== showSize(b!))
      throw new Misfit(`its body gives ${showSize(a!)}, expected its shortcut's ${showSize(b!)}`);
    return a!;
  },
};
const shapeAfter = <K extends LayerKind>(layer: LayerOf<K>, from: Shape): Shape =>
  (RULES[layer.kind as K] as Rule<K>)(layer, from);

/** Names the layer that does not fit, once. */
function placeOne(layer: Layer, from: Shape): Placed {
  const inner = layer.kind === "residual" ? layer : { body: [], shortcut: [] };
  const [body, shortcut] = [place(inner.body, from), place(inner.shortcut, from)];
  try {
    return { layer, from, to: shapeAfter(layer, from), body, shortcut };
  } catch (thrown) {
    if (!(thrown instanceof Misfit)) throw thrown;
    throw new Misfit(`${layer.kind} "${layer.name}": ${thrown.message}`, thrown.tooSmall);
  }
}

/** Layers one after the other. */
function place(layers: readonly Layer[], from: Shape): readonly Placed[] {
  const placed: Placed[] = [];
  for (const layer of layers) placed.push(placeOne(layer, placed.at(-1)?.to ?? from));
  return placed;
}

/** What an output's last layer must have: units, and whether it is a number. */
const UNITS: {
  readonly [O in Head["output"]]: { readonly one: boolean; readonly number: boolean };
} = {
  softmax: { one: false, number: false },
  sigmoid: { one: true, number: false },
  "sigmoid-each": { one: false, number: false },
  "one-neuron-softmax": { one: true, number: false },
  linear: { one: true, number: true },
  relu: { one: true, number: true },
};
/** Whether a head tells a number, not a class. */
const isNumber = ({ output }: Head): boolean => UNITS[output].number;
/** Classes that a head tells apart; null where it tells a number. */
export function classesOf(head: Head): number | null {
  if (isNumber(head)) return null;
  return UNITS[head.output].one ? 2 : unitsOf(head);
}
/** Numbers that a head's last layer gives. */
function unitsOf({ layers }: Head): number {
  const last = layers.at(-1);
  return last?.kind === "dense" ? last.units : 0;
}

function checkHead(name: string, head: Head): void {
  const units = unitsOf(head);
  const { one, number } = UNITS[head.output];
  if (units === 0) throw new Misfit(`head "${name}": expected its last layer to be dense`);
  if (one ? units !== 1 : units < 2)
    throw new Misfit(
      `head "${name}": expected ${one ? "one unit" : "two units or more"} for ${head.output}, received ${units}`,
    );
  if (number !== (head.number !== null))
    throw new Misfit(
      `head "${name}": expected ${number ? "a" : "no"} code of its number, its output is ${head.output}`,
    );
}

/** `heads`: none in front of something else than heads. */
type Placeable = Trunk & Partial<Pick<CnnConfig, "heads">>;

/** Every layer, those inside residuals too. */
export const layersOf = ({ trunk, heads = {} }: Placeable): readonly Layer[] =>
  [trunk, ...Object.values(heads).map(({ layers }) => layers)].flat().flatMap(withInner);

function checkNames(config: Placeable): void {
  const seen = new Set<string>();
  for (const { name } of layersOf(config)) {
    if (seen.has(name)) throw new Misfit(`expected names that differ, two layers are "${name}"`);
    seen.add(name);
  }
  const { heads } = config;
  if (heads && Object.keys(heads).length === 0) throw new Misfit("expected a head, received none");
}

function placed(config: Placeable, size: number): PlacedCnn {
  const input = [config.input.channels, size, size];
  const trunk = place(config.trunk, input);
  const features = trunk.at(-1)?.to ?? input;
  const heads = Object.entries(config.heads ?? {}).map(([name, head]) => {
    checkHead(name, head);
    return [name, place(head.layers, features)] as const;
  });
  return { trunk, heads: Object.fromEntries(heads) };
}

const LARGEST_TRIED = 1024;

/** The smallest size at which every window finds something; null where layers do not fit each other then. */
function smallestSize(config: Placeable): number | null {
  for (let size = config.input.size + 1; size <= LARGEST_TRIED; size++)
    try {
      placed(config, size);
      return size;
    } catch (thrown) {
      if (!(thrown instanceof Misfit)) throw thrown;
      if (!thrown.tooSmall) return null;
    }
  return null;
}

/**
 * Every layer with the shapes that it is given and gives.
 * @param where names the model in errors. Throws UsageError naming the layer that does not fit, and for images that are
 * too small the smallest size that is not.
 */
export const placeCnn = (config: CnnConfig, where = `cnn:${config.architecture}`): PlacedCnn =>
  checked(config, where);

/** The same of layers without a head. */
export const placeTrunk = (trunk: Trunk, where = "a trunk"): readonly Placed[] =>
  checked(trunk, where).trunk;

function checked(config: Placeable, where: string): PlacedCnn {
  const { size } = config.input;
  try {
    checkNames(config);
    return placed(config, size);
  } catch (thrown) {
    if (!(thrown instanceof Misfit)) throw thrown;
    const smallest = thrown.tooSmall ? smallestSize(config) : null;
    const advice = smallest ? `; use images of ${smallest} x ${smallest} pixels or more` : "";
    throw new UsageError(
      `${where}, images of ${size} x ${size}: ${thrown.message}${advice || "; correct its layers"}`,
    );
  }
}
