/** @file The README's pictures: the top of a report in light and dark. `node scripts/report-picture.mjs REPORT.html` */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";

const [report = "checkpoints/quickstart/report.html"] = process.argv.slice(2);
const page = readFileSync(report, "utf8");
const work = mkdtempSync(join(tmpdir(), "equiclip-picture-"));
const scheme = /(id="scheme-auto"[^>]*?)\s+checked/;

for (const [name, file] of Object.entries({ light: "report", dark: "report-dark" })) {
  const html = join(work, `${name}.html`);
  const png = join(work, `${name}.png`);
  const chosen = page.replace(scheme, "$1").replace(`id="scheme-${name}"`, "$& checked");
  writeFileSync(html, chosen);
  const options = "--headless=new --no-sandbox --hide-scrollbars --force-device-scale-factor=1.5";
  const window = ["--window-size=1180,1270", `--screenshot=${png}`, `file://${html}`];
  execFileSync("chromium", [...options.split(" "), ...window], { stdio: "ignore" });
  await sharp(png)
    .webp({ quality: 82 })
    .toFile(join("docs", `${file}.webp`));
}
rmSync(work, { recursive: true });
