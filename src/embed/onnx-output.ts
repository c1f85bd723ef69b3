/** @file Tensors inside an ONNX file as outputs: any layer of a network can be looked at. */
import { PbfWriter } from "pbf";

/** Field numbers of onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_OUTPUT = 12;
const VALUE_NAME = 1;

/**
 * The file with one more output. Messages of one field that follow each other are merged by every reader of protobuf, so
 * that a graph of nothing but this output is appended; its type is inferred.
 * Source: https://protobuf.dev/programming-guides/encoding/#last-one-wins
 */
export function withOutput(file: Uint8Array, tensor: string): Uint8Array {
  const pbf = new PbfWriter();
  const writeValue = (name: string, to: PbfWriter): void => to.writeStringField(VALUE_NAME, name);
  const writeGraph = (name: string, to: PbfWriter): void =>
    to.writeMessage(GRAPH_OUTPUT, writeValue, name);
  pbf.writeMessage(MODEL_GRAPH, writeGraph, tensor);
  return Buffer.concat([file, pbf.finish()]);
}
