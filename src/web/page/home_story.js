// home_story.js -- the sentence on top, the four figures below it, and what a fresh weir says.
import {proportion} from "./chart.js";
import {h, fill, named} from "./dom.js";
import {requestsLink} from "./filter.js";
import {count, counted, money, moneyExact, moneyOf, month, percent, time} from "./format.js";
import {partOf} from "./words.js";

// Sums of a span ("today", "month") of the overview.
export function spanOf(span) {
  const of = side => (span.sides.find(s => s.side === side) || {}).sums;
  const all = span.sides.map(s => s.sums), sum = f => all.reduce((n, s) => n + f(s), 0);
  const cloud = of("cloud"), local = of("local"), n = sum(s => s.requests);
  const [here, left, none] = ["here", "left", "none"].map(part => span.sides.reduce((sum, s) => sum + partOf(s.side, s.sums)[part], 0));
  const given = (cloud ? cloud.outcomes.ok : 0) + (local ? local.outcomes.ok - local.local_ok : 0);
  return {
    n, left, here, none, unanswered: left - given, cost: cloud ? cloud.cost_nanousd : 0, unknown: cloud ? cloud.cost_unknown : 0,
    allUnknown: sum(s => s.cost_unknown), saved: span.saved_nanousd, versus: span.versus_nanousd,
  };
}

// What a label kept here, each request in one of three, as the filter `held` finds them: by label, or all.
export function keptOf(o, span, label) {
  const of = o[span].labels.filter(l => (label ? l.label === label : ["internal", "confidential"].includes(l.label)) && l.side !== "cloud");
  const sum = f => of.reduce((n, l) => n + f(l), 0), answered = sum(l => l.outcomes.ok), refused = sum(l => l.outcomes.refused);
  return {answered, failed: sum(l => l.requests) - answered - refused, refused};
}
export const keptWords = k => `${count(k.answered)} answered here, ${count(k.failed)} failed here, ${count(k.refused)} refused`;

// What the chain says left, and the ledger was held: {left, masked, held, values}, or null when the chain cannot be read.
export function heldOf(o, span) {
  if (!o.held) return null;
  const {labels, types} = o.held[span], sum = (list, f) => list.reduce((n, x) => n + f(x), 0);
  const kept = keptOf(o, span);
  return {
    kept, left: sum(labels, l => l.sent + l.masked), masked: sum(labels, l => l.masked),
    held: kept.answered + kept.failed + kept.refused, values: sum(types, t => t.masked), labels, types,
  };
}

// Does the chain tell of all requests of the span that the last 24 hours show?
export function isCounted(o, span) {
  const since = o.held && o.held.since_ms, begins = o[span].since_ms;
  if (!since) return false;
  return since <= begins || o.hours.items.every(x => x.at_ms < begins || !x.requests || x.at_ms >= since - (since % o.hours.step_ms));
}

const strong = (...what) => h("b", {}, what);

function went(t, held, isSure) {
  if (!t.left) return ["Nothing went to the cloud, and it cost ", strong("$0"), ". "];
  const verb = isSure && held.left === 0 ? " for the cloud, but nothing of it left"
    : ` went to the cloud, for ${moneyOf(t.cost, t.unknown)}`;
  return [strong(count(t.left)), verb, ". "];
}

function sentence(o) {
  const t = spanOf(o.today), held = heldOf(o, "today"), isSure = held && isCounted(o, "today");
  if (!t.n) return [h("h1", {}, "Nothing was asked today so far."), h("p", {}, "Nothing left and nothing was spent. ",
    o.month.sides.length ? "What was before is below." : "")];
  const first = t.here < t.n ? [strong(count(t.here), " of ", count(t.n)), ` ${t.n === 1 ? "request was" : "requests were"} answered here today. `]
    : [t.n === 1 ? "Today\u2019s one request was" : ["All ", strong(count(t.n)), " requests of today were"], " answered here. "];
  const second = [];
  if (held && held.left) second.push(!held.masked ? (isSure ? "Nothing that left needed masking. " : "")
    : held.left === 1 ? "Its values were masked. " : `Values were masked in ${count(held.masked)} of the ${count(held.left)} messages that left. `);
  if (held && held.held) second.push(requestsLink("held", counted(held.held, "request")), ` ${held.held === 1 ? "was" : "were"} held back because of ${held.held === 1 ? "its" : "their"} label. `);
  if (isSure && !held.held) second.push("Nothing had to be held back. ");
  if (t.none) second.push(requestsLink("errors -left", counted(t.none, "request")), ` ${t.none === 1 ? "was" : "were"} refused or failed here. `);
  if (t.unanswered) second.push(`Of what went to the cloud, ${count(t.unanswered)} got no full answer. `);
  return [h("h1", {}, first, went(t, held, isSure)), h("p", {}, second)];
}

