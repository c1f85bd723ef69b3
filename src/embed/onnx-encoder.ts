/** @file Embeddings by any ONNX file that takes pixels. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { InferenceSession } from "onnxruntime-node";
import type { Preprocess } from "../data/preprocess.ts";
import type { Raster } from "../data/raster.ts";
import { EquiclipError, UsageError, messageOf } from "../run/errors.ts";
import { type TokenEncoder, inBatches, pixelBatch } from "./encoder.ts";
import { withOutput } from "./onnx-output.ts";
import { type ModelResult, type Pool, pooled, tokensOf } from "./pool.ts";

/** What a file does not say of itself. */
export interface OnnxChoice {
  /** Name of the pixels [batch, 3, height, width]; the only input by default. */
  readonly input?: string | undefined;
  /** Name of the embeddings, an output or any tensor inside; the only output by default. */
  readonly output?: string | undefined;
  readonly pool?: Pool | undefined;
  /** How images become pixels of a given size; `size` is null where the file leaves it open. */
  readonly preprocess: (size: number | null) => Preprocess;
}

/** Where exporters put weights that do not fit the file itself. */
const BESIDE = ["", ".data", "_data"];

/** SHA-256 of an ONNX file and of the weights beside it. */
export async function modelHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  for (const suffix of BESIDE)
    if (suffix === "" || existsSync(`${path}${suffix}`))
      await pipeline(createReadStream(`${path}${suffix}`), hash, { end: false });
  return hash.digest("hex");
}

/** The name asked for, or the only one. */
function nameOf(path: string, kind: string, names: readonly string[], asked: string | undefined) {
  const found = asked ?? (names.length === 1 ? names[0]! : undefined);
  if (found !== undefined && names.includes(found)) return found;
  throw new UsageError(
    `${path}: expected ${asked === undefined ? `one ${kind}` : `an ${kind} "${asked}"`}, received ${names.join(", ")}; name one as ${kind}`,
  );
}

type Ort = typeof import("onnxruntime-node");
const OPTIONS = { logSeverityLevel: 3 } as const;

/** Opens a file; a tensor inside that is asked for becomes an output. */
async function open(
  ort: Ort,
  path: string,
  asked: string | undefined,
): Promise<{ session: InferenceSession; output: string }> {
  const session = await ort.InferenceSession.create(path, OPTIONS).catch((cause: unknown) => {
    throw new UsageError(`${path}: not an ONNX model that can be run: ${messageOf(cause)}`, {
      cause,
    });
  });
  const { outputNames } = session;
  if (asked === undefined || outputNames.includes(asked))
    return { session, output: nameOf(path, "output", outputNames, asked) };
  await session.release();
  const file = withOutput(await readFile(path), asked);
  const inside = await ort.InferenceSession.create(file, OPTIONS).catch((cause: unknown) => {
    throw new UsageError(
      `${path}: expected a tensor "${asked}" to take as output, received ${outputNames.join(", ")} and no such tensor inside; name another output`,
      { cause },
    );
  });
  return { session: inside, output: asked };
}

/**
 * Opens an ONNX file. A batch size that the file fixes is kept to, whatever `batchSize` says.
 * @throws {UsageError} when it is no ONNX file, or takes or gives something else
 */
export async function onnxImages(
  path: string,
  { pool, preprocess, ...asked }: OnnxChoice,
  batchSize: number,
): Promise<TokenEncoder> {
  const ort = await import("onnxruntime-node");
  const weights = await modelHash(path).catch((cause: unknown) => {
    throw new UsageError(`${path}: cannot be read: ${messageOf(cause)}`, { cause });
  });
  const { session, output } = await open(ort, path, asked.output);
  const input = nameOf(path, "input", session.inputNames, asked.input);
  if (session.inputNames.length > 1)
    throw new UsageError(
      `${path}: expected pixels alone as input, received ${session.inputNames.join(", ")}; export the image tower by itself`,
    );
  const metadata = session.inputMetadata.find(({ name }) => name === input);
  const shape = metadata?.isTensor ? metadata.shape : [];
  if (!metadata?.isTensor || metadata.type !== "float32" || shape.length !== 4)
    throw new UsageError(
      `${path}: input ${input}: expected 32-bit pixels [batch, 3, height, width], received ${metadata?.isTensor ? `${metadata.type} [${shape.join(", ")}]` : "no tensor"}; name another input`,
    );
  const [batch, , height, width] = shape;
  const size = typeof height === "number" ? height : null;
  const spec = preprocess(size);
  const given = spec.crop;
  if ([height, width].some((s, i) => typeof s === "number" && s !== [given.height, given.width][i]))
    throw new UsageError(
      `${path}: takes images of ${height} x ${width} pixels, expected ${given.height} x ${given.width}; set size`,
    );
  const count = typeof batch === "number" ? batch : batchSize;
  const what = `${path}: output ${output}`;
  /** Of up to `count` images. */
  const run = async (images: readonly Raster[]): Promise<ModelResult> => {
    const pixels = pixelBatch(images, spec, count);
    const tensor = new ort.Tensor("float32", pixels, [count, 3, given.height, given.width]);
    const results = await session.run({ [input]: tensor }, [output]).catch((cause: unknown) => {
      throw new EquiclipError(`${path}: the run failed: ${messageOf(cause)}`, 1, { cause });
    });
    const { data, dims } = results[output]!;
    if (!(data instanceof Float32Array))
      throw new UsageError(`${what}: expected 32-bit floats; name another`);
    return { data, dims };
  };
  return {
    about: {
      weights_sha256: weights,
      output,
      pool: pool ?? "none",
      preprocessing: JSON.stringify(spec),
    },
    preprocess: spec,
    embed: (images) =>
      inBatches(images, count, async (some) => pooled(what, await run(some), pool)),
    tokens: (images) => inBatches(images, count, async (some) => tokensOf(what, await run(some))),
    dispose: () => session.release(),
  };
}
