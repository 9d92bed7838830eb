#include "evaluation/page_style.h"

namespace segue {

// Blue and vermilion stay apart for every kind of colour blindness; rankers differ in shape as well. Blues mark ranks up
// to ten, greys the rest.
std::string_view figure_style() {
  return R"(
:root {
  color-scheme: light dark;
  --paper: #fcfbf8; --ink: #1d1c1a; --soft: #66625b; --line: #dcd7cd; --faint: #ece8df; --panel: #f5f2eb;
  --accent: #0b5c97; --mix: #b4490a; --lost: #807b72; --band: #ddd8cc; --on-accent: #ffffff;
  --bin-0: #0a3a66; --bin-1: #14598f; --bin-2: #2f7ab3; --bin-3: #62a0cd; --bin-4: #a9bcc6;
  --bin-5: #bec9cd; --bin-6: #d0d6d6; --bin-7: #dedcd6; --bin-8: #e7e4dc; --bin-9: #efece5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14161b; --ink: #e9e7e2; --soft: #a6a299; --line: #383b44; --faint: #262932; --panel: #1b1e25;
    --accent: #6fb4ec; --mix: #f2a266; --lost: #8d8a84; --band: #343842; --on-accent: #0d141b;
    --bin-0: #d3e8fb; --bin-1: #a0cef5; --bin-2: #6cb1ea; --bin-3: #4088c4; --bin-4: #4a5f70;
    --bin-5: #405160; --bin-6: #374450; --bin-7: #2f3741; --bin-8: #292f38; --bin-9: #232830;
  }
}
.figure { display: block; overflow: visible; font: 12.5px/1 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; }
.figure text { fill: var(--ink); font-variant-numeric: tabular-nums; }
.figure .paper { fill: var(--paper); }
.figure .heading { font-size: 17px; font-weight: 600; }
.figure .protocol { fill: var(--soft); font-size: 11px; }
.figure .name { text-anchor: end; }
.figure .bar-name { font-weight: 500; }
.figure .value { text-anchor: end; fill: var(--soft); }
.figure .best { font-weight: 700; fill: var(--ink); }
.figure .tick { text-anchor: middle; fill: var(--soft); font-size: 11px; }
.figure .from-left { text-anchor: start; font-style: italic; }
.figure .guide { stroke: var(--line); stroke-dasharray: 1 4; }
.figure .grid { stroke: var(--faint); }
.figure .band { fill: var(--band); opacity: .7; }
.figure .chance { stroke: var(--lost); stroke-width: 1.25; stroke-dasharray: 4 3; }
.figure .chance-name { fill: var(--soft); font-size: 11px; font-style: italic; }
.figure .turned { text-anchor: end; }
.figure .whisker { stroke-width: 3; stroke-linecap: round; opacity: .38; }
.figure .seed { stroke: var(--ink); stroke-width: 1.25; opacity: .55; }
.figure .dot { stroke: var(--paper); stroke-width: 1.5; }
.figure .whisker.single { stroke: var(--accent); }
.figure .whisker.mix { stroke: var(--mix); }
.figure .whisker.lost { stroke: var(--lost); }
.figure .dot.single { fill: var(--accent); }
.figure .dot.mix { fill: var(--mix); }
.figure .dot.lost { fill: var(--paper); stroke: var(--lost); }
.figure .bin { stroke: var(--paper); stroke-width: 1; }
.figure .bin-0 { fill: var(--bin-0); } .figure .bin-1 { fill: var(--bin-1); } .figure .bin-2 { fill: var(--bin-2); }
.figure .bin-3 { fill: var(--bin-3); } .figure .bin-4 { fill: var(--bin-4); } .figure .bin-5 { fill: var(--bin-5); }
.figure .bin-6 { fill: var(--bin-6); } .figure .bin-7 { fill: var(--bin-7); } .figure .bin-8 { fill: var(--bin-8); }
.figure .bin-9 { fill: var(--bin-9); }
.figure .cell { fill: var(--accent); }
.figure .depth-0 { fill-opacity: .16; } .figure .depth-1 { fill-opacity: .3; } .figure .depth-2 { fill-opacity: .45; }
.figure .depth-3 { fill-opacity: .85; } .figure .depth-4 { fill-opacity: 1; }
.figure .luck { fill: none; stroke: var(--lost); stroke-dasharray: 3 3; }
.figure .cell-value { text-anchor: middle; font-size: 11.5px; pointer-events: none; }
.figure .on-dark { fill: var(--on-accent); }
.figure .maybe { fill: var(--soft); font-style: italic; }
)";
}

