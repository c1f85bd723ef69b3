/** @file A convolutional network with all that belongs to it, and how one is made from scratch. */
import { UsageError } from "../../run/errors.ts";
import { nearest } from "../../run/suggest.ts";
import type { ImageProcessor } from "../image-processor.ts";
import { initialize } from "../param-spec.ts";
import type { Weights } from "../weights.ts";
import {
  ARCHITECTURES,
  ARCHITECTURE_NAMES,
  type Architecture,
  type ArchitectureName,
  type HeadTarget,
} from "./architectures.ts";
import type { Compat } from "./compat.ts";
import type { CnnConfig } from "./config.ts";
import { cnnBuffers, cnnParams } from "./params.ts";
import { NORMALISATIONS, cnnImageProcessor } from "./processor.ts";
import { placeCnn } from "./shapes.ts";

export interface CnnModel {
  readonly kind: "cnn";
  readonly config: CnnConfig;
  /** Every parameter of `cnnParams(config)`, then every buffer of `cnnBuffers(config)`. */
  readonly weights: Weights;
  /** Of training; with `raw-pixels-at-prediction` predictions read its pixels times 255. */
  readonly imageProcessor: ImageProcessor;
}

export interface CnnOptions {
  readonly architecture: string;
  /** What it tells, by name, in the order of its outputs; by default what the architecture was published with. */
  readonly heads?: Readonly<Record<string, HeadTarget>> | undefined;
  /** Side of the images in pixels; by default the architecture's. */
  readonly size?: number | undefined;
  /** 1: grey; by default the architecture's. */
  readonly channels?: 1 | 3 | undefined;
  /** Published flaws to reproduce; none by default. */
  readonly compat?: readonly Compat[] | undefined;
}

const isArchitecture = (name: string): name is ArchitectureName =>
  Object.hasOwn(ARCHITECTURES, name);

function architectureNamed(name: string): Architecture {
  if (isArchitecture(name)) return ARCHITECTURES[name];
  const near = nearest(name, ARCHITECTURE_NAMES);
  throw new UsageError(
    `cnn:${name}: expected one of ${ARCHITECTURE_NAMES.join(", ")}, received "${name}"${near ? `; did you mean cnn:${near}?` : ""}`,
  );
}

/**
 * The layers that an architecture comes to.
 * Throws UsageError for an unknown name, a flaw of another architecture, a class count below two, and images that are
 * too small.
 */
export function cnnConfig(options: CnnOptions): CnnConfig {
  const name = options.architecture;
  const made = architectureNamed(name);
  const { heads = made.heads, size = made.size, channels = made.channels, compat = [] } = options;
  const foreign = compat.find((flaw) => !made.compat.includes(flaw));
  if (foreign !== undefined)
    throw new UsageError(
      `cnn:${name}: compat "${foreign}" is no flaw of it, expected ${made.compat.length > 0 ? `some of ${made.compat.join(", ")}` : "none"}; remove it`,
    );
  for (const [head, target] of Object.entries(heads))
    if (target.kind === "classes" && !(target.classes >= 2))
      throw new UsageError(
        `cnn:${name}: head "${head}": expected two classes or more, received ${target.classes}; choose an attribute with several labels`,
      );
  const only = Object.keys(heads).length === 1;
  const config: CnnConfig = {
    architecture: name,
    input: { size, channels },
    init: made.init,
    compat,
    trunk: made.trunk,
    heads: Object.fromEntries(
      Object.entries(heads).map(([head, target]) => [head, made.head(head, target, compat, only)]),
    ),
  };
  placeCnn(config);
  return config;
}

/** An untrained network; equal seeds give equal weights. Throws as `cnnConfig` does. */
export function cnnModel(options: CnnOptions & { readonly seed?: number | undefined }): CnnModel {
  const config = cnnConfig(options);
  const specs = [...cnnParams(config), ...cnnBuffers(config)];
  const { pixels } = architectureNamed(options.architecture);
  return {
    kind: "cnn",
    config,
    weights: initialize(specs, options.seed ?? 0),
    imageProcessor: cnnImageProcessor(config, NORMALISATIONS[pixels]),
  };
}
