/** @file Writes a checkpoint as a folder of ONNX models. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { saveOnnxFolder } from "../../model/folder.ts";
import { terminalProgress } from "../../run/progress.ts";
import { type ClipOnnxFile, clipOnnx } from "./clip-onnx.ts";
import { namedModel } from "../session.ts";

const FILES = {
  model: ["model"],
  towers: ["vision_model", "text_model"],
  all: ["model", "vision_model", "text_model"],
} as const satisfies Record<string, readonly ClipOnnxFile[]>;

export interface ExportOptions {
  readonly model: string;
  readonly onnx: keyof typeof FILES;
  readonly out: string;
}

/** Writes the folder and lists its models. */
export async function exportModel({ model: name, onnx, out }: ExportOptions): Promise<void> {
  const model = await namedModel(name, terminalProgress());
  const files = FILES[onnx];
  await saveOnnxFolder(
    out,
    model,
    Object.fromEntries(files.map((file) => [file, () => clipOnnx(file, model)])),
  );
  for (const file of files) {
    const path = join(out, "onnx", `${file}.onnx`);
    process.stdout.write(`${path} ${((await stat(path)).size / 1e6).toFixed(1)} MB\n`);
  }
}
