/** @file The README's pictures: the top of a report. `node scripts/report-picture.mjs REPORT.html` */
import { readFileSync } from "node:fs";
import { takePictures } from "./picture.mjs";

const [report = "checkpoints/quickstart/report.html"] = process.argv.slice(2);
await takePictures(readFileSync(report, "utf8"), "report", { width: 1180, height: 1270 });
