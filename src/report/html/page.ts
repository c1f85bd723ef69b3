/** @file The report as one HTML page. */
import { caveats } from "../caveats.ts";
import type { RunReport } from "../model.ts";
import { faceSections } from "./faces.ts";
import { header } from "./header.ts";
import { sections, warnings } from "./sections.ts";
import { pageHtml } from "./shell.ts";
import { html } from "./template.ts";

/** The whole page. Every text in it is escaped: labels and file names come from users. */
export function reportHtml(report: RunReport): string {
  const { serious, other } = caveats(report);
  const top = html`${header(report)} ${warnings(serious)}`;
  return pageHtml(report.title, top, sections(report, other, faceSections(report)));
}
