/** @file The page's script as text: the functions of browser/, as they were compiled, put together. */
import { createHash } from "node:crypto";
import { makeGeometry } from "./browser/geometry.ts";
import { type Parts, explorer } from "./browser/main.ts";
import { makeDots } from "./browser/dots.ts";
import { makeOutline } from "./browser/outline.ts";
import { makePaint } from "./browser/paint.ts";
import { listenToPointers } from "./browser/pointers.ts";
import { makePanel } from "./browser/panel.ts";
import { makePoints } from "./browser/points.ts";
import { makeThumbs } from "./browser/thumbs.ts";

const PARTS: Parts = {
  makeGeometry,
  makePoints,
  makeOutline,
  makeDots,
  makePaint,
  makePanel,
  makeThumbs,
  listenToPointers,
};

/**
 * The functions name nothing outside themselves, so their own text is the whole script. `__name` is what tsx (esbuild)
 * puts around inner functions when it runs TypeScript; compiled code has none.
 */
export const SCRIPT = `"use strict";
const __name = (of) => of;
(${explorer.toString()})({
${Object.entries(PARTS)
  .map(([name, part]) => `${name}: ${String(part)},`)
  .join("\n")}
});`.replaceAll("\r\n", "\n");

/** What a content-security policy allows the script by. */
export const SCRIPT_HASH = `'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'`;
