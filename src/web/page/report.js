// report.js -- what one of weir's commands says (--json), as tables and drawings. Every value
// carries where it comes from.
import {legend, marks} from "./chart.js";
import {h, hint, fill, clean, plain, table} from "./dom.js";

const text = (s, most = 600) => h("bdi", {}, clean(s, most));

const columnsOf = rows => Object.keys(rows[0] || {}).map(k => ({title: k || "applies", cell: r => text(r[k])}));

const source = v => [h("span.truth", {}, v.truth), " ", h("span.faint", {}, clean(v.source, 200), v.date ? `, ${v.date}` : "", v.note ? ` \u2013 ${clean(v.note, 200)}` : "")];

// "$0.02" of "USD/month" is "$0.02 /month".
const unitOf = v => (!v.unit || v.text === "unknown" ? "" : " " + clean(/[$]/.test(v.text) ? v.unit.replace(/^USD/, "") : v.unit, 30));

const valueColumns = [
  {title: "What", cell: v => text(v.label, 120)},
  {title: "Value", cell: v => h("b.number", {}, clean(v.text, 80), unitOf(v))},
  {title: "Where from", cell: source},
];

// Where all come from the same place, it is said once.
function valueTable(values) {
  const [first, ...rest] = values, isOne = rest.length && values.every(v => !v.note && v.truth === first.truth && v.source === first.source && v.date === first.date);
  const made = Object.assign(table(isOne ? valueColumns.slice(0, 2) : valueColumns, values), {className: isOne ? "cards values few" : "cards values"});
  return [made, isOne ? h("p.small", {}, source(first)) : null];
}

const scroll = (title, what) => h("div.scroll.tall", {tabindex: 0, role: "region", "aria-label": title}, what);

function oneTable(t, title) {
  if (!t.rows.length) return null;
  const made = Object.assign(table(columnsOf(t.rows), t.rows), {className: "cards"});
  return [scroll(clean(title || t.id, 80), made), h("p.faint.small", {}, h("span.truth", {}, t.truth), " ", clean(t.source, 300), t.date ? `, ${t.date}` : "")];
}

function section(s) {
  const values = Object.values(s.values), title = s.title || (s.tables[0] && s.tables[0].id) || "";
  const parts = [
    s.charts.map(curves), s.bars.map(ranges),
    values.length ? valueTable(values) : null,
    s.tables.map(t => oneTable(t, title)),
    s.notes.map(n => h("p", {}, text(n, 900))),
    s.verbatim.map(v => h("pre", {tabindex: 0}, plain(v))),
  ].flat(9).filter(Boolean);
  return parts.length ? h("section.card.part", {}, s.title ? h("h2", {}, clean(s.title, 160)) : null, parts) : null;
}

// The answer first: its first line is the answer, the others say what it stands on.
export function answerOf(report) {
  const [first, ...rest] = (report.answer || report.title).split("\n");
  return h(/^imp(ossible|lausible)\b/.test(first) ? "section.card.said.doubt" : "section.card.said", {role: "status"}, h("p.first", {}, text(first, 1200)), rest.map(l => h("p", {}, text(l, 1200))));
}

// What answers the question stands open; what it is made of is folded.
const OPEN = {plan: 5, advise: 2};

export function sectionsOf(report) {
  const all = Object.values(report.sections).map(section), n = OPEN[report.command] || all.length;
  return [...all.slice(0, n), all.length > n ? h("details", {}, h("summary", {}, "All that it is made of"), h("div.view", {}, all.slice(n).filter(Boolean))) : null];
}

// What a command says when it has no report: its own words, without the hint for terminals.
export const wordsOf = said => clean((said || "").split("\n").filter(l => l && !l.startsWith("Try: ")).join(" ").replace(/^weir [a-z ]+: /, ""), 700);

// -- drawings: curves over a number, and ranges around a line. A table of the same figures stands
// behind each.

const H = 260, TOP = 12;

const short = v => {
  const n = Math.abs(v);
  return n >= 1e9 ? `${+(v / 1e9).toPrecision(3)}G` : n >= 1e6 ? `${+(v / 1e6).toPrecision(3)}M` : n >= 1e4 ? `${+(v / 1e3).toPrecision(3)}k` : String(+v.toPrecision(4));
};
const full = v => (v === null || v === undefined ? "unknown" : v.toLocaleString("en-US", {maximumFractionDigits: Math.abs(v) < 10 ? 3 : 2}));

const sideOf = (name, i) => (/\b(API|cloud)\b/i.test(name) ? "cloud" : i < 1 ? "local" : "other");

