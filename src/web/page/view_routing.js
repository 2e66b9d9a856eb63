// view_routing.js -- which policy chooses and what it knows, and what came of it.
import {lines} from "./chart.js";
import {decisionPanel} from "./decision.js";
import {clean, fill, h, named, pair, region, table} from "./dom.js";
import {count, counted, duration, moment, money, moneyExact, moneyOf, percent} from "./format.js";
import {sideBadge} from "./rows.js";
import {asker, isOpen, spanChooser, spanName} from "./span.js";

const POLICIES = {
  "local-first": "A local engine answers while one has room. The cloud takes what none of them can.",
  "local-only": "Only local engines answer, whatever is asked.",
  "cloud-only": "Only the cloud answers. What may not leave is refused.",
  "seed-table": "A table over sensitivity, length, wished latency and quality decides.",
  complexity: "Simple, medium and complex questions go to three roles.",
  "length-keyword": "Long or hard-sounding prompts go to the strong cloud model, the rest stays local.",
  deadline: "A batch with a deadline goes to the cloud; one without stays local.",
  learned: "A score that was learnt from many prompts decides. It keeps to the share, the quality or the money that weir.yaml says.",
};
const ROLES = {local_small: "small local model", local_large: "large local model", cloud_cheap: "cheap cloud model", cloud_strong: "strong cloud model"};
const SAID = {good: "good", bad: "bad", edited: "used, but edited", regenerate: "another one was wanted", reask: "the same was asked again (weir saw it)"};

const exact = nano => h("span", {title: moneyExact(nano)}, money(nano));

function story(o) {
  return [h("h1", {}, "A request for ", h("b", {}, "auto"), " is placed by policy ", h("b", {}, o.policy), "."),
    h("p", {}, POLICIES[o.policy] || "", " Before it come what a model can do, the label (what is internal or confidential stays) and a model that the app names; after it, what is full or down is passed over.")];
}

// -- why did this go there?

function askCard(ctx) {
  const id = h("input", {type: "text", id: "which", required: true, placeholder: "wr-\u2026", autocomplete: "off", spellcheck: "false"});
  return h("section.card", {}, h("h2", {}, "Why did this go there?"), h("form.row", {onsubmit: e => {
    e.preventDefault();
    ctx.go("routing/why/" + encodeURIComponent(id.value.trim()));
  }}, h("label", {for: "which"}, "Id of a request, as the header x-weir-request-id of its answer has it"), id, h("button", {}, "Show")));
}

// -- what is configured, and where requests went

function configCard(o) {
  return [h("h2", {}, "Who plays which part"),
    o.roles.length ? h("dl.facts", {}, o.roles.map(r => pair(ROLES[r.role] || r.role, named(r.engine, 40), " / ", named(r.model, 60))))
      : h("p.faint", {}, "No roles are named in weir.yaml: the first model of a side that can do it is taken."),
    o.keys.length ? [h("h3", {}, "Keys with a policy of their own"), h("dl.facts", {}, o.keys.map(k => pair(named(k.key, 40), k.policy)))] : null];
}

function policyCard(o) {
  const names = [...new Set(o.by_policy.map(p => p.policy))];
  const of = (name, side) => o.by_policy.filter(p => p.policy === name && p.side === side), sum = (list, f) => list.reduce((n, x) => n + f(x), 0);
  const columns = [
    {title: "Policy", cell: n => (n === null ? h("span.faint", {}, "none had to choose") : n)},
    {title: "Local", number: true, cell: n => count(sum(of(n, "local"), p => p.requests))},
    {title: "Cloud", number: true, cell: n => count(sum(of(n, "cloud"), p => p.requests))},
    {title: "Neither", number: true, cell: n => count(sum(of(n, null), p => p.requests))},
    {title: "Requests", number: true, cell: n => count(sum(o.by_policy.filter(p => p.policy === n), p => p.requests))},
    {title: "Cost", number: true, cell: n => {
      const c = of(n, "cloud")[0];
      return c ? h("span", {title: moneyExact(c.cost_nanousd)}, moneyOf(c.cost_nanousd, c.cost_unknown)) : "$0";
    }}];
  return [h("h2", {}, `Which side was chosen, ${spanName(o)}`), region("Which side was chosen", table(columns, names, {empty: "No request yet."})),
    h("p.faint.small", {}, "The side of the last engine that was chosen, whether or not it was reached and answered. Neither: refused before a choice.")];
}

// -- policy learned

function wish(l) {
  if (l.goal === "share") return `${percent(l.value * 1000, 1000)} of the prompts to the cloud`;
  if (l.goal === "quality") return `of 100 prompts at most ${(100 * (1 - l.value)).toFixed(1)} with a worse answer than the cloud's`;
  return `at most $${l.value} a month`;
}

function curve(l) {
  return lines({title: "The more goes to the cloud, the fewer answers are worse", unit: l.is_measured ? "at most, with 95 % confidence, from outcomes" : "as the score itself expects",
    of: "Of the prompts to the cloud", labels: l.curve.map(p => `${Math.round(100 * p.share)} %`), format: v => `${(100 * v).toFixed(1)} %`,
    series: [{name: "worse answers", side: "cloud", values: l.curve.map(p => p.loss)}]});
}

