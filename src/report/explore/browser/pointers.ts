/** @file Mouse, pen and fingers on the map: what they mean. */
/// <reference lib="dom" />

/** What is done when; places and distances in pixels of the map. */
export interface PointerActions {
  readonly isLasso: () => boolean;
  /** @param reach how far a point may be from where it is pointed at */
  readonly hover: (x: number, y: number, reach: number) => void;
  readonly leave: () => void;
  readonly move: (dx: number, dy: number) => void;
  readonly zoom: (factor: number, x: number, y: number) => void;
  readonly tap: (x: number, y: number, reach: number) => void;
  /** Corners so far, [corners, 2]; empty when the line is given up. */
  readonly drawing: (ring: readonly number[]) => void;
  readonly drawn: (ring: readonly number[]) => void;
}

/** One finger moves the map or draws a lasso, two zoom it, a tap pins. */
export function listenToPointers(above: HTMLElement, actions: PointerActions): void {
  const REACH = { mouse: 12, touch: 22 };
  /** Less is a tap. */
  const TAP = 4;

  interface Place {
    readonly x: number;
    readonly y: number;
  }
  const fingers = new Map<number, Place>();
  let lasso: number[] = [];
  let travelled = 0;

  const at = (event: MouseEvent): Place => {
    const { left, top } = above.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const reachOf = ({ pointerType }: PointerEvent): number =>
    pointerType === "touch" ? REACH.touch : REACH.mouse;

  above.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    above.setPointerCapture(event.pointerId);
    const { x, y } = at(event);
    fingers.set(event.pointerId, { x, y });
    travelled = 0;
    lasso = fingers.size === 1 && (actions.isLasso() || event.shiftKey) ? [x, y] : [];
  });

  above.addEventListener("pointermove", (event) => {
    const now = at(event);
    const before = fingers.get(event.pointerId);
    if (!before) {
      actions.hover(now.x, now.y, reachOf(event));
      return;
    }
    fingers.set(event.pointerId, now);
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    travelled += Math.hypot(dx, dy);
    if (lasso.length > 0) {
      lasso.push(now.x, now.y);
      actions.drawing(lasso);
    } else if (fingers.size === 1) actions.move(dx, dy);
    else pinch(event.pointerId, before, now);
  });

  /** Two fingers: the middle moves the map, the distance zooms it. */
  function pinch(id: number, before: Place, now: Place): void {
    const other = [...fingers].find(([key]) => key !== id)![1];
    const was = Math.hypot(before.x - other.x, before.y - other.y);
    const is = Math.hypot(now.x - other.x, now.y - other.y);
    actions.move((now.x - before.x) / 2, (now.y - before.y) / 2);
    if (was > 0 && is > 0) actions.zoom(is / was, (now.x + other.x) / 2, (now.y + other.y) / 2);
  }

  function lift(event: PointerEvent, isDone: boolean): void {
    if (!fingers.delete(event.pointerId) || fingers.size > 0) return;
    const ring = lasso;
    lasso = [];
    actions.drawing(lasso);
    if (!isDone) return;
    const { x, y } = at(event);
    if (travelled <= TAP) actions.tap(x, y, reachOf(event));
    else if (ring.length > 0) actions.drawn(ring);
  }
  above.addEventListener("pointerup", (event) => lift(event, true));
  above.addEventListener("pointercancel", (event) => lift(event, false));
  above.addEventListener("pointerleave", actions.leave);
  above.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const pixels = event.deltaMode === 0 ? event.deltaY : 30 * event.deltaY;
      const { x, y } = at(event);
      actions.zoom(Math.exp(-Math.max(-240, Math.min(240, pixels)) / 300), x, y);
    },
    { passive: false },
  );
  above.addEventListener("dblclick", (event) => actions.zoom(2, at(event).x, at(event).y));
}
