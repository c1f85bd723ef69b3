/** @file `pytorch_model.bin`: the tensors of a `torch.save`d state dict, with nothing in the file executed. */
import type { FileHandle } from "node:fs/promises";
import { sizeOf } from "../graph/node.ts";
import { EquiclipError } from "../run/errors.ts";
import { DTYPES } from "./dtype.ts";
import { readRange } from "./file-range.ts";
import { withTorchFile } from "./torch-file.ts";
import { View, type Refuse } from "./torch-objects.ts";
import type { StoredTensor } from "./weights.ts";

/**
 * All tensors of a state dict, made contiguous, in its order; parameters are read as plain tensors.
 * Throws EquiclipError when the file is damaged, or when it names anything that is no part of a tensor (by that name).
 */
export async function readTorchBin(path: string): Promise<Map<string, StoredTensor>> {
  const refuse: Refuse = (
    reason,
    advice = "get the model from a source you trust, or as model.safetensors",
  ) => new EquiclipError(`${path}: refused: ${reason}; ${advice}`);

  return withTorchFile(path, refuse, async ({ value, begin }, file) => {
    if (!(value instanceof Map)) throw refuse("it holds no dict of tensors");
    const tensors = new Map<string, StoredTensor>();
    for (const [name, view] of value) {
      if (typeof name !== "string" || !(view instanceof View))
        throw refuse(
          `expected a tensor under "${String(name)}", received something else`,
          "save the state dict alone: torch.save(model.state_dict(), path)",
        );
      const problem = problemOf(view);
      if (problem) throw refuse(`tensor "${name}" ${problem}`, "save a contiguous copy of it");
      const data = await readView(file, path, begin(view.storage), view, name);
      tensors.set(name, { shape: view.shape, data });
    }
    return tensors;
  });
}

function problemOf({ storage, offset, shape, span }: View): string | null {
  if (offset + span > storage.length)
    return `ends at element ${offset + span} of a storage of ${storage.length}`;
  // an expanded view could ask for any amount of memory
  return sizeOf(shape) > span ? "has elements that share memory" : null;
}

async function readView(
  file: FileHandle,
  path: string,
  begin: number,
  view: View,
  name: string,
): Promise<StoredTensor["data"]> {
  const { bytes, decode } = DTYPES[view.storage.dtype];
  const raw = await readRange(file, path, begin + view.offset * bytes, view.span * bytes);
  const data = decode(raw, `${path}: tensor "${name}"`);
  return view.isContiguous ? data : gather(data, view);
}

/** Copies a strided view into row-major order; `data` starts at the view's first element. */
function gather(data: StoredTensor["data"], { shape, stride }: View): StoredTensor["data"] {
  const out = data.slice(0, sizeOf(shape));
  const index = shape.map(() => 0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]!;
    // count up like an odometer, the last axis fastest
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= stride[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
