/** @file What the explorer adds to the style sheet of pages. */

export const EXPLORER_CSS = `
main:has(#x-stage) { max-width: 1480px; }
body:has(#x-stage) .scheme { right: max(1.25rem, calc(50vw - 720px)); }
.x-bar { display: flex; flex-wrap: wrap; align-items: end; gap: 0.6rem 1rem; margin-bottom: 0.8rem; }
.x-field { display: flex; flex-direction: column; gap: 0.15rem; font-size: 0.8rem; color: var(--muted); min-width: 0; }
.x-field select, .x-field input { font: inherit; font-size: 0.9rem; color: var(--text); background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 0.35rem 0.5rem; max-width: 100%; width: 100%; min-height: 2.2rem; }
.x-bar .x-field { max-width: 20rem; }
.x-tools { display: flex; gap: 0.3rem; }
.explorer button { font: inherit; font-size: 0.85rem; color: var(--text); background: var(--raised); border: 1px solid var(--line); border-radius: 8px; min-height: 2.2rem; min-width: 2.2rem; padding: 0.2rem 0.7rem; cursor: pointer; }
.explorer button:hover { border-color: var(--muted); }
.explorer button[aria-pressed="true"]:not(.value) { background: var(--blue); border-color: var(--blue); color: var(--on-blue); }
.explorer :is(button, select, input, canvas):focus-visible { outline: 2px solid var(--blue); outline-offset: 1px; }
#x-layers { display: flex; flex-wrap: wrap; gap: 0.2rem 0.9rem; }
.check { display: inline-flex; align-items: center; gap: 0.4rem; font-size: 0.85rem; min-height: 2.2rem; cursor: pointer; }
.x-desk { display: grid; grid-template-columns: minmax(0, 1fr) 19rem; gap: 1.1rem; align-items: stretch; }
#x-stage { position: relative; height: clamp(340px, 74vh, 860px); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; background: var(--surface); color: var(--text); outline-color: var(--blue); }
#x-stage canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
#x-above { touch-action: none; cursor: grab; border-radius: 12px; }
#x-above:active { cursor: grabbing; }
#x-above:focus-visible { outline-offset: -3px !important; }
#x-stage.lasso #x-above { cursor: crosshair; }
.x-axis { position: absolute; pointer-events: none; font-size: 12px; color: var(--muted); margin: 0; white-space: nowrap; }
#x-axis-x { bottom: 6px; left: 50%; transform: translateX(-50%); }
#x-axis-y { left: 6px; top: 50%; writing-mode: vertical-rl; transform: translateY(-50%) rotate(180deg); }
#x-card { position: absolute; z-index: 2; max-width: min(340px, 92%); max-height: 92%; overflow: auto; pointer-events: none; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 6px 24px var(--shade); padding: 0.6rem 0.7rem; font-size: 0.82rem; }
#x-card.pinned { pointer-events: auto; border-color: var(--blue); }
#x-card .close { position: absolute; top: 4px; right: 4px; border: 0; background: none; min-width: 1.8rem; min-height: 1.8rem; padding: 0; }
#x-card.pinned .words { padding-right: 1.2rem; }
.about { display: flex; gap: 0.7rem; align-items: flex-start; }
.about canvas { position: static !important; width: 96px !important; height: 96px !important; flex: none; border-radius: 8px; background: var(--raised); }
.about .words { min-width: 0; overflow-wrap: anywhere; }
.about p { margin: 0.15rem 0 0.3rem; }
.about dl { display: grid; grid-template-columns: auto 1fr; gap: 0.05rem 0.6rem; margin: 0.2rem 0 0; }
.about dt { color: var(--muted); }
.about dd { margin: 0; }
.about dd.none { color: var(--muted); }
.x-side { position: relative; min-height: 12rem; }
.x-side > div { position: absolute; inset: 0; display: flex; flex-direction: column; gap: 0.9rem; overflow-y: auto; padding: 2px 4px 2px 2px; }
.x-side h3 { margin: 0; font-size: 0.9rem; display: flex; align-items: center; justify-content: space-between; }
.x-side h3 button { min-height: 1.7rem; font-size: 0.78rem; padding: 0 0.5rem; font-weight: 400; }
#x-legend { list-style: none; margin: 0.3rem 0 0; padding: 0; }
#x-legend li { display: flex; align-items: stretch; gap: 2px; }
#x-legend .value { flex: 1; min-width: 0; display: flex; align-items: center; gap: 0.5rem; text-align: left; background: none; border-color: transparent; padding: 0.1rem 0.35rem; min-height: 1.9rem; }
#x-legend .value:hover { background: var(--raised); }
#x-legend .name { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#x-legend .count { color: var(--muted); font-variant-numeric: tabular-nums; font-size: 0.78rem; white-space: nowrap; }
#x-legend .raise { background: none; border-color: transparent; color: var(--muted); padding: 0; min-height: 1.9rem; min-width: 1.9rem; }
#x-legend li.hidden .value { opacity: 0.45; text-decoration: line-through; }
.icon { width: 16px; height: 16px; flex: none; }
#x-filters { display: grid; gap: 0.5rem; }
.x-note { color: var(--muted); font-size: 0.82rem; margin: 0.6rem 0 0; overflow-wrap: anywhere; }
.x-note:empty { display: none; }
.x-picked { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.8rem; margin-top: 1rem; border-top: 1px solid var(--line); padding-top: 0.9rem; }
#x-selected { margin: 0; overflow-wrap: anywhere; }
#x-actions { display: flex; flex-wrap: wrap; gap: 0.3rem; }
#x-actions[hidden], #x-card[hidden], .x-axis[hidden] { display: none; }
#x-selection .tables { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); gap: 0.8rem 2rem; margin: 0.8rem 0; }
#x-selection table { font-size: 0.84rem; min-width: 0; width: 100%; table-layout: fixed; }
#x-selection :is(th, td) { padding: 0.2rem 0.35rem; overflow-wrap: anywhere; }
#x-selection th:first-child { width: 38%; position: static; }
#x-selection .list { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(6.4rem, 1fr)); gap: 0.4rem; max-height: 30rem; overflow-y: auto; }
.explorer .found { width: 100%; height: 100%; padding: 0.25rem; display: flex; flex-direction: column; align-items: center; gap: 0.2rem; background: none; font-size: 0.74rem; overflow: hidden; }
.found canvas { width: 100%; max-width: 96px; aspect-ratio: 1; border-radius: 6px; background: var(--raised); }
.found .name { max-width: 100%; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
:root:not(.live) .explorer { display: none; }
.live .x-off { display: none; }
body:has(#x-stage) .chart:not(.wide) svg { width: auto; max-width: 100%; }
@media (max-width: 900px) {
  .x-desk { grid-template-columns: minmax(0, 1fr); }
  #x-stage { height: clamp(300px, 92vw, 62vh); }
  .x-side > div { position: static; }
  #x-legend { max-height: 15rem; overflow-y: auto; }
  .x-bar .x-field { flex: 1 1 9rem; }
}
@media print { .x-bar, .x-side, .x-picked { display: none; } .x-desk { display: block; } }
`;