function learnedCard(o) {
  const l = o.learned, isUsed = o.policy === "learned" || o.keys.some(k => k.policy === "learned") || o.by_policy.some(p => p.policy === "learned");
  if (!l || (!isUsed && !l.scored)) return [h("h2", {}, "Policy learned"), h("p.faint", {}, "It does not choose here.")];
  const where = l.all_stay ? "every prompt stays" : l.all_leave ? "every prompt goes to the cloud" : l.threshold === null ? "unknown" : `${l.threshold.toFixed(3)}; a prompt with a higher score goes to the cloud`;
  return [h("h2", {}, "Policy learned"), h("dl.facts", {},
    pair("Wanted", wish(l)),
    pair("So far", l.scored ? `${percent(l.sent, l.scored)} of about ${counted(l.scored, "prompt")} went to the cloud; older ones are forgotten by and by` : "no prompt yet"),
    pair("Threshold now", where),
    pair("Outcomes", l.outcomes < l.outcomes_needed ? `${count(l.outcomes)} of the ${count(l.outcomes_needed)} that a bound needs`
      : `${count(l.outcomes_worse)} of ${count(l.outcomes)} local answers were worse than the cloud\u2019s`),
    l.cost_nanousd ? pair("All to the cloud", [exact(l.cost_nanousd), ` for these prompts`, l.since_ms ? `, since ${moment(l.since_ms)}` : ""]) : null),
  curve(l)];
}

// -- escalation, feedback

function escalationCard(o) {
  const e = o.escalation, part = (what, n) => ({what, n});
  if (!e.judged) return [h("h2", {}, "Escalation"), h("p.faint", {}, e.is_on ? "It is on, and no local answer was judged in this time." : "No local answer was judged: `escalate:` in weir.yaml switches it on.")];
  const parts = [part("good enough, kept", e.kept), part("kept: nobody could say more of it", e.unsure), part("too weak, a stronger model answered", e.escalated),
    part("too weak, but no stronger model answered", e.given_back), part("not judged, for the reason in the row", e.not_judged), part("the client left, or an error ended it", e.cancelled)];
  return [h("h2", {}, "Escalation: what it bought"), region("Escalation", table([{title: "Local answers", cell: p => p.what}, {title: "How many", number: true, cell: p => count(p.n)},
    {title: "Share", number: true, cell: p => percent(p.n, e.judged)}], parts), ""),
  h("dl.facts", {}, pair("It cost", "stronger models ", exact(e.stronger_nanousd), `; ${counted(e.second_opinions, "second opinion")} and ${counted(e.judges, "judge")} `, exact(e.aside_nanousd)),
    pair("And time", `${duration(e.local_ms)} of local engines, for what nobody got`),
    pair("It saved", e.kept_would_cost_nanousd === null ? "unknown: no price to hold it against" : ["the kept answers would have cost ", exact(e.kept_would_cost_nanousd), " at ", named(e.versus.model, 40), " (computed)"]))];
}

function feedbackCard(o) {
  const hint = h("p.faint.small", {}, "Apps send it to POST /v1/feedback; the newest word on each answer counts.");
  return [h("h2", {}, "What was said of answers"), region("What was said of answers", table([{title: "Said", cell: f => SAID[f.said] || clean(f.said)},
    {title: "Of local answers", number: true, cell: f => count(f.local)}, {title: "Of the cloud\u2019s", number: true, cell: f => count(f.cloud)}], o.feedback), ""), hint];
}

const reach = o => (o.rows_since_ms === null ? null : h("p.faint.small", {}, `Escalation and what was said are of the newest ${count(o.rows)} of ${counted(o.rows_all, "request")}, since ${moment(o.rows_since_ms)}.`));

export async function open(root, ctx) {
  let span = [];
  const days = spanChooser("routing", ctx), head = h("section.hero"), foot = h("div.foot");
  const decision = decisionPanel(() => ctx.go(["routing", ...span].join("/")));
  const draws = [policyCard, configCard, learnedCard, escalationCard, feedbackCard], cards = draws.map(() => h("section.card", {hidden: true}));
  fill(head, h("p.faint", {}, "Loading."));
  const asked = asker(head, o => {
    days.show(o);
    fill(head, story(o));
    draws.forEach((draw, i) => {
      const wasOpen = cards[i].querySelector("details[open]") !== null;
      fill(cards[i], draw(o));
      cards[i].hidden = false;
      if (wasOpen) cards[i].querySelector("details").open = true;
    });
    fill(foot, reach(o));
    return isOpen(o);
  });
  const [policy, config, learned, escalation, feedback] = cards;
  fill(root, days.element, head, askCard(ctx), h("div.pair", {}, policy, config), learned, h("div.pair", {}, escalation, feedback), foot, decision.element);
  let path = null;
  return {
    path(parts) {
      const isWhy = parts[0] === "why" && parts[1];
      if (isWhy) decision.open(parts[1]);
      else {
        span = parts;
        decision.close();
      }
      const query = "routing?" + days.take(span);
      if (query !== path) asked.ask(query);
      path = query;
    },
    close: asked.close,
  };
}
