/** @file ONNX files: a model as plain objects, written as protobuf (field numbers of onnx.proto, IR version 8). */
import { PbfWriter } from "pbf";
import type { Shape } from "../../graph/node.ts";

/** Operator sets that a model may use, with their versions. */
const OPSETS = { "": 17, "com.microsoft": 1, "com.microsoft.nchwc": 1 } as const;
export type Domain = keyof typeof OPSETS;
const IR_VERSION = 8;

/** TensorProto.DataType */
export const DATA_TYPE = { float32: 1, int32: 6, int64: 7, float16: 10, bfloat16: 16 } as const;
/** Of what is fed and returned; narrower types exist within a model alone. */
type OnnxType = "float32" | "int32" | "int64";
/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

export type Attribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] };

export interface OnnxNode {
  readonly type: string;
  readonly domain: Domain;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}
export interface OnnxInitializer {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | BigInt64Array;
}
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  /** A text names a size that is known only when the model runs. */
  readonly shape: readonly (number | string)[];
  /** Whether it is a list of tensors of that type, of any shape. */
  readonly list?: boolean;
}
export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

type Write<T> = (value: T, pbf: PbfWriter) => void;
const writeAll = <T>(pbf: PbfWriter, tag: number, values: readonly T[], write: Write<T>): void => {
  for (const value of values) pbf.writeMessage(tag, write, value);
};

const writeAttribute: Write<[string, Attribute]> = ([name, value], pbf) => {
  const type = (of: keyof typeof ATTRIBUTE_TYPE): void =>
    pbf.writeVarintField(20, ATTRIBUTE_TYPE[of]);
  pbf.writeStringField(1, name);
  if ("float" in value) {
    pbf.writeFloatField(2, value.float);
    type("float");
  } else if ("int" in value) {
    pbf.writeVarintField(3, value.int);
    type("int");
  } else if ("string" in value) {
    pbf.writeBytesField(4, Buffer.from(value.string));
    type("string");
  } else {
    for (const v of value.ints) pbf.writeVarintField(8, v);
    type("ints");
  }
};

const writeNode: Write<OnnxNode> = (node, pbf) => {
  for (const name of node.inputs) pbf.writeStringField(1, name);
  for (const name of node.outputs) pbf.writeStringField(2, name);
  pbf.writeStringField(
    3,
    node.outputs.find((name) => name !== "")!,
  );
  pbf.writeStringField(4, node.type);
  writeAll(pbf, 5, Object.entries(node.attributes), writeAttribute);
  pbf.writeStringField(7, node.domain);
};

const writeDimension: Write<number | string> = (size, pbf) =>
  typeof size === "number" ? pbf.writeVarintField(1, size) : pbf.writeStringField(2, size);
const writeShape: Write<OnnxValue["shape"]> = (shape, pbf) =>
  writeAll(pbf, 1, shape, writeDimension);
const writeTensorType: Write<OnnxValue> = ({ type, shape }, pbf) => {
  pbf.writeVarintField(1, DATA_TYPE[type]);
  pbf.writeMessage(2, writeShape, shape);
};
const writeElementType: Write<OnnxValue> = ({ type }, pbf) =>
  pbf.writeMessage(1, (elem, tensor) => tensor.writeVarintField(1, elem), DATA_TYPE[type]);
const writeListType: Write<OnnxValue> = (value, pbf) =>
  pbf.writeMessage(1, writeElementType, value);
const writeType: Write<OnnxValue> = (value, pbf) =>
  value.list
    ? pbf.writeMessage(4, writeListType, value)
    : pbf.writeMessage(1, writeTensorType, value);
const writeValue: Write<OnnxValue> = (value, pbf) => {
  pbf.writeStringField(1, value.name);
  pbf.writeMessage(2, writeType, value);
};

const writeGraph: Write<OnnxModel> = ({ nodes, inputs, outputs }, pbf) => {
  writeAll(pbf, 1, nodes, writeNode);
  pbf.writeStringField(2, "equiclip");
  writeAll(pbf, 11, inputs, writeValue);
  writeAll(pbf, 12, outputs, writeValue);
};
const writeOpset: Write<[string, number]> = ([domain, version], pbf) => {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
};

/** What goes in front of a nested message of `length` bytes. */
const writeHead = (pbf: PbfWriter, tag: number, length: number): void => {
  pbf.writeVarint((tag << 3) | 2);
  pbf.writeVarint(length);
};
const bytesOf = (write: (pbf: PbfWriter) => void): Uint8Array => {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
};
const lengthOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, { length }) => sum + length, 0);

/** A TensorProto within a graph; its numbers are not copied. */
function initializerParts({ name, shape, data }: OnnxInitializer): Uint8Array[] {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength); // little endian, as the host
  const start = bytesOf((pbf) => {
    for (const d of shape) pbf.writeVarintField(1, d);
    pbf.writeVarintField(2, DATA_TYPE[data instanceof Float32Array ? "float32" : "int64"]);
    pbf.writeStringField(8, name);
    writeHead(pbf, 9, raw.length);
  });
  return [bytesOf((pbf) => writeHead(pbf, 5, start.length + raw.length)), start, raw];
}

/** The bytes of a ModelProto in turn: large weights are handed on as they are. */
export function modelParts(model: OnnxModel): readonly Uint8Array[] {
  const graph = [
    bytesOf((pbf) => writeGraph(model, pbf)),
    ...model.initializers.flatMap(initializerParts),
  ];
  const start = bytesOf((pbf) => {
    pbf.writeVarintField(1, IR_VERSION);
    pbf.writeStringField(2, "equiclip");
    writeHead(pbf, 7, lengthOf(graph));
  });
  const domains = new Set<Domain>(["", ...model.nodes.map(({ domain }) => domain)]);
  const opsets = bytesOf((pbf) =>
    writeAll(
      pbf,
      8,
      Array.from(domains, (domain): [string, number] => [domain, OPSETS[domain]]),
      writeOpset,
    ),
  );
  return [start, ...graph, opsets];
}

/** The bytes of a ModelProto as one. */
export const writeModel = (model: OnnxModel): Uint8Array => Buffer.concat(modelParts(model));
