/** @file Embeddings by any ONNX file that takes pixels. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { InferenceSession } from "onnxruntime-node";
import type { Preprocess } from "../data/preprocess.ts";
import { EquiclipError, UsageError, messageOf } from "../run/errors.ts";
import { type ImageEncoder, pixelBatch } from "./encoder.ts";
import { type Pool, pooled } from "./pool.ts";

/** What a file does not say of itself. */
export interface OnnxChoice {
  /** Name of the pixels [batch, 3, height, width]; the only input by default. */
  readonly input?: string | undefined;
  /** Name of the embeddings; the only output by default. */
  readonly output?: string | undefined;
  readonly pool?: Pool | undefined;
  /** How images become pixels of a given size; `size` is null where the file leaves it open. */
  readonly preprocess: (size: number | null) => Preprocess;
}

export async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** The name asked for, or the only one. */
function nameOf(path: string, kind: string, names: readonly string[], asked: string | undefined) {
  const found = asked ?? (names.length === 1 ? names[0]! : undefined);
  if (found !== undefined && names.includes(found)) return found;
  throw new UsageError(
    `${path}: expected ${asked === undefined ? `one ${kind}` : `an ${kind} "${asked}"`}, received ${names.join(", ")}; name one with --${kind}`,
  );
}

/**
 * Opens an ONNX file. A batch size that the file fixes is kept to, whatever `batchSize` says.
 * @throws {UsageError} when it is no ONNX file, or takes or gives something else
 */
export async function onnxImages(
  path: string,
  { pool, preprocess, ...asked }: OnnxChoice,
  batchSize: number,
): Promise<ImageEncoder> {
  const ort = await import("onnxruntime-node");
  const weights = await fileHash(path).catch((cause: unknown) => {
    throw new UsageError(`${path}: cannot be read: ${messageOf(cause)}`, { cause });
  });
  const options = { logSeverityLevel: 3 } as const;
  const session: InferenceSession = await ort.InferenceSession.create(path, options).catch(
    (cause: unknown) => {
      throw new UsageError(`${path}: not an ONNX model that can be run: ${messageOf(cause)}`, {
        cause,
      });
    },
  );
  const input = nameOf(path, "input", session.inputNames, asked.input);
  const output = nameOf(path, "output", session.outputNames, asked.output);
  if (session.inputNames.length > 1)
    throw new UsageError(
      `${path}: expected pixels alone as input, received ${session.inputNames.join(", ")}; export the image tower by itself`,
    );
  const metadata = session.inputMetadata.find(({ name }) => name === input);
  const shape = metadata?.isTensor ? metadata.shape : [];
  if (!metadata?.isTensor || metadata.type !== "float32" || shape.length !== 4)
    throw new UsageError(
      `${path}: input ${input}: expected 32-bit pixels [batch, 3, height, width], received ${metadata?.isTensor ? `${metadata.type} [${shape.join(", ")}]` : "no tensor"}; name another with --input`,
    );
  const [batch, , height, width] = shape;
  const size = typeof height === "number" ? height : null;
  const spec = preprocess(size);
  const given = spec.crop;
  if ([height, width].some((s, i) => typeof s === "number" && s !== [given.height, given.width][i]))
    throw new UsageError(
      `${path}: takes images of ${height} x ${width} pixels, expected ${given.height} x ${given.width}; set --size`,
    );
  const count = typeof batch === "number" ? batch : batchSize;
  return {
    about: {
      weights_sha256: weights,
      output,
      pool: pool ?? "none",
      preprocessing: JSON.stringify(spec),
    },
    preprocess: spec,
    async embed(images) {
      const rows: Float32Array[] = [];
      let d = 0;
      for (let from = 0; from < images.length; from += count) {
        const some = images.slice(from, from + count);
        const pixels = pixelBatch(some, spec, count);
        const tensor = new ort.Tensor("float32", pixels, [count, 3, given.height, given.width]);
        const results = await session.run({ [input]: tensor }, [output]).catch((cause: unknown) => {
          throw new EquiclipError(`${path}: the run failed: ${messageOf(cause)}`, 1, { cause });
        });
        const { data, dims } = results[output]!;
        if (!(data instanceof Float32Array))
          throw new UsageError(`${path}: output ${output}: expected 32-bit floats; name another`);
        const result = pooled(`${path}: output ${output}`, { data, dims }, pool);
        d = result.d;
        rows.push(result.x.subarray(0, some.length * d));
      }
      const x = new Float32Array(images.length * d);
      let at = 0;
      for (const some of rows) {
        x.set(some, at);
        at += some.length;
      }
      return { x, d };
    },
    dispose: () => session.release(),
  };
}
