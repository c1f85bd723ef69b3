/** @file Learning-rate schedules against transformers and open_clip. */
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Schedule, learningRate } from "../../src/train/schedules.ts";
import { hasReference, reference } from "../golden.ts";

describe.skipIf(!hasReference)("golden schedules", () => {
  test.each([
    ["hf_cosine", "cosine", "hf"],
    ["hf_linear", "linear", "hf"],
    ["hf_constant", "constant", "hf"],
    ["openclip_cosine", "cosine", "openclip"],
  ] as const)("%s", async (name, decay, warmup) => {
    const { schedule } = JSON.parse(await readFile(reference("optim", "golden.json"), "utf8")) as {
      schedule: {
        base_lr: number;
        warmup_steps: number;
        total_steps: number;
        values: Record<string, number[]>;
      };
    };
    const expected = schedule.values[name]!;
    expect(expected).toHaveLength(schedule.total_steps);
    const ours: Schedule = {
      decay,
      warmup,
      lr: schedule.base_lr,
      warmupSteps: schedule.warmup_steps,
      totalSteps: schedule.total_steps,
    };
    expected.forEach((lr, step) =>
      expect(Math.abs(learningRate(ours, step) - lr)).toBeLessThanOrEqual(1e-12),
    );
  });
});

// torch.optim.lr_scheduler.OneCycleLR(max_lr=0.01, cycle_momentum=False), torch 2.15
test.each([
  [
    0.0004, 0.0052, 0.01, 0.009504846320134737, 0.008117456539497631, 0.0061126202193628925,
    0.003887419780637108, 0.00188258346050237, 0.0004951936798652628, 4e-8,
  ],
  [0.009944154354509118, 0.00462637102666975, 4e-8],
  [4e-8],
])("one cycle, as PyTorch has it", (...expected) => {
  const schedule = { decay: "one-cycle", warmup: "openclip", lr: 0.01, warmupSteps: 0 } as const;
  const rates = expected.map((_lr, step) =>
    learningRate({ ...schedule, totalSteps: expected.length }, step),
  );
  rates.forEach((lr, step) => expect(Math.abs(lr - expected[step]!)).toBeLessThan(1e-15));
});

test("every rate lies between 0 and the peak, rising in the warm-up and never rising after it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Schedule["decay"]>("cosine", "linear", "constant"),
      fc.constantFrom<Schedule["warmup"]>("hf", "openclip"),
      fc.nat(20),
      fc.integer({ min: 1, max: 40 }),
      (decay, warmup, warmupSteps, totalSteps) => {
        const schedule = { decay, warmup, lr: 2, warmupSteps, totalSteps };
        const rates = Array.from({ length: 70 }, (_, step) => learningRate(schedule, step));
        rates.forEach((rate, step) => {
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThanOrEqual(2);
          const previous = rates[step - 1] ?? 0;
          if (step < warmupSteps) expect(rate).toBeGreaterThanOrEqual(previous);
          if (step > warmupSteps) expect(rate).toBeLessThanOrEqual(previous);
        });
      },
    ),
  );
});
