/** @file A small version of docs/coverage.md: the regimes that it claims, and that nothing beyond is too short. */
import { expect, test } from "vitest";
import { SCORE_CLAIMED, simulateScores } from "../../scripts/coverage-scores.ts";
import { BEYOND, CLAIMED, CLAIMED_MEASURES, simulate } from "../../scripts/coverage.ts";

const RUNS = 150;
/** Three standard errors of so many runs, on either side of what the page claims. */
const error = (share: number): number => 3 * Math.sqrt((share * (1 - share)) / RUNS);

test.each(CLAIMED)("$name: between 92% and 98%", (scenario) => {
  const coverage = simulate(scenario, RUNS, "contrast", 99);
  for (const name of CLAIMED_MEASURES) {
    const of = coverage.get(name);
    if (name.startsWith("change") && scenario.mended === undefined) continue;
    expect(of!.within, name).toBeGreaterThan(0.92 - error(0.92));
    expect(of!.within, name).toBeLessThan(0.98 + error(0.98));
  }
});

test("percentiles of resampled gaps never hold a fair model's; contrasts do", () => {
  const fair = BEYOND.find(({ name }) => name === "5 groups of 200, gap 0")!;
  expect(simulate(fair, 25, "percentile", 99).get("eo.max")!.within).toBe(0);
  const { within } = simulate(fair, RUNS, "contrast", 99).get("eo.max")!;
  expect(within).toBeGreaterThan(0.92 - error(0.92));
});

test.each(SCORE_CLAIMED.slice(0, 1))("scores, $name: at least 92%", (scenario) => {
  for (const [name, within] of simulateScores(scenario, RUNS))
    expect(within, name).toBeGreaterThan(0.92 - error(0.92));
});