std::string_view page_style() {
  return R"(
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: clamp(28px, 6vw, 72px) clamp(16px, 4vw, 40px) 64px; }
h1, h2 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "Liberation Serif", serif; font-weight: 600; line-height: 1.15; letter-spacing: -.01em; text-wrap: balance; }
h1 { font-size: clamp(34px, 6vw, 54px); margin: 6px 0 18px; }
h2 { font-size: clamp(23px, 3.2vw, 29px); margin: 0 0 8px; }
h3 { font-size: 14.5px; font-weight: 650; margin: 0 0 2px; }
p { margin: 0 0 14px; max-width: 68ch; }
.kicker { color: var(--accent); font-weight: 600; font-size: 13px; letter-spacing: .09em; text-transform: uppercase; margin: 0; }
.lede { font-size: clamp(17px, 2.2vw, 20px); line-height: 1.5; max-width: 60ch; }
.soft, figcaption { color: var(--soft); font-size: 14.5px; line-height: 1.5; }
strong, b { font-weight: 650; }
.stats { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 0; margin: 30px 0 34px; border-top: 1px solid var(--ink); }
.stats div { padding: 14px 20px 4px 0; }
.stats dt { color: var(--soft); font-size: 14px; line-height: 1.4; }
.stats dd { margin: 0; font: 600 36px/1.15 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Liberation Serif", serif; font-variant-numeric: tabular-nums lining-nums; }
.stats div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.box { background: var(--panel); border-radius: 10px; padding: 22px 24px 20px; margin: 0 0 8px; }
.box h2 { font-size: 21px; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 20px; margin: 10px 0 0; font-size: 14.5px; line-height: 1.5; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
section { margin-top: 60px; }
figure { margin: 22px 0 0; }
figcaption { margin-top: 12px; max-width: 72ch; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 34px 48px; }
.many { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); gap: 34px 40px; }
.many .figure { font-size: 11.5px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0; margin: 0 0 18px; font-size: 13px; color: var(--soft); font-variant-numeric: tabular-nums; }
.legend li { display: flex; align-items: center; gap: 6px; }
.swatch { width: 14px; height: 14px; border-radius: 3px; display: inline-block; }
.swatch-0 { background: var(--bin-0); } .swatch-1 { background: var(--bin-1); } .swatch-2 { background: var(--bin-2); }
.swatch-3 { background: var(--bin-3); } .swatch-4 { background: var(--bin-4); } .swatch-5 { background: var(--bin-5); }
.swatch-6 { background: var(--bin-6); } .swatch-7 { background: var(--bin-7); } .swatch-8 { background: var(--bin-8); }
.swatch-9 { background: var(--bin-9); }
.key-single { color: var(--accent); } .key-mix { color: var(--mix); }
.wide { overflow-x: auto; padding-bottom: 4px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; line-height: 1.35; font-variant-numeric: tabular-nums lining-nums; }
caption { text-align: left; color: var(--soft); font-size: 14px; padding-bottom: 10px; }
th, td { text-align: right; padding: 6px 10px; white-space: nowrap; }
th { font-weight: 500; }
thead th { color: var(--soft); font-weight: 500; font-size: 13px; vertical-align: bottom; border-bottom: 1.5px solid var(--ink); }
tbody td, tbody th { border-bottom: 1px solid var(--faint); }
tbody tr:hover > * { background: var(--panel); }
tr > :first-child { text-align: left; padding-left: 0; position: sticky; left: 0; background: var(--paper); max-width: 15em; overflow: hidden; text-overflow: ellipsis; }
tr.best > * { font-weight: 700; }
tr.level > * { color: var(--soft); font-style: italic; font-weight: 400; border-bottom: 0; }
td small { color: var(--soft); font-size: 12.5px; font-weight: 400; }
details { margin-top: 22px; }
summary { cursor: pointer; font-weight: 600; }
.wide:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
.terms { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr)); gap: 18px 28px; margin: 16px 0 0; }
.terms dt { font-weight: 650; }
.terms dd { margin: 0; color: var(--soft); font-size: 15px; line-height: 1.5; }
footer { margin-top: 64px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--soft); font-size: 14px; }
@media (min-width: 900px) {
  .box .facts { grid-template-columns: max-content 1fr max-content 1fr; column-gap: 24px; }
}
@media (max-width: 560px) {
  .figure { font-size: 11.5px; }
  .box { padding: 18px 16px; }
  .facts { column-gap: 14px; font-size: 14px; }
  th, td { padding: 6px 8px; }
  tr > :first-child { max-width: 9em; }
}
@media print {
  main { max-width: none; padding: 0; }
  figure, .box, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  .wide { overflow: visible; }
  section { margin-top: 34px; }
  .bin, .swatch, .cell, .box { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)";
}

}  // namespace segue
