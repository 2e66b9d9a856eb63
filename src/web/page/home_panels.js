// home_panels.js -- the last 24 hours, what left and what was held, and the engines.
import {bars} from "./chart.js";
import {h, fill, folded, named, since, table} from "./dom.js";
import {count, counted, day, duration, hour, rate, time, zone} from "./format.js";
import {requestsLink} from "./filter.js";
import {heldOf, keptOf} from "./home_story.js";
import {sideBadge} from "./rows.js";
import {inMemory, partOf, stateOf, typeName} from "./words.js";

// -- 24 hours

export function chartPanel() {
  const element = h("section.card.chart-card");
  let drawn = "";
  return {
    element,
    draw({hours}) {
      const said = JSON.stringify(hours);
      if (said === drawn) return;
      drawn = said;
      const at = Array.from({length: hours.n}, (_, i) => hours.since_ms + i * hours.step_ms);
      const of = part => at.map(ms => hours.items.filter(x => x.at_ms === ms).reduce((n, x) => n + partOf(x.side, x)[part], 0));
      const wasOpen = element.querySelector("details[open]") !== null;
      fill(element, bars({
        title: "The last 24 hours", unit: "requests an hour", of: "Hour from", labels: at.map(hour), fullLabels: at.map(ms => `${day(ms)} ${hour(ms)}`),
        format: count,
        series: [{name: "answered here", side: "local", values: of("here")}, {name: "to the cloud", side: "cloud", values: of("left")},
          {name: "refused or failed here", side: "other", values: of("none")}],
      }));
      element.querySelector("details").open = wasOpen;
    },
  };
}

// -- what left, what was held

const KEPT = ["internal", "confidential"], LABELS = ["public", "unlabelled", ...KEPT];

function labelRows(held, o, span) {
  const names = [...LABELS, ...held.labels.map(l => l.label || "none").filter(l => !LABELS.includes(l))];
  const none = {sent: 0, masked: 0, answered: 0, failed: 0, refused: 0};
  const rows = names.map(name => ({...none, ...held.labels.find(l => (l.label || "none") === name), ...(KEPT.includes(name) && keptOf(o, span, name)), label: name}));
  return [...rows, rows.reduce((all, l) => Object.fromEntries(["label", ...Object.keys(none)].map(k => [k, k === "label" ? "all" : all[k] + l[k]])), none)];
}

export const zero = n => (n ? h("b", {}, count(n)) : h("span.faint", {}, "0"));

// A count of requests, and which they are.
function linked(n, label, words) {
  const of = label === "all" ? "" : " label:" + label;
  if (!n || !(of === "" || words === "masked" || KEPT.includes(label))) return zero(n);
  return Object.assign(requestsLink(words + of, zero(n)), {title: "Show these requests"});
}

const labelColumns = [
  {title: "Label", cell: l => named(l.label, 40)},
  {title: "Left as it was", number: true, cell: l => zero(l.sent)},
  {title: "Left masked", number: true, cell: l => linked(l.masked, l.label, "masked")},
  {title: "Held, answered here", number: true, cell: l => linked(l.answered, l.label, "held outcome:ok")},
  {title: "Held, failed here", number: true, cell: l => linked(l.failed, l.label, "held -outcome:ok -outcome:refused")},
  {title: "Held, refused", number: true, cell: l => linked(l.refused, l.label, "held outcome:refused")},
];

function typeList(held, word) {
  const masked = held.types.filter(t => t.masked), kept = held.types.filter(t => t.held);
  const chips = (list, of) => {
    const all = list.sort((a, b) => b[of] - a[of]).map(t => h("li", {}, h("b", {}, count(t[of])), " ",
      of === "held" ? typeName(t.type, t.held) : requestsLink("masked " + t.type, typeName(t.type, t.masked))));
    return folded("values " + of, h("ul.chips", {}, all), all, 12);
  };
  return [h("h3", {}, "Values that left as tags"), masked.length ? chips(masked, "masked") : h("p.faint", {}, `None ${word}.`),
    h("h3", {}, "Values in ", kept.length ? requestsLink("held", "requests that were kept here") : "requests that were kept here"), kept.length ? chips(kept, "held") : h("p.faint", {}, `None ${word}.`)];
}

