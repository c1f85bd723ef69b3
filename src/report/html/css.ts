/** @file The page's style sheet. Colours are variables with a light and a dark value; charts use the same ones. */

export const CSS = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f7f9, #0e1116);
  --surface: light-dark(#ffffff, #171b22);
  --raised: light-dark(#f1f3f6, #1f242d);
  --text: light-dark(#1b2230, #e4e8ef);
  --muted: light-dark(#646e80, #98a2b3);
  --line: light-dark(#dfe3ea, #2c333e);
  --blue: light-dark(#2f6fde, #5b9bff);
  --on-blue: light-dark(#ffffff, #0b1220);
  --orange: light-dark(#d9772b, #f0a05c);
  --good: light-dark(#16825d, #3ecf98);
  --good-soft: light-dark(#e3f5ed, #12332a);
  --bad: light-dark(#c8373f, #ff7b81);
  --bad-soft: light-dark(#fdeaea, #3b1d21);
  --shade: light-dark(#1b223022, #00000099);
  --c1: light-dark(#2f6fde, #5b9bff);
  --c2: light-dark(#c2610f, #f0a05c);
  --c3: light-dark(#0b8a6f, #3ecf98);
  --c4: light-dark(#8b4fc6, #c39bf2);
  --c5: light-dark(#c4326b, #ff7fae);
  --c6: light-dark(#7d7a12, #d6cf4e);
}
:root:has(#scheme-light:checked) { color-scheme: light; }
:root:has(#scheme-dark:checked) { color-scheme: dark; }

* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 3.5rem; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  -webkit-text-size-adjust: 100%;
}
main { max-width: 1160px; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: clamp(1.6rem, 4vw, 2.2rem); line-height: 1.2; letter-spacing: -0.02em; margin: 0; overflow-wrap: anywhere; padding-right: 9rem; }
h2 { font-size: 1.25rem; letter-spacing: -0.01em; margin: 0 0 1rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 0.6rem; }
h3 small { font-weight: 400; margin-left: 0.4rem; }
small { color: var(--muted); font-size: 0.84em; }
.hint, .subtitle { color: var(--muted); margin: 0.25rem 0 1rem; }

.scheme { position: absolute; right: max(1.25rem, calc(50vw - 560px)); top: 1.7rem; display: flex; border: 1px solid var(--line); border-radius: 999px; padding: 2px; margin: 0; background: var(--surface); }
.scheme legend, .scheme input { position: absolute; opacity: 0; width: 1px; height: 1px; overflow: hidden; }
.scheme label { font-size: 12px; padding: 1px 9px; border-radius: 999px; color: var(--muted); cursor: pointer; }
.scheme label:has(:checked) { background: var(--raised); color: var(--text); }
.scheme label:has(:focus-visible) { outline: 2px solid var(--blue); }

.verdict { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.75rem; margin: 1rem 0 1.25rem; }
.badge { font-weight: 700; font-size: 0.8rem; letter-spacing: 0.07em; text-transform: uppercase; padding: 0.25rem 0.75rem; border-radius: 999px; background: var(--raised); color: var(--muted); }
.badge.better { background: var(--good-soft); color: var(--good); }
.badge.worse { background: var(--bad-soft); color: var(--bad); }

.tiles { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 12.5rem), 1fr)); gap: 0.75rem; }
.tile { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 0.85rem 1rem; display: flex; flex-direction: column; box-shadow: inset 0 3px 0 var(--line); overflow: hidden; }
.tile.better { box-shadow: inset 0 3px 0 var(--good); }
.tile.worse { box-shadow: inset 0 3px 0 var(--bad); }
.tile .label { color: var(--muted); font-size: 0.85rem; overflow-wrap: anywhere; }
.tile strong { font-size: 1.9rem; line-height: 1.25; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.tile .interval { color: var(--muted); font-variant-numeric: tabular-nums; font-size: 0.9rem; }
.tile .about, .tile .after { font-size: 0.8rem; color: var(--muted); margin-top: 0.35rem; }
.tile .after { color: var(--good); }
.tile.worse .about { color: var(--bad); }
.tile.better .about { color: var(--good); }

.findings { list-style: none; margin: 0; padding: 0; max-width: 62rem; }
.findings li { display: flex; gap: 0.6rem; padding: 0.45rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.findings li:last-child { border-bottom: 0; }
.findings .mark { flex: none; width: 1rem; color: var(--muted); }
.findings .worse .mark { color: var(--bad); }
.findings .better .mark { color: var(--good); }
.findings .muted { color: var(--muted); }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

nav { position: sticky; top: 0; z-index: 1; display: flex; gap: 0.15rem; overflow-x: auto; margin: 1.25rem -1.25rem; padding: 0.5rem 1.25rem; background: var(--page); border-bottom: 1px solid var(--line); scrollbar-width: none; }
nav a { color: var(--muted); text-decoration: none; white-space: nowrap; font-size: 0.88rem; padding: 0.2rem 0.6rem; border-radius: 8px; }
nav a:first-child { margin-left: -0.6rem; }
nav a:hover, nav a:focus-visible { background: var(--raised); color: var(--text); }

section { background: var(--surface); border: 1px solid var(--line); border-radius: 14px; padding: 1.4rem 1.5rem; margin-bottom: 1.1rem; }

.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 430px), 1fr)); gap: 1.25rem 2rem; margin-bottom: 1.25rem; }
.charts.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); }
.charts.tiny { grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); }
.chart.wide { grid-column: 1 / -1; overflow-x: auto; }
.chart.wide svg { width: auto; max-width: 100%; min-width: 640px; }
.curves { display: grid; grid-template-columns: minmax(min(100%, 320px), 2fr) 3fr; gap: 1.25rem 2rem; }
.curves .charts { margin-top: 0.5rem; }
.curves .charts.tiny { gap: 0.75rem 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 180px), 1fr)); }
.chart { margin: 0; min-width: 0; }
.chart figcaption { font-weight: 600; font-size: 0.95rem; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; margin-top: 0.35rem; }
.chart svg text { white-space: pre; }
.chart [aria-label="y-grid"], .chart [aria-label="x-grid"] { stroke: var(--line); stroke-opacity: 1; }
.legend { display: flex; flex-wrap: wrap; gap: 0.1rem 0.9rem; color: var(--muted); font-size: 0.8rem; margin-top: 0.15rem; }
.left-out { color: var(--muted); font-size: 0.8rem; margin: 0.15rem 0 0; }
.key { display: inline-flex; align-items: center; gap: 0.35rem; }
.chart .marker { width: 12px; height: 12px; margin: 0; flex: none; }
.swatch { display: inline-block; width: 16px; height: 0; border-top: 2px solid var(--ink); }
.swatch.dash { border-top-style: dashed; }
.swatch.dot, .swatch.ring { width: 9px; height: 9px; border: 2px solid var(--ink); border-radius: 50%; }
.swatch.dot { background: var(--ink); }
.swatch.tick { width: 0; height: 12px; border: 0; border-left: 2px solid var(--ink); }
.swatch.area { width: 11px; height: 11px; border: 0; border-radius: 3px; background: var(--ink); }

.table { margin: 1.25rem 0; }
.scroll { overflow-x: auto; background:
  linear-gradient(to right, var(--surface) 40%, transparent) left / 3rem 100% no-repeat local,
  linear-gradient(to left, var(--surface) 40%, transparent) right / 3rem 100% no-repeat local,
  linear-gradient(to right, var(--shade), transparent) left / 0.6rem 100% no-repeat scroll,
  linear-gradient(to left, var(--shade), transparent) right / 0.6rem 100% no-repeat scroll; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
caption { text-align: left; font-weight: 600; font-size: 0.95rem; padding-bottom: 0.4rem; }
th, td { padding: 0.36rem 0.7rem; border-bottom: 1px solid var(--line); vertical-align: baseline; text-align: left; font-weight: 400; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: 0.8rem; border-bottom-width: 2px; }
.right { text-align: right; }
td small, th small { white-space: nowrap; }
td.right { white-space: nowrap; }
.dense td small { display: block; }
.dense :is(th, td):not(:first-child, :last-child) { padding-inline: 0.5rem; }
td.right.muted { white-space: normal; }
td.muted, th.muted { color: var(--muted); }
td.better, td.met { color: var(--good); }
td.worse, td.broken { color: var(--bad); }
th.strong, td.strong { font-weight: 600; }
th:first-child { position: sticky; left: 0; background: var(--surface); }
tbody tr:hover, tbody tr:hover th { background: var(--raised); }
td.left { min-width: 6.5rem; }
table:not(:has(thead th:nth-child(3))) { width: auto; min-width: min(100%, 26rem); }
.notes { margin: 0.5rem 0 0; padding-left: 1.1rem; color: var(--muted); font-size: 0.82rem; }

details { border-top: 1px solid var(--line); padding: 0.55rem 0; }
details[open] { padding-bottom: 1rem; }
summary { cursor: pointer; color: var(--blue); font-size: 0.92rem; }
.warnings { list-style: none; margin: 1rem 0 0; padding: 0; }
.warnings li { border-left: 4px solid var(--orange); background: var(--surface); border-radius: 4px 10px 10px 4px; padding: 0.55rem 1rem; margin-top: 0.5rem; box-shadow: inset 0 0 0 1px var(--line); }
.caveats { margin: 0; padding-left: 1.15rem; }
.caveats li { margin: 0.3rem 0; max-width: 56rem; }

.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 0.7rem 1.5rem; margin: 0; }
.facts dt { color: var(--muted); font-size: 0.8rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--raised); border-radius: 10px; padding: 0.8rem 1rem; overflow-x: auto; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; margin: 0.5rem 0; }

.faces { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 0.4rem 1rem; }
.faces li { display: flex; flex-direction: column; font-size: 0.85rem; min-width: 0; }
.faces.pictures { grid-template-columns: repeat(auto-fill, minmax(6.75rem, 1fr)); gap: 0.9rem; }
.faces img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 10px; background: var(--raised); margin-bottom: 0.25rem; }
.faces .arrow { color: var(--muted); }
.faces .id { font-size: 0.72rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

@media (max-width: 600px) {
  main { padding: 1rem 0.75rem 3rem; }
  nav { margin-inline: -0.75rem; padding-inline: 0.75rem; }
  section { padding: 1.1rem 0.9rem; border-radius: 12px; }
  .scheme { position: static; width: max-content; margin: 0.75rem 0.75rem 0; }
  h1 { padding-right: 0; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .curves { grid-template-columns: 1fr; }
  .curves .charts.tiny { grid-template-columns: 1fr 1fr; }
  td.left { min-width: 11rem; }
  tbody th { min-width: 5.5rem; }
}
@media print {
  @page { margin: 14mm 12mm; }
  :root, :root:has(#scheme-dark:checked) { color-scheme: light; }
  body { background: none; font-size: 12px; }
  main { padding: 0; max-width: none; }
  nav, .scheme { display: none; }
  h1 { padding-right: 0; }
  h2, h3, caption, thead, .hint { break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  section { border: 0; padding: 0.5rem 0; background: none; break-inside: auto; }
  figure, tr, .tile, .findings li, .warnings li { break-inside: avoid; }
  .tiles { grid-template-columns: repeat(4, 1fr); }
  .charts, .charts.small { grid-template-columns: 1fr 1fr; gap: 0.75rem 1.25rem; }
  .curves { display: block; }
  .charts.tiny, .curves .charts.tiny { grid-template-columns: repeat(4, 1fr); }
  .curves > .chart { width: 48%; }
  .chart.wide { overflow: visible; }
  .chart.wide svg { min-width: 0; }
  .scroll { overflow: visible; background: none; }
  table { font-size: 0.8rem; }
  th, td { padding: 0.25rem 0.4rem; }
  td small, th small, td.right { white-space: normal; }
  td small { display: block; }
  thead { display: table-header-group; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); }
  .swatch, .badge { print-color-adjust: exact; }
  #findings details::details-content { content-visibility: visible; display: block; }
  #findings summary { color: inherit; }
}
`;
