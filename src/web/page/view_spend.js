// view_spend.js -- what a month, or other days, cost.
import {bars} from "./chart.js";
import {fill, h, named, region, table} from "./dom.js";
import {addMoney, count, counted, day, isoDay, isoName, isoPlus, money, moneyExact, moneyOf, moneyTick, percent, tokens} from "./format.js";
import {tile} from "./home_story.js";
import {sideBadge} from "./rows.js";
import {asker, isOpen, spanChooser, spanName} from "./span.js";
import {partOf} from "./words.js";

export const computed = why => h("span.badge", {title: why}, "computed");
const exact = (nano, text = money(nano)) => h("span", {title: moneyExact(nano)}, text);
const sumOf = (lines, f) => lines.reduce((n, x) => n + f(x), 0);
const partSum = (lines, part) => sumOf(lines, l => partOf(l.side, l)[part]);
const PARTS = [["Answered here", "here"], ["To the cloud", "left"], ["Refused or failed here", "none"]];
const costOf = lines => lines.reduce((n, x) => addMoney(n, x.cost_nanousd), 0n);

function figuresOf(o) {
  const cloud = o.by_side.filter(s => s.side === "cloud"), local = o.by_side.filter(s => s.side === "local");
  return {
    requests: sumOf(o.by_side, s => s.requests), left: partSum(o.by_side, "left"), cost: costOf(cloud), unknown: sumOf(cloud, s => s.cost_unknown),
    worth: costOf(local), input: sumOf(cloud, s => s.input), output: sumOf(cloud, s => s.output),
  };
}

function story(o, f) {
  const name = spanName(o), soFar = isOpen(o) ? " so far" : "";
  if (!f.requests) return [h("h1", {}, "Nothing was asked in ", h("b", {}, name), soFar, "."), h("p", {}, "So nothing was spent.")];
  const spent = f.cost === 0n && f.unknown ? ["an ", h("b", {}, "unknown"), " sum"] : h("b", {}, exact(f.cost));
  return [h("h1", {}, "In ", h("b", {}, name), " the cloud cost ", spent, soFar, "."),
    h("p", {}, o.pace ? ["At this rate the month comes to ", exact(o.pace.month_nanousd), ". "] : null,
      f.unknown ? `The cost of ${counted(f.unknown, "answer")} is unknown and not in it. ` : null,
      "List prices, as weir computes them for each request; your bill may differ.")];
}

function paceTile(o, f) {
  const badge = computed("what was spent, and for the rest of the month as much a day");
  if (!o.is_month || !isOpen(o)) return tile("By the day", [money(f.cost / BigInt(o.days)), h("span.aside", {}, "on average "), badge], null, `${counted(o.days, "day")}, also those without requests.`);
  if (!o.pace) return tile("The month comes to", ["Unknown ", badge], null, "A whole day has to go by first.");
  return tile("The month comes to", [exact(o.pace.month_nanousd), h("span.aside", {}, "at this rate "), badge], null,
    `If it goes on as it went since ${day(o.pace.from_ms)}.`);
}

function savedTile(o, f) {
  const badge = computed("from the tokens of each request and a list price; nobody has paid or billed it"), v = o.versus;
  if (!v) return tile("Saved", ["Unknown ", badge], null, "There is no cloud model to hold it against.");
  if (o.saved_nanousd === null) return tile("Saved", ["Unknown ", badge], null, "No price is known of ", named(v.model, 40), ".");
  const less = BigInt(o.saved_nanousd) < 0n;
  return tile("Saved", [exact(o.saved_nanousd, less ? `${money(-BigInt(o.saved_nanousd))} more` : money(o.saved_nanousd)), " ", badge], null,
    "Every request, once, at ", named(`${v.provider}/${v.price}`, 50), ` would have cost ${money(o.versus_nanousd)} (price of ${v.price_date})`,
    f.unknown ? "; less what is unknown." : ".");
}

function tilesOf(o, f) {
  const t = o.failed_tries, failed = sumOf(o.by_side, s => s.failed);
  return [
    tile("The cloud cost", exact(f.cost, moneyOf(f.cost, f.unknown)), null, `${counted(f.left, "request")} of ${count(f.requests)} went there; tokens there: ${tokens(f.input)} in, ${tokens(f.output)} out. `,
      f.worth ? ["Local answers count ", exact(f.worth), " by the price that weir.yaml gives them; nobody bills it."] : null),
    paceTile(o, f),
    tile("Failed tries", exact(t.cost_nanousd, moneyOf(t.cost_nanousd, t.cost_unknown)), null,
      `${counted(t.tries, "try", "tries")} failed before another ended the request; what they cost is part of the sum. ${counted(failed, "request")} failed in the end.`),
    savedTile(o, f),
  ];
}

