/** @file The architectures: the four of the study, its 48-pixel one, a small modern one, ResNet-18. */
import type { Compat } from "./compat.ts";
import type { Head, InitScheme, NumberCode, Output } from "./config.ts";
import {
  type Layer,
  batchNorm,
  conv,
  dense,
  dropout,
  flatten,
  globalAvgPool,
  maxPool,
  relu,
  residual,
} from "./layers.ts";

/** What a head is to tell: one of so many classes, or a number. */
export type HeadTarget =
  | { readonly kind: "classes"; readonly classes: number }
  | { readonly kind: "number"; readonly code: NumberCode };

export const classes = (count: number): HeadTarget => ({ kind: "classes", classes: count });
/** A number that is learnt divided by a constant. */
export const number = (by: number): HeadTarget => ({
  kind: "number",
  code: { code: "divided", by },
});
export const ageGroups: HeadTarget = { kind: "number", code: { code: "age-groups" } };

/** The oldest age of UTKFace. */
const OLDEST = 116;

export interface Architecture {
  /** In a line, for lists. */
  readonly about: string;
  readonly size: number;
  readonly channels: 1 | 3;
  readonly init: InitScheme;
  /** Pixels are divided by 255, then normalised: not at all, to -1..1, or by ImageNet's statistics. */
  readonly pixels: "unit" | "signed" | "imagenet";
  /** What it tells where nothing else is asked for, in the order of its outputs. */
  readonly heads: Readonly<Record<string, HeadTarget>>;
  readonly compat: readonly Compat[];
  /** The network whose published ImageNet weights have the names of this trunk. */
  readonly published?: string;
  readonly trunk: readonly Layer[];
  /** Layers and output of a head. @param only whether there is no other */
  readonly head: (
    name: string,
    target: HeadTarget,
    compat: readonly Compat[],
    only: boolean,
  ) => Head;
}

/** Dense layers with ReLU, each with dropout behind it where a rate is given. */
const stack = (head: string, units: readonly number[], rate = 0): Layer[] =>
  units.flatMap((count, i) => [
    dense(`${head}.dense${i + 1}`, count),
    relu(`${head}.relu${i + 1}`),
    ...(rate > 0 ? [dropout(`${head}.dropout${i + 1}`, rate)] : []),
  ]);

/** A head whose last layer gives what its output needs. */
function ending(
  layers: readonly Layer[],
  last: string,
  target: HeadTarget,
  { ofTwo, ofNumber }: { readonly ofTwo: Output; readonly ofNumber: "linear" | "relu" },
): Head {
  if (target.kind === "number")
    return { layers: [...layers, dense(last, 1)], output: ofNumber, number: target.code };
  const output = target.classes === 2 ? ofTwo : "softmax";
  const one = output === "sigmoid" || output === "one-neuron-softmax";
  return { layers: [...layers, dense(last, one ? 1 : target.classes)], output, number: null };
}

const ward: Architecture = {
  about: "Ward: three convolutions, gender; 200 pixels, colour",
  size: 200,
  channels: 3,
  init: "keras",
  pixels: "unit",
  heads: { gender: classes(2) },
  compat: ["raw-pixels-at-prediction"],
  trunk: [
    ...[32, 64, 128].flatMap((filters, i) => [
      conv(`conv${i + 1}`, filters, 3),
      relu(`relu${i + 1}`),
      maxPool(`pool${i + 1}`),
    ]),
    flatten("flatten"),
    dense("dense1", 64),
    relu("relu4"),
    dropout("dropout1", 0.5),
  ],
  head: (name, target) =>
    ending([], `${name}.output`, target, { ofTwo: "sigmoid", ofNumber: "linear" }),
};

/** VGG-16 without its dense layers (Simonyan and Zisserman 2015), numbered as torchvision's `features`. */
function vgg16(): Layer[] {
  const blocks = [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ];
  let index = 0;
  const next = (): string => `features.${index++}`;
  return blocks.flatMap((filters) => [
    ...filters.flatMap((count) => [conv(next(), count, 3, { padding: 1 }), relu(next())]),
    maxPool(next()),
  ]);
}

const serawan: Architecture = {
  about: "Serawan: VGG-16's convolutions, age, race and gender; 96 pixels, colour",
  size: 96,
  channels: 3,
  init: "keras",
  pixels: "unit",
  heads: { age: number(OLDEST), race: classes(5), gender: classes(2) },
  compat: ["one-neuron-softmax", "raw-age"],
  published: "torchvision's vgg16",
  trunk: [...vgg16(), flatten("flatten")],
  head: (name, target, compat) =>
    ending(
      stack(name, target.kind === "number" ? [256, 256] : [128, 64]),
      `${name}.output`,
      target.kind === "number" && compat.includes("raw-age") ? number(1) : target,
      {
        ofTwo: compat.includes("one-neuron-softmax") ? "one-neuron-softmax" : "softmax",
        ofNumber: "linear",
      },
    ),
};

/** Convolutions with a penalty, dropout before the ReLU, and pooling. */
const regularized = (filters: readonly number[]): Layer[] =>
  filters.flatMap((count, i) => [
    conv(`conv${i + 1}`, count, 3, { padding: "same", l2: 0.001 }),
    dropout(`dropout${i + 1}`, 0.1),
    relu(`relu${i + 1}`),
    maxPool(`pool${i + 1}`),
  ]);