function drawing(c, series, width) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const xs = series.flatMap(s => s.x), ys = series.flatMap(s => [...s.y, ...(s.low || []), ...(s.high || [])]).filter(v => v !== null);
  const left = 3.6 * rem, right = width - 10, bottom = H - 1.7 * rem, x0 = Math.min(...xs), x1 = Math.max(...xs);
  const rows = marks(Math.min(0, ...ys), Math.max(0, ...ys)), columns = (series[0].x.length <= 9 ? series[0].x : marks(x0, x1, Math.max(2, Math.floor(width / (6 * rem))))).filter(v => v >= x0 && v <= x1);
  const y = v => TOP + ((bottom - TOP) * (rows[rows.length - 1] - v)) / (rows[rows.length - 1] - rows[0]);
  const x = v => left + ((right - left) * (v - x0)) / (x1 - x0 || 1);
  const points = (s, of) => s.x.map((v, i) => (of[i] === null ? null : `${x(v)},${y(of[i])}`)).filter(Boolean);
  return h("svg.chart", {width, height: H, viewBox: `0 0 ${width} ${H}`, role: "img", "aria-label": c.title},
    rows.map(v => [h(v === 0 ? "line.rule.zero" : "line.rule", {x1: left, x2: right, y1: y(v), y2: y(v)}), h("text.tick", {x: left - 6, y: y(v) + 4, "text-anchor": "end"}, short(v))]),
    columns.map(v => h("text.tick", {x: x(v), y: H - 4, "text-anchor": x(v) > right - rem ? "end" : "middle"}, short(v))),
    series.map(s => [s.low && s.high ? h("path.band", {d: `M${[...points(s, s.low), ...points(s, s.high).reverse()].join("L")}Z`}) : null,
      h("g", {}, hint(s.name), h("polyline.line." + s.side, {points: points(s, s.y).join(" ")}))]));
}

export function curves(c) {
  const series = c.series.filter(s => s.x.length).map((s, i) => ({...s, name: clean(s.name, 60), side: sideOf(s.name, i)}));
  if (!series.length) return null;
  const place = h("div.place");
  new ResizeObserver(() => place.clientWidth && fill(place, drawing(c, series, place.clientWidth))).observe(place);
  const columns = [{title: c.x_label || "x", number: true, cell: i => full(series[0].x[i])},
    ...series.flatMap(s => [{title: s.name, number: true, cell: i => full(s.y[i])},
      ...(s.low && s.high ? [{title: s.name + ", range", number: true, cell: i => `${full(s.low[i])} to ${full(s.high[i])}`}] : [])])];
  return h("figure.plot", {}, h("figcaption", {}, h("b", {}, clean(c.title, 120)), h("span.faint", {}, clean(`${c.y_label || ""}; across: ${c.x_label || ""}`, 160)), legend(series)), place,
    h("details", {}, h("summary", {}, "The same as a table"),
      h("div.scroll.tall", {tabindex: 0, role: "region", "aria-label": clean(c.title, 100)}, table(columns, series[0].x.map((_, i) => i)))));
}

// {title, unit, base, mark, mark_label, side, bars: [{label, text, low, high}]}: bars from low to high around the line `base`; they are rows of a table, with their figures beside.
export function ranges(b) {
  const ends = b.bars.flatMap(r => [r.low, r.high]).concat(b.base, b.mark === undefined ? b.base : b.mark).map(v => (Array.isArray(v) ? v[0] : v)).filter(v => v !== null && v !== undefined);
  const one = v => (Array.isArray(v) ? v[0] : v), low = Math.min(...ends), high = Math.max(...ends), x = v => (100 * (v - low)) / (high - low || 1);
  const bar = r => h("svg.range", {viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true"},
    h("rect.bar." + (b.side || "local"), {x: x(Math.min(one(r.low), one(r.high))), width: Math.max(0.7, Math.abs(x(one(r.high)) - x(one(r.low)))), y: 1, height: 8}),
    h("line.base", {x1: x(one(b.base)), x2: x(one(b.base)), y1: 0, y2: 10}),
    b.mark === undefined ? null : h("line.limit", {x1: x(one(b.mark)), x2: x(one(b.mark)), y1: 0, y2: 10}));
  const made = table([{title: "What", cell: r => clean(r.label, 120)}, {title: b.unit || "", cell: bar}, {title: "Figures", cell: r => clean(r.text, 120)}], b.bars);
  made.className = "ranges";
  return h("figure.plot", {}, h("figcaption", {}, h("b", {}, clean(b.title, 120)), h("span.faint", {}, clean(b.unit || "", 40))), made,
    b.mark_label ? h("p.faint.small", {}, h("i.limit"), clean(b.mark_label, 120)) : null);
}