export function hero() {
  const element = h("section.hero");
  return {element, draw: o => fill(element, sentence(o))};
}

export const tile = (title, big, bar, ...small) => h("div.card.tile", {}, h("h2", {}, title), h("p.big", {}, big), bar, h("p.faint.small", {}, small));

function localTile(o) {
  const t = spanOf(o.today), m = spanOf(o.month);
  const parts = `${count(t.here)} answered here, ${count(t.left)} to the cloud, ${count(t.none)} refused or failed here`;
  return tile("Answered here", t.n ? [`${count(t.here)} of ${count(t.n)}`, h("span.aside", {}, percent(t.here, t.n))] : "None yet",
    proportion([{value: t.here, side: "local"}, {value: t.left, side: "cloud"}, {value: t.none, side: "other"}], `Today: ${parts}`),
    t.n ? `${parts}. ` : "",
    `${month(o.month.since_ms)}: ${m.n ? `${count(m.here)} of ${count(m.n)}, ${percent(m.here, m.n)}` : "none yet"}.`);
}

function costTile(o) {
  const t = spanOf(o.today), m = spanOf(o.month);
  return tile("The cloud cost", [h("span", {title: moneyExact(t.cost)}, moneyOf(t.cost, t.unknown)), h("span.aside", {}, "today")], null,
    `${month(o.month.since_ms)}: `, h("span", {title: moneyExact(m.cost)}, moneyOf(m.cost, m.unknown)), ". List prices, failed tries included.");
}

function savedText(s) {
  if (s.saved === null) return "unknown";
  return BigInt(s.saved) < 0n ? `${money(-BigInt(s.saved))} more` : money(s.saved);
}

function savedTile(o) {
  const t = spanOf(o.today), m = spanOf(o.month), v = o.versus;
  const badge = h("span.badge", {title: "weir computes it from the tokens of each request and a list price; nobody has paid or billed it"}, "computed");
  if (!v) return tile("Saved", ["Unknown ", badge], null, "There is no cloud model to hold it against.");
  if (t.saved === null) return tile("Saved", ["Unknown ", badge], null, "No price is known of ", named(v.model, 40), ".");
  return tile("Saved", [h("span", {title: moneyExact(t.saved)}, savedText(t)), h("span.aside", {}, "today "), badge], null,
    `${month(o.month.since_ms)}: `, h("span", {title: moneyExact(m.saved)}, savedText(m)), t.allUnknown || m.allUnknown ? ", less what is unknown" : "",
    ". Against ", named(`${v.provider}/${v.price}`, 50), ` for every request, each once (${moneyOf(t.versus, 0)} today; price of ${v.price_date}).`);
}

function leftTile(o) {
  const t = heldOf(o, "today"), m = heldOf(o, "month"), since = o.held && o.held.since_ms;
  if (!t || !since) return tile("Left for the cloud", "Unknown", null, "The audit chain cannot be read.");
  return tile("Left for the cloud", [count(t.left), h("span.aside", {}, `${t.left === 1 ? "message" : "messages"} today`)], null,
    `${count(t.masked)} of them with values masked, ${counted(t.values, "value")} in all. Held: ${keptWords(t.kept)}. A request that is tried twice is two messages. `,
    isCounted(o, "today") ? "" : `Only since ${time(since)}, where the audit chain begins. `,
    `${month(o.month.since_ms)}: ${count(m.left)} left, ${count(m.held)} held.`);
}

export function tiles() {
  const element = h("section.tiles", {"aria-label": "Figures of today"});
  return {element, draw: o => fill(element, localTile(o), costTile(o), savedTile(o), leftTile(o))};
}

// A weir that has not been asked anything says how to ask.
export function welcome(me) {
  const base = `${location.protocol}//${location.host}/v1`;
  const curl = `curl ${base}/chat/completions -H 'content-type: application/json' \\\n  -d '{"model":"auto","messages":[{"role":"user","content":"Hello"}]}'`;
  return h("section.card.welcome", {}, h("h2", {}, "Send the first request"),
    h("p", {}, "weir stands where your app already calls a model. Give the app this address:"),
    h("pre", {tabindex: 0}, `OPENAI_BASE_URL=${base}`),
    h("p", {}, "or try it in a terminal:"), h("pre", {tabindex: 0}, curl),
    h("p", {}, "The answer comes from a local engine where one can do it. Each request then stands here: who answered, why, and what it cost. ",
      "No prompt and no answer is kept."),
    h("p.faint.small", {}, `Clients of Anthropic, Gemini and Ollama work, too. If the weir.yaml names keys, send one as Authorization: Bearer. `,
      `This weir listens on port ${me.port} and keeps its ledger in ${me.state_dir}.`));
}