const tripathi: Architecture = {
  about: "Tripathi: four convolutions with L2 penalty, gender; 100 pixels, grey",
  size: 100,
  channels: 1,
  init: "keras",
  pixels: "unit",
  heads: { gender: classes(2) },
  compat: ["sigmoid-each", "raw-pixels"],
  trunk: [
    ...regularized([32, 64, 128, 256]),
    flatten("flatten"),
    dense("dense1", 128),
    relu("relu5"),
    dropout("dropout5", 0.2),
  ],
  head: (name, target, compat) => {
    const head = ending([], `${name}.output`, target, { ofTwo: "softmax", ofNumber: "linear" });
    const each = compat.includes("sigmoid-each") && head.output === "softmax";
    return each ? { ...head, output: "sigmoid-each" } : head;
  },
};

const aghav: Architecture = {
  about: "Aghav: three convolutions, age group and gender; 64 pixels, grey",
  size: 64,
  channels: 1,
  init: "keras",
  pixels: "unit",
  heads: { age: ageGroups, gender: classes(2) },
  compat: [],
  trunk: [
    conv("conv1", 32, 3),
    relu("relu1"),
    conv("conv2", 64, 3),
    relu("relu2"),
    maxPool("pool1"),
    conv("conv3", 128, 3),
    relu("relu3"),
    maxPool("pool2"),
    dropout("dropout1", 0.25),
    flatten("flatten"),
  ],
  head: (name, target) =>
    ending(
      stack(name, target.kind === "number" ? [128, 64, 32] : [128, 64, 32, 16, 8], 0.5),
      `${name}.output`,
      target,
      { ofTwo: "sigmoid", ofNumber: "relu" },
    ),
};

const plain48: Architecture = {
  about: "the study's spare network: four convolutions with L2 penalty, age and gender; 48 pixels",
  size: 48,
  channels: 3,
  init: "keras",
  pixels: "unit",
  heads: { gender: classes(2), age: number(OLDEST) },
  compat: [],
  trunk: [...regularized([32, 64, 128, 256]), flatten("flatten")],
  head: (name, target) =>
    ending(stack(name, [64]), `${name}.output`, target, { ofTwo: "sigmoid", ofNumber: "relu" }),
};

const normalized = (index: number, filters: number): Layer[] => [
  conv(`conv${index}`, filters, 3, { padding: 1, bias: false }),
  batchNorm(`bn${index}`),
  relu(`relu${index}`),
];

const small: Architecture = {
  about: "five convolutions with batch norm: small, modern and quick; 48 pixels, colour",
  size: 48,
  channels: 3,
  init: "pytorch",
  pixels: "signed",
  heads: { gender: classes(2) },
  compat: [],
  trunk: [
    ...[32, 64, 128, 256].flatMap((filters, i) => [
      ...normalized(i + 1, filters),
      maxPool(`pool${i + 1}`),
    ]),
    ...normalized(5, 256),
    globalAvgPool("pool5"),
  ],
  head: (name, target) =>
    ending([], `${name}.output`, target, { ofTwo: "softmax", ofNumber: "linear" }),
};

/** torchvision's `BasicBlock`; the ReLU behind it has the block's name. */
function basicBlock(name: string, filters: number, stride: number, widened: boolean): Layer[] {
  const conv3 = (index: number, step: number) =>
    conv(`${name}.conv${index}`, filters, 3, { stride: step, padding: 1, bias: false });
  const body = [
    conv3(1, stride),
    batchNorm(`${name}.bn1`),
    relu(`${name}.relu`),
    conv3(2, 1),
    batchNorm(`${name}.bn2`),
  ];
  const shortcut = [
    conv(`${name}.downsample.0`, filters, 1, { stride, bias: false }),
    batchNorm(`${name}.downsample.1`),
  ];
  return [residual(`${name}.sum`, body, widened ? shortcut : []), relu(name)];
}

const blocks = (): Layer[] =>
  [64, 128, 256, 512].flatMap((filters, i) => [
    ...basicBlock(`layer${i + 1}.0`, filters, i === 0 ? 1 : 2, i > 0),
    ...basicBlock(`layer${i + 1}.1`, filters, 1, false),
  ]);

/** He et al. 2016, as torchvision has it. */
const resnet18: Architecture = {
  about: "ResNet-18 with torchvision's names: 7x7 stem of stride 4 in all; 224 pixels, colour",
  size: 224,
  channels: 3,
  init: "torchvision",
  pixels: "imagenet",
  heads: { gender: classes(2) },
  compat: [],
  published: "torchvision's resnet18",
  trunk: [
    conv("conv1", 64, 7, { stride: 2, padding: 3, bias: false }),
    batchNorm("bn1"),
    relu("relu"),
    maxPool("maxpool", 3, 2, 1),
    ...blocks(),
    globalAvgPool("avgpool"),
  ],
  head: (name, target, _compat, only) =>
    ending([], only ? "fc" : `fc.${name}`, target, { ofTwo: "softmax", ofNumber: "linear" }),
};

/** For small images, where the published stem leaves too little: as in He et al.'s networks for CIFAR. */
const { published: _, ...ownStem } = resnet18;
const resnet18Small: Architecture = {
  ...ownStem,
  about: "ResNet-18 for small images: 3x3 stem of stride 1, no first pooling; 48 pixels, colour",
  size: 48,
  trunk: [
    conv("conv1", 64, 3, { padding: 1, bias: false }),
    batchNorm("bn1"),
    relu("relu"),
    ...blocks(),
    globalAvgPool("avgpool"),
  ],
};

export const ARCHITECTURES = {
  ward,
  serawan,
  tripathi,
  aghav,
  plain48,
  small,
  resnet18,
  "resnet18-small": resnet18Small,
} as const satisfies Readonly<Record<string, Architecture>>;
export type ArchitectureName = keyof typeof ARCHITECTURES;
export const ARCHITECTURE_NAMES = Object.keys(ARCHITECTURES) as ArchitectureName[];
