// report.js -- what one of weir's commands says (--json), as tables and drawings. Every value
// carries where it comes from.
import {h, clean, plain, table} from "./dom.js";
import {ranges, curves} from "./report_charts.js";

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
  const [first, ...rest] = report.answer.split("\n");
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
