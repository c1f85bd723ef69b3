/** @file Names beside points never cover each other or a point, wherever the points are. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { LABEL_HEIGHT, type Named, placeLabels } from "../../src/report/charts/labels.ts";

const AREA = { left: 0, right: 400, top: 0, bottom: 340 };
const points = fc.array(
  fc.record({
    x: fc.double({ min: 0, max: 400, noNaN: true }),
    y: fc.double({ min: 0, max: 340, noNaN: true }),
    width: fc.integer({ min: 20, max: 130 }),
  }),
  { maxLength: 14 },
);

function boxes(of: readonly Named[]) {
  return placeLabels(of, AREA).map((at, i) => {
    if (at === null) return null;
    const { width } = of[i]!;
    const left = at.x - { start: 0, middle: width / 2, end: width }[at.anchor];
    return {
      left,
      right: left + width,
      top: at.y - LABEL_HEIGHT / 2,
      bottom: at.y + LABEL_HEIGHT / 2,
    };
  });
}

test("no name is over another one, over a point or outside", () => {
  fc.assert(
    fc.property(points, (of) => {
      const placed = boxes(of).filter((box) => box !== null);
      placed.forEach((a, i) => {
        expect(a.left >= 0 && a.right <= 400 && a.top >= 0 && a.bottom <= 340).toBe(true);
        for (const b of placed.slice(i + 1))
          expect(
            a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top,
          ).toBe(true);
        for (const { x, y } of of)
          expect(x > a.left && x < a.right && y > a.top && y < a.bottom).toBe(false);
      });
    }),
  );
});

test("twelve methods at one place in the middle all get a name", () => {
  const same = Array.from({ length: 12 }, () => ({ x: 200, y: 170, width: 110 }));
  expect(boxes(same).every((box) => box !== null)).toBe(true);
});

test("a lone point has its name right beside it", () => {
  expect(placeLabels([{ x: 100, y: 100, width: 60 }], AREA)).toEqual([
    { x: 109, y: 100, anchor: "start", far: false },
  ]);
});
