#!/usr/bin/env node
/**
 * @file What `@vladmandic/face-api` says of every face in a folder, as a CSV: `node predict.mjs FOLDER [OUT.csv]`.
 *
 * The whole picture is taken as the face, as in UTKFace's aligned crops: no detection, no alignment. Rows are written as they
 * come; run again, it goes on where it stopped.
 */
import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join, sep } from "node:path";
import { parseArgs } from "node:util";
import cliProgress from "cli-progress";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import sharp from "sharp";

const USAGE = "usage: node predict.mjs FOLDER [OUT.csv]    OUT.csv is predictions.csv by default";
const COLUMNS = ["file", "gender_pred", "male_probability", "age_pred"];
const IMAGES = new Set([".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif"]);

/** A mistake that the user can put right: one line, no stack. */
class UsageError extends Error {}

/** Paths of the images below a folder, relative to it, in order. */
async function imagesIn(folder) {
  const names = await readdir(folder, { recursive: true }).catch((cause) => {
    throw new UsageError(`${folder}: expected a folder of images: ${cause.message}`);
  });
  const images = names.filter((name) => IMAGES.has(extname(name).toLowerCase()));
  if (images.length === 0)
    throw new UsageError(`${folder}: no images in it; expected ${[...IMAGES].join(", ")}`);
  return images.map((name) => name.replaceAll(sep, "/")).sort();
}

/** Files that `out` has rows of. Starts it if there is none, and cuts off a last line that was not written whole. */
async function started(out) {
  const wrong = (what) =>
    new UsageError(`${out}: expected a CSV with the columns ${COLUMNS.join(", ")}, ${what}`);
  try {
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, stringify([COLUMNS]), { flag: "wx" });
  } catch (cause) {
    if (cause.code !== "EEXIST") throw new UsageError(`cannot write ${out}: ${cause.message}`);
  }
  const text = await readFile(out, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  let rows;
  try {
    rows = parse(whole, { bom: true });
  } catch (cause) {
    throw wrong(`which it is not (${cause.message}); give another file to write`);
  }
  const [names = [], ...records] = rows;
  if (names.join() !== COLUMNS.join())
    throw wrong(`received ${names.join(", ") || "none"}; give another file to write`);
  if (whole !== text) await truncate(out, Buffer.byteLength(whole));
  return new Set(records.map(([file]) => file));
}

/** The network, ready to be asked: RGB bytes [height, width, 3] in, gender and age out. */
async function faceNetwork() {
  const require = createRequire(import.meta.url);
  const folderOf = (name) => dirname(require.resolve(`${name}/package.json`));
  const tf = require("@tensorflow/tfjs");
  const { setWasmPaths } = require("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(join(folderOf("@tensorflow/tfjs-backend-wasm"), "dist", sep));
  const faceapi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js cannot start WebAssembly");
  const network = faceapi.nets.ageGenderNet;
  await network.loadFromDisk(join(folderOf("@vladmandic/face-api"), "model"));
  return async ({ data, info }) => {
    const pixels = tf.tensor3d(data, [info.height, info.width, info.channels], "int32");
    try {
      const { gender, genderProbability, age } = await network.predictAgeAndGender(pixels);
      return { gender, male: gender === "male" ? genderProbability : 1 - genderProbability, age };
    } finally {
      pixels.dispose();
    }
  };
}

const decode = (path) =>
  sharp(path, { failOn: "warning" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });

async function main() {
  const { positionals } = parseArgs({ allowPositionals: true, strict: false });
  const [folder, out = "predictions.csv", ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new UsageError(USAGE);

  const images = await imagesIn(folder);
  const done = await started(out);
  const left = images.filter((file) => !done.has(file));
  const behind = images.length - left.length;
  if (behind > 0) console.error(`${out} has ${behind} of ${images.length} images; going on.`);

  const ask = await faceNetwork();
  const bar = new cliProgress.SingleBar({
    format: "{value}/{total} images | {rate}/s | ETA {eta_formatted}",
    etaBuffer: 100,
    noTTYOutput: true,
    notTTYSchedule: 30_000,
    clearOnComplete: true,
  });
  const begun = performance.now();
  const unreadable = [];
  bar.start(images.length, behind, { rate: "-" });
  for (const [i, file] of left.entries()) {
    const image = await decode(join(folder, file)).catch((cause) => {
      unreadable.push(`${file}: ${cause.message.split("\n")[0]}`);
    });
    if (image) {
      const { gender, male, age } = await ask(image);
      const row = [file, gender, male.toFixed(6), age.toFixed(2)];
      await appendFile(out, stringify([row]));
    }
    const rate = (1000 * (i + 1)) / (performance.now() - begun);
    bar.update(behind + i + 1, { rate: rate.toFixed(0) });
  }
  bar.stop();

  const asked = left.length - unreadable.length;
  const perSecond = (asked * 1000) / (performance.now() - begun);
  const now = asked > 0 ? `, ${asked} of them now (${perSecond.toFixed(0)}/s)` : "";
  console.error(`${out}: ${behind + asked} of ${images.length} images${now}.`);
  for (const line of unreadable) console.error(`Left out ${line}`);
  if (unreadable.length > 0)
    console.error(`${unreadable.length} images could not be read and have no row.`);
}

await main().catch((error) => {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
});
