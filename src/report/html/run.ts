/** @file The section that says what was run, and how to run it again. */
import type { RunFacts } from "../model.ts";
import { runTable } from "../tables/run.ts";
import type { Section } from "./section.ts";
import { tableHtml } from "./table.ts";
import { type Markup, html } from "./template.ts";

/** @param facts by default as a table */
export const runSection = (run: RunFacts, facts: Markup = tableHtml(runTable(run))): Section => ({
  id: "run",
  title: "Run",
  body: html`${facts}
    <h3>Run it again</h3>
    <pre><code>${run.command}</code></pre>
    ${
      run.config !== null &&
      html`<details>
        <summary>Config, with every default filled in</summary>
        <pre><code>${run.config}</code></pre>
      </details>`
    }`,
});
