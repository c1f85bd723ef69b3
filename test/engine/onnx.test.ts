/** @file The ONNX engine: the suite that all engines pass. */
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { runEngineSuite } from "../engine.suite.ts";

runEngineSuite(onnxEngine(), 1e-5);
