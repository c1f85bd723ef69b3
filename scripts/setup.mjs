/** @file Installs the dependencies when they are missing or older than the lock file; silent when there is nothing to do. */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(
    `equiclip needs Node 20 or newer, this is ${process.versions.node}: https://nodejs.org`,
  );
  process.exit(2);
}
const installed = at("node_modules/.package-lock.json");
if (
  !existsSync(installed) ||
  statSync(installed).mtimeMs < statSync(at("package-lock.json")).mtimeMs
) {
  console.error("Installing dependencies (once, about a minute) ...");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: at("."),
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error(
      "npm ci failed: see its message above; a network connection to an npm registry is needed once.",
    );
    process.exit(1);
  }
}
