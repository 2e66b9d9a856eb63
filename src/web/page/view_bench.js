// view_bench.js -- what weir bench measured on this machine and kept: runs side by side, how their
// first tokens are spread, and what more requests at once bring.
import {get} from "./api.js";
import {h, fill, clean, named, region, table} from "./dom.js";
import {count} from "./format.js";
import {curves, ranges} from "./report.js";

const MOST = 8;
const FIGURES = [["ttft_cold", "First token, cold", "ms"], ["ttft_p50", "First token, median", "ms"], ["ttft_p90", "... of 9 in 10 at most", "ms"],
  ["ttft_p99", "... of 99 in 100 at most", "ms"], ["itl_p50", "Between two tokens, median", "ms"], ["itl_p99", "... of 99 in 100 at most", "ms"],
  ["stream_speed", "Speed of one stream", "tok/s"], ["speed", "Speed of all together", "tok/s"], ["good", "Within the limits", "a second"],
  ["energy", "Energy of a token", "J"], ["done", "Requests answered", ""], ["failed", "Requests that failed", ""]];

const kindOf = r => [r.engine, r.model, r.load.replace(/, \d+ at once$/, "")].join("\n");
const atOnce = r => Number((r.load.match(/, (\d+) at once$/) || [])[1] || 0);
const nameOf = r => `${clean(r.model, 30)}, ${clean(r.load, 40)} (run ${r.id})`;

const none = () => h("section.card.form", {}, h("h2", {}, "Nothing was measured here yet"),
  h("p", {}, "weir bench asks engines the same prompts and measures the time to the first token, the speed, and how they hold under load. In a terminal:"),
  h("pre", {tabindex: 0}, "weir bench\nweir bench --sweep"));

function sideBySide(runs) {
  const known = FIGURES.filter(([k]) => runs.some(r => r.values[k] && r.values[k].value !== null));
  const cell = (r, k) => (r.values[k] && r.values[k].value !== null ? (k === "done" || k === "failed" ? count(r.values[k].value) : clean(r.values[k].text, 20)) : h("span.faint", {}, "unknown"));
  const made = table([{title: "Measured", cell: f => f[1] + (f[2] ? `, ${f[2]}` : "")}, ...runs.map(r => ({title: nameOf(r), number: true, cell: f => cell(r, f[0])}))], known);
  return h("section.card.part", {}, h("h2", {}, "Side by side"), region("Side by side", made));
}

function spread(runs) {
  const value = (r, k) => (r.values[k] ? r.values[k].value : null);
  const bars = runs.filter(r => value(r, "ttft_p50") !== null && value(r, "ttft_p99") !== null).map(r => ({label: nameOf(r), low: value(r, "ttft_p50"), high: value(r, "ttft_p99"),
    text: `${r.values.ttft_p50.text}, ${r.values.ttft_p90.text}, ${r.values.ttft_p99.text} ms`}));
  return bars.length ? h("section.card.part", {}, ranges({title: "Time to the first token", unit: "ms, from the median to 99 in 100", base: 0, side: "other", bars}),
    h("p.faint.small", {}, "Figures: the median, 90 in 100, 99 in 100. A long bar is an engine that keeps some clients waiting.")) : null;
}

// Runs of one kind that differ in how many requests there were at once.
function sweep(runs) {
  const first = runs.find(r => atOnce(r)), same = first ? runs.filter(r => atOnce(r) && kindOf(r) === kindOf(first)).sort((a, b) => atOnce(a) - atOnce(b)) : [];
  if (new Set(same.map(atOnce)).size < 2) return null;
  const line = (name, k) => ({name, x: same.map(atOnce), y: same.map(r => (r.values[k] ? r.values[k].value : null))});
  return h("section.card.part", {}, h("h2", {}, "More requests at once: ", named(first.model, 40), " on ", named(first.engine, 40)),
    curves({title: "Speed", x_label: "requests at once", y_label: "tok/s", series: [line("all together", "speed"), line("one stream", "stream_speed")]}),
    curves({title: "Time to the first token, median", x_label: "requests at once", y_label: "ms", series: [line("first token", "ttft_p50")]}));
}

export async function open(root, ctx) {
  const {report, said} = await get("decide/bench?list=1");
  const hero = h("section.hero", {}, h("h1", {}, "How fast the engines are here"), h("p", {}, "Measured by weir bench on this machine and kept. Choose up to 8 runs to see them side by side."));
  const rows = report ? report.sections.kept.tables[0].rows.slice().reverse() : [];
  if (!rows.length) return void fill(root, hero, report ? none() : h("p.bad", {}, clean(said || "", 300)));

  const place = h("div.view"), known = new Map();
  const boxes = rows.map(r => h("input", {type: "checkbox", "aria-label": `Run ${r.id}: ${nameOf(r)}`}));
  rows.forEach((r, i) => (boxes[i].checked = kindOf(r) === kindOf(rows[0]) && r.date === rows[0].date && i < MOST));
  let turn = 0;

  async function draw() {
    const mine = ++turn, chosen = rows.filter((_, i) => boxes[i].checked);
    for (const b of boxes) b.disabled = !b.checked && chosen.length >= MOST;
    for (const r of chosen) {
      if (known.has(r.id)) continue;
      const shown = (await get("decide/bench?show=" + encodeURIComponent(r.id))).report;
      known.set(r.id, {...r, values: shown ? shown.sections.run.values : {}});
    }
    if (mine !== turn) return;
    const runs = chosen.map(r => known.get(r.id)).reverse();
    fill(place, runs.length ? [spread(runs), sweep(runs), sideBySide(runs)] : h("p.faint", {}, "No run is chosen."));
  }
  const redraw = () => draw().catch(e => ctx.say(e.message));

  const cells = [{title: "Show", cell: i => boxes[i]}, {title: "Run", cell: i => rows[i].id}, {title: "Day", cell: i => rows[i].date},
    {title: "Model", cell: i => named(rows[i].model, 40)}, {title: "Engine", cell: i => named(rows[i].engine, 30)}, {title: "Load", cell: i => named(rows[i].load, 40)},
    {title: "First token, ms", number: true, cell: i => clean(rows[i]["TTFT p50"], 20)}, {title: "tok/s", number: true, cell: i => clean(rows[i]["tok/s"], 20)}];
  const list = Object.assign(table(cells, rows.map((_, i) => i)), {className: "cards"});
  fill(root, hero, place, h("section.card.part", {onchange: redraw}, h("h2", {}, "Runs, the newest first"),
    h("div.scroll.tall", {tabindex: 0, role: "region", "aria-label": "Runs"}, list)));
  await draw();
}