export function heldPanel() {
  let span = "today", last = null;
  const place = h("div.held"), buttons = ["today", "month"].map(name => h("button.quiet", {onclick: () => choose(name)}, name === "today" ? "Today" : "This month"));
  const element = h("section.card.held-card", {}, h("div.head", {}, h("h2", {}, "What left, what was held"), h("div.choice", {role: "group", "aria-label": "Time"}, buttons)), place);
  function choose(name) {
    span = name;
    draw(last);
  }
  function draw(o) {
    last = o;
    buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(span === ["today", "month"][i])));
    const held = heldOf(o, span);
    if (!held) return fill(place, h("p.bad", {}, "The audit chain cannot be read, so nobody knows. weir prove says more."));
    const taken = held.labels.reduce((n, l) => n + l.not_sent, 0), unsure = held.labels.reduce((n, l) => n + l.unknown, 0);
    const from = o.held.since_ms, begins = o[span].since_ms;
    return fill(place, h("div.scroll", {}, table(labelColumns, labelRows(held, o, span))),
      typeList(held, span === "today" ? "today" : "this month"),
      taken ? h("p.faint.small", {}, `${counted(taken, "try", "tries")} more did not leave after all.`) : null,
      unsure ? h("p.bad.small", {}, `Of ${counted(unsure, "try", "tries")} nobody can know whether they left: weir was stopped at that moment.`) : null,
      from === null || from <= begins ? null : h("p.faint.small", {}, `Counted since ${day(from)}, ${time(from)}. `,
        o.held.is_whole ? "The audit chain begins there." : o.held.is_done ? "What is older is not read here: weir prove reads all of it." : "What is older is being read."),
      h("p.faint.small", {}, "What left is counted in messages, by the audit chain; what was held in requests, by the ledger. A value counts in each."));
  }
  return {element, draw};
}

// -- engines

function speedOf(o, engine) {
  return o.speeds.filter(s => s.engine === engine).sort((a, b) => b.answers - a.answers)[0] || null;
}

function engineColumns(o) {
  return [
    {title: "Engine", cell: e => [named(e.name, 40), " ", sideBadge(e.side)]},
    {title: "Answered last", cell: e => {
      const last = [...e.models].sort((a, b) => b.answered_ms - a.answered_ms)[0];
      return last ? [named(last.name, 40), h("span.faint", {}, ", ", since(last.answered_ms))]
        : h("span.faint", {}, `nothing since weir began; ${counted(e.configured, "model")}`);
    }},
    {title: "In memory", cell: inMemory},
    {title: "Now", number: true, cell: e => `${count(e.inflight)}${e.max_inflight === null ? "" : ` of ${count(e.max_inflight)}`}`},
    {title: "Waiting", number: true, cell: e => count(e.queued)},
    {title: "First token", number: true, cell: e => {
      const s = speedOf(o, e.name);
      return s ? h("span", {title: `the middle of ${count(s.answers)} streamed answers of ${s.model} among the newest ${counted(o.speeds_rows, "request")}`}, duration(s.ttft_ms)) : h("span.faint", {}, "unknown");
    }},
    {title: "Speed", number: true, cell: e => {
      const s = speedOf(o, e.name);
      return s && s.tok_s !== null ? rate(s.tok_s) : h("span.faint", {}, "unknown");
    }},
    {title: "State", cell: stateOf},
  ];
}

export function enginesPanel() {
  const place = h("div.scroll");
  const element = h("section.card.engines", {}, h("h2", {}, "Engines"), place);
  return {
    element,
    draw(o) {
      fill(place, o.engines.length ? Object.assign(table(engineColumns(o), o.engines), {className: "cards"})
        : h("p.faint", {}, "No engine is configured."));
    },
  };
}

// -- do rows and sums agree?

export function checkLine(o) {
  const c = o.check;
  if (!c) return "Sums are added up as requests end. No whole hour of the last day could be checked against its rows yet.";
  const span = `${hour(c.since_ms)} to ${hour(c.until_ms)}`;
  return c.agree ? `Sums and rows agree: checked on ${span}, ${counted(c.requests, "request")}, to the nano-dollar. Days begin at midnight ${zone()}, weir\u2019s own zone.`
    : h("span.bad", {role: "alert"}, `Sums and rows disagree in the hour from ${span}: ${count(c.requests)} requests by the sums, ${count(c.rows)} by the rows. `
      + "Stop weir and run weir ledger rebuild.");
}