function chartOf(o) {
  const days = Array.from({length: o.days}, (_, i) => isoPlus(o.first, i)), today = isoDay(o.now_ms);
  const of = (d, side) => o.by_day.filter(x => x.day === d && (!side || x.side === side));
  const value = side => days.map(d => {
    const lines = of(d, side), cost = Number(costOf(lines));
    return d > today || (cost === 0 && sumOf(lines, l => l.cost_unknown)) ? null : cost;
  });
  const note = d => {
    const unknown = sumOf(of(d), x => x.cost_unknown);
    return isoName(d) + (d > today ? " (to come)" : unknown ? ` (${count(unknown)} unknown)` : "");
  };
  const local = value("local");
  return bars({title: "Day by day", unit: "list prices", of: "Day", labels: days.map(isoName), fullLabels: days.map(note),
    format: v => money(Math.round(v)), axis: moneyTick, exact: v => moneyExact(v),
    series: [{name: "cloud", side: "cloud", values: value("cloud")},
      ...(local.some(v => v) ? [{name: "local, by your own price", side: "local", values: local}] : [])]});
}

const costCell = l => exact(l.cost_nanousd, moneyOf(l.cost_nanousd, l.cost_unknown));
const common = [
  {title: "Requests", number: true, cell: l => count(l.requests)},
  {title: "Tokens in + out", number: true, cell: l => `${tokens(l.input)} + ${tokens(l.output)}`},
  {title: "Cost", number: true, cell: costCell},
];
const more = total => [...common,
  {title: "Share", number: true, cell: l => percent(Number(l.cost_nanousd), Number(total))},
  {title: "Failed tries", number: true, cell: l => count(l.failed_attempts)},
];

function tableCard(title, note, columns, lines) {
  const rows = [...lines].sort((a, b) => !!a.isAll - !!b.isAll || Number(b.cost_nanousd) - Number(a.cost_nanousd) || b.requests - a.requests);
  return [h("h2", {}, title), h("p.faint.small", {}, note),
    region(title, table(columns, rows))];
}

// A line for each app, with its sums on both sides, and one of all.
function byKey(o) {
  const sums = (lines, more) => ({...more, lines, cost_nanousd: costOf(lines), ...Object.fromEntries(["requests", "input", "output", "cost_unknown"].map(f => [f, sumOf(lines, l => l[f])]))});
  const names = [...new Set(o.by_key.map(k => k.key))];
  return [...names.map(key => sums(o.by_key.filter(k => k.key === key), {key})), ...(names.length > 1 ? [sums(o.by_key, {isAll: true})] : [])];
}

function unknownCard(o) {
  const lines = o.by_model.filter(m => m.cost_unknown);
  if (!lines.length) return [];
  return [h("h2", {}, "Costs that nobody knows"), h("ul.plain", {}, lines.map(m => h("li", {}, named(m.engine, 40), " / ", named(m.model, 60),
    `: ${counted(m.cost_unknown, "answer")}. `, h("span.faint", {}, m.remedy, "."))))];
}

export async function open(root, ctx) {
  const days = spanChooser("spend", ctx), head = h("section.hero"), tiles = h("section.tiles", {"aria-label": "Figures"});
  const [chart, models, keys, unknown] = [0, 0, 0, 0].map(() => h("section.card"));
  fill(head, h("p.faint", {}, "Loading."));
  const asked = asker(head, o => {
    const f = figuresOf(o), total = costOf(o.by_side), wasOpen = chart.querySelector("details[open]") !== null;
    days.show(o);
    fill(head, story(o, f));
    fill(tiles, tilesOf(o, f));
    fill(chart, chartOf(o));
    chart.querySelector("details").open = wasOpen;
    fill(models, tableCard("By model", "Tokens and cost stand with the engine where they were spent.", [
      {title: "Engine / model", cell: m => [named(m.engine, 40, "no engine"), " / ", named(m.model, 60, "none"), " ", sideBadge(m.side)]}, ...more(total)], o.by_model));
    fill(keys, tableCard("By key", "Which app asked.", [
      {title: "Key", cell: k => (k.isAll ? h("b", {}, "All") : named(k.key, 40, "no key"))}, ...PARTS.map(([title, part]) => ({title, number: true, cell: k => count(partSum(k.lines, part))})), ...common], byKey(o)));
    fill(unknown, unknownCard(o));
    unknown.hidden = !o.by_model.some(m => m.cost_unknown);
    for (const e of [tiles, chart, models, keys]) e.hidden = !f.requests;
    return isOpen(o);
  });
  for (const e of [tiles, chart, models, keys, unknown]) e.hidden = true;
  fill(root, days.element, head, tiles, chart, unknown, models, keys);
  return {path: parts => asked.ask("spend?" + days.take(parts)), close: asked.close};
}
