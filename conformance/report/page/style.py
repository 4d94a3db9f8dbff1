"""The page's only style sheet: light and dark, narrow and wide, screen and paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --ink: #1c2024; --dim: #5a626b; --line: #c9ced4; --panel: #f1f3f4;
  --link: #0b57b0; --good: #17683a; --known: #7a4d00; --bad: #b3261e; --bad-panel: #fdecea; --mark: #ffe08a; --mark-ink: #1c2024;
  --input: #e3eefb; --layer: #f1f3f4; --output: #e4f3e8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --ink: #e6e8ea; --dim: #a3abb3; --line: #434a52; --panel: #1e2327;
    --link: #8ab8f5; --good: #7fd09b; --known: #e6b866; --bad: #ff9c92; --bad-panel: #37201e; --mark: #7a5b00; --mark-ink: #fff6dc;
    --input: #1d2d40; --layer: #22282d; --output: #1c3325;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; }
h3, h4, h5 { margin: 0; line-height: 1.3; }
h3 { font-size: 1.1rem; } h4 { font-size: 1rem; }
h5 { font-size: .95rem; margin: 1.25rem 0 .35rem; }
summary h3, summary h4 { display: inline; }
p { margin: .35rem 0; max-width: 70ch; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
:target { outline: 3px solid var(--link); outline-offset: 4px; border-radius: 4px; }
code, pre, td code, svg text { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .9em; unicode-bidi: isolate; }
.dim { color: var(--dim); font-weight: normal; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; padding: .5rem 1rem; background: var(--paper); border: 2px solid var(--link); }

.claims { list-style: none; margin: 1rem 0; padding: 0; display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); }
.claims li { border: 1px solid var(--line); border-left: 6px solid var(--good); border-radius: 6px;
  padding: .6rem .9rem; background: var(--panel); }
.claims li.failed { border-left-color: var(--bad); }
.claims p { margin: .15rem 0; }
.claims .who { font-weight: 600; }
.claims .claim { font-size: .95rem; }
.count.known, td.known, td.known a, .verdict.known { color: var(--known); } .claims li.known { border-left-color: var(--known); }
.count.passed, td.passed { color: var(--good); } .count.failed, .verdict:not(.known), td.failed a { color: var(--bad); }

.scroll { overflow-x: auto; margin: .5rem 0 1rem; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption { text-align: left; color: var(--dim); padding: .25rem 0; font-size: .92rem; min-width: 18rem; }
th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top;
  unicode-bidi: isolate; }
thead th { border-bottom: 2px solid var(--line); }
tfoot th, tfoot td { border-top: 2px solid var(--line); font-weight: 600; }
tbody th { font-weight: normal; }
.matrix tbody th { font-weight: 600; }
.matrix th, .matrix td { padding-top: .12rem; padding-bottom: .12rem; white-space: nowrap; }
td.failed { background: var(--bad-panel); font-weight: 600; }
.case table { font-size: .9rem; }
.case td, .case th { padding: .2rem .6rem; }
.case td code { overflow-wrap: break-word; }
.case th code { white-space: nowrap; }
tr.wrong > * { background: var(--bad-panel); }
th b, pre b { color: var(--bad); }
mark { background: var(--mark); color: var(--mark-ink); border-radius: 2px; }

details.section, details.index { border-top: 1px solid var(--line); padding: .6rem 0; }
details.failure { border: 1px solid var(--line); border-radius: 6px; margin: .6rem 0; }
summary { cursor: pointer; padding: .35rem .25rem; }
.failure > summary { padding: .55rem .8rem; }
.failure[open] > summary { border-bottom: 1px solid var(--line); }
.verdict { font-weight: 600; font-size: .9rem; margin-left: .5rem; white-space: nowrap; }
.case { padding: .8rem 1rem 1rem; display: grid; grid-template-columns: 340px minmax(0, 1fr); gap: 1rem 1.5rem; }
.case.alone { grid-template-columns: minmax(0, 1fr); }
.case > div { min-width: 0; }
.case > .lead { grid-column: 1 / -1; }
.case > div > h5:first-child { margin-top: 0; }
figure { margin: 0; min-width: 0; }
.catches { border-left: 4px solid var(--mark); padding-left: .7rem; }
.details { margin: .25rem 0; padding-left: 1.2rem; }
.again { font-size: .9rem; color: var(--dim); max-width: none; }
.caption { color: var(--dim); font-size: .92rem; }
dl { margin: .25rem 0; display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem .9rem; }
dt { color: var(--dim); max-width: 14rem; } dd { margin: 0; unicode-bidi: isolate; }
.spec { grid-template-columns: minmax(0, 1fr); }
.spec dt { color: var(--ink); font-weight: 600; margin-top: .8rem; max-width: none; }
.spec dd { padding-left: 1rem; border-left: 2px solid var(--line); }
.words { font-size: .92rem; }
.words ol { margin: .25rem 0; padding-left: 1.4rem; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; margin: .4rem 0;
  overflow-x: auto; font-size: .82rem; line-height: 1.45; overflow-wrap: normal; }

svg.net { max-width: 100%; height: auto; display: block; }
.net text { font-size: 11.5px; fill: var(--ink); }
.net .name { font-weight: 700; }
.net rect { stroke: var(--dim); fill: var(--layer); }
.net rect.input { fill: var(--input); } .net rect.output { fill: var(--output); }
.net rect.gap { stroke-dasharray: 4 4; fill: none; }
.net .wire { stroke: var(--dim); stroke-width: 1.5; fill: none; }
.net .head { fill: var(--dim); }

footer { color: var(--dim); font-size: .9rem; padding-bottom: 2rem; margin-top: 3rem; }
@media (max-width: 56rem) { .case { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 30rem) {
  dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: .4rem; }
  th, td { padding: .25rem .45rem; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --dim: #444; --panel: #fff; --link: #000; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  .skip { display: none; }
  .scroll, pre { overflow: visible; white-space: pre-wrap; }
  svg.net, tr, summary { break-inside: avoid; }
}
@media (forced-colors: active) { .net text { fill: CanvasText; } .net rect { stroke: CanvasText; fill: Canvas; } }
"""
