/** @file What the pickle of a `torch.save`d file may describe: dicts of tensors that view storages. Nothing else is built. */
import { z } from "zod";
import { sizeOf } from "../graph/node.ts";
import type { EquiclipError } from "../run/errors.ts";
import type { StoredDType } from "./dtype.ts";
import { Global, type PickleWorld } from "./pickle.ts";

/** Makes the error that names the file, why it is refused and (where another is better) what to do. */
export type Refuse = (reason: string, advice?: string) => EquiclipError;

const STORAGES: Readonly<Record<string, StoredDType>> = {
  "torch.DoubleStorage": "F64",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

/** A run of numbers in the file, shared by the tensors that view it. */
export class Storage {
  readonly key: string;
  readonly dtype: StoredDType;
  /** Elements. */
  readonly length: number;
  constructor(key: string, dtype: StoredDType, length: number) {
    this.key = key;
    this.dtype = dtype;
    this.length = length;
  }
}

/** A tensor: a view of a storage, in elements. */
export class View {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  constructor([storage, offset, shape, stride]: z.infer<typeof viewArgs>) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.stride = stride;
  }

  /** The distance from the first element to one past the last. */
  get span(): number {
    if (sizeOf(this.shape) === 0) return 0;
    return this.shape.reduce((last, n, axis) => last + (n - 1) * this.stride[axis]!, 1);
  }

  /** Whether elements lie in row-major order without gaps; strides of axes of size 1 mean nothing. */
  get isContiguous(): boolean {
    let expected = 1;
    return this.shape.toReversed().every((n, i) => {
      const fits = n === 1 || this.stride.at(-1 - i) === expected;
      expected *= n;
      return fits;
    });
  }
}

const count = z.int().nonnegative();
/** storage, offset, shape, stride, then flags and hooks. */
const viewArgs = z
  .tuple([z.instanceof(Storage), count, z.array(count), z.array(count)], z.unknown())
  .refine(([, , shape, stride]) => shape.length === stride.length);
/** "storage", type, key, device, elements, then (old files) a view of another storage, long unused. */
const storageId = z.tuple(
  [z.literal("storage"), z.instanceof(Global), z.string(), z.string(), count],
  z.null(),
);
const pairs = z.array(z.tuple([z.unknown(), z.unknown()]));

/** The allow-list. Storages that the pickle mentions are entered into `storages` by key. */
export function torchWorld(storages: Map<string, Storage>, refuse: Refuse): PickleWorld {
  function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw refuse(`its pickle describes ${what} in a way torch does not`);
    return parsed.data;
  }
  return {
    refuse,
    isType: (name) => Object.hasOwn(STORAGES, name),
    load: (id) => {
      const [, type, key, , length] = checked(storageId, id, "a storage");
      const dtype = STORAGES[type.name];
      if (!dtype) throw refuse(`its pickle takes ${type.name} for a storage`);
      const known = storages.get(key) ?? new Storage(key, dtype, length);
      if (known.dtype !== dtype || known.length !== length)
        throw refuse(`its pickle describes storage "${key}" in two ways`);
      storages.set(key, known);
      return known;
    },
    callables: {
      "torch._utils._rebuild_tensor_v2": (args) => new View(checked(viewArgs, args, "a tensor")),
      "torch._utils._rebuild_parameter": ([data]) => data,
      "collections.OrderedDict": ([items]) => new Map(checked(pairs.optional(), items, "a dict")),
    },
  };
}
