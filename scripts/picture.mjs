/** @file A part of a report as pictures in `docs/`, one in light and one in dark: `NAME.webp`, `NAME-dark.webp`. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";

const SCHEME = /(id="scheme-auto"[^>]*?)\s+checked/;

/**
 * Photographs the top of a report's page.
 * @param page HTML with the report's switch of colour schemes
 * @param name of the files
 * @param size of the window, in CSS pixels
 * @param fit cuts off what is empty below
 */
export async function takePictures(page, name, { width, height, fit = false }) {
  const work = mkdtempSync(join(tmpdir(), "equiclip-picture-"));
  for (const [scheme, suffix] of Object.entries({ light: "", dark: "-dark" })) {
    const html = join(work, `${scheme}.html`);
    const png = join(work, `${scheme}.png`);
    writeFileSync(html, page.replace(SCHEME, "$1").replace(`id="scheme-${scheme}"`, "$& checked"));
    const options = "--headless=new --no-sandbox --hide-scrollbars --force-device-scale-factor=1.5";
    const window = [`--window-size=${width},${height}`, `--screenshot=${png}`, `file://${html}`];
    execFileSync("chromium", [...options.split(" "), ...window], { stdio: "ignore" });
    const taken = sharp(fit ? await fitted(png) : png);
    await taken.webp({ quality: 82 }).toFile(join("docs", `${name}${suffix}.webp`));
  }
  rmSync(work, { recursive: true });
}

/** Keeps the width, and below the last thing as much air as above the first. */
async function fitted(png) {
  const { info } = await sharp(png).trim().toBuffer({ resolveWithObject: true });
  const { width } = await sharp(png).metadata();
  const height = info.height - 2 * info.trimOffsetTop;
  return sharp(png).extract({ left: 0, top: 0, width, height }).toBuffer();
}
