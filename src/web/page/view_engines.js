// view_engines.js -- each engine: how it is, how fast it answered over time, and its models.
import {post} from "./api.js";
import {lines} from "./chart.js";
import {clean, fill, h, named, region, table} from "./dom.js";
import {count, counted, day, duration, hour, isoName, isoPlus, moment, rate} from "./format.js";
import * as live from "./live.js";
import {reasonDialog} from "./reason.js";
import {sideBadge} from "./rows.js";
import {asker, isOpen, spanChooser, spanName} from "./span.js";
import {engineWords, inMemory, isIll, isUnsure, stateOf, unsureWords} from "./words.js";

const unknown = text => h("span.faint", {}, text || "unknown");

function story(o) {
  const n = o.now.length, still = o.now.filter(e => e.run && e.run.state === "stopped").length, ill = o.now.filter(e => isIll(e) && !(e.run && e.run.state === "stopped")), unsure = o.now.filter(isUnsure), local = o.now.filter(e => e.side === "local").length;
  const busy = o.now.reduce((sum, e) => sum + e.inflight, 0), waiting = o.now.reduce((sum, e) => sum + e.queued, 0);
  if (!n) return [h("h1", {}, "No engine is configured."), h("p", {}, "weir up looks for those of this machine; weir.yaml names others.")];
  const some = (k, what) => (n === 1 ? `The one engine is ${what}.` : [h("b", {}, `${count(k)} of ${count(n)}`), ` engines ${k === 1 ? "is" : "are"} ${what}.`]);
  return [h("h1", {}, ill.length ? some(ill.length, "not well") : still ? some(still, "stopped by the operator")
    : unsure.length ? unsureWords(unsure)
    : n === 1 ? "The one engine is ready." : ["All ", h("b", {}, count(n)), " engines are ready."]),
  h("p", {}, `${count(local)} local, ${count(n - local)} in the cloud. Now ${busy ? counted(busy, "request is", "requests are") + " under way" : "nothing is under way"}${waiting ? `, ${count(waiting)} waiting` : ""}.`)];
}

// Whoever may operate stops and starts what weir runs itself. The table is drawn anew while it is
// looked at: the button that has the focus keeps it.
const isDown = e => e.run.state === "stopped" || e.run.state === "stopping";
const orderButton = (e, order) => h("button.quiet", {type: "button", "data-run": e.name, "aria-label": `${isDown(e) ? "Start" : "Stop"} ${e.name}`, onclick: () => order(e)}, isDown(e) ? "Start" : "Stop");

function ask(e, dialog) {
  const what = isDown(e) ? "start" : "stop";
  dialog.open({title: `${isDown(e) ? "Start" : "Stop"} ${e.name}?`, button: `${isDown(e) ? "Start" : "Stop"} it`,
    text: isDown(e) ? "Requests go to it as soon as it answers." : "At once, for all: nothing more goes to it. What is under way may finish for a while; then it ends, and stays stopped until it is started here, or weir is.",
    send: why => post(`engines/${e.name}/${what}`, {why})});
}

function nowCard(o, order) {
  const of = name => o.by_engine.find(b => b.engine === name) || {ok: 0, failed: 0, failed_attempts: 0};
  const more = name => o.engines.find(e => e.name === name) || {};
  return [h("h2", {}, "As they are now"), region("As they are now", table([
    {title: "Engine", cell: e => [named(e.name, 40), " ", sideBadge(e.side)]},
    {title: "State", cell: e => {
      const wait = e.breaker === "open" && more(e.name).retry_after_ms;
      return [stateOf(e), wait ? `, in ${duration(wait)}` : null, order && e.run ? [" ", orderButton(e, order)] : null];
    }},
    {title: "In memory", cell: inMemory},
    {title: "Under way", number: true, cell: e => `${count(e.inflight)}${e.max_inflight === null ? "" : ` of ${count(e.max_inflight)}`}`},
    {title: "Waiting", number: true, cell: e => count(e.queued)},
    {title: "Answered last", cell: e => {
      const last = [...e.models].sort((a, b) => b.answered_ms - a.answered_ms)[0];
      return last ? moment(last.answered_ms) : unknown("not since weir began");
    }},
    {title: `Answered, ${spanName(o)}`, number: true, cell: e => count(of(e.name).ok)},
    {title: "Failed", number: true, cell: e => count(of(e.name).failed)},
    {title: "Failed tries", number: true, cell: e => count(of(e.name).failed_attempts)},
  ], o.now)), h("p.faint.small", {}, "Failed tries: another ended the request after them. After five failures in a row an engine is left alone for a while.")];
}

// -- over time

function stepsOf(o) {
  if (!o.is_hourly) {
    const days = Array.from({length: o.steps}, (_, i) => isoName(isoPlus(o.first, i)));
    return {labels: days, full: days, of: "Day", name: ""};
  }
  const at = Array.from({length: o.steps}, (_, i) => o.steps_since_ms + i * 3600e3);
  return {labels: at.map(hour), full: at.map(ms => `${day(ms)} ${hour(ms)}`), of: "Hour from", name: `, ${day(at[0])}`};
}

function charts(o, s) {
  const {labels, full, of, name: days} = stepsOf(o), one = (title, unit, name, values, format) => lines({title, unit: unit + days, of, labels, fullLabels: full, format,
    series: [{name, side: s.side, values}]});
  const isKnown = s.tok_s.some(v => v !== null);
  return h("div.pair", {}, one("Time to the first token", "median of the answers that came", "median", s.ttft_ms, duration),
    isKnown ? one("Speed", "median, tokens a second behind the first", "median", s.tok_s, rate)
      : h("p.faint", {}, "Its speed is unknown: no answer of eight tokens or more told how many it had."));
}

// -- models

const dollars = micro => (micro === null ? "unknown" : `$${(micro / 1e6).toFixed(micro % 10000 ? 4 : 2)}`);

function priceCell(m) {
  if (m.price === undefined) return unknown("no longer in weir.yaml");
  if (m.price === null) return m.is_cloud ? h("span.bad", {}, "unknown: set price: in weir.yaml") : unknown("nothing is billed");
  return h("span", {title: `${m.price.provider}/${m.price.model}, of ${m.price.date}`}, `${dollars(m.price.input_microusd)} in, ${dollars(m.price.output_microusd)} out`);
}

function modelRows(o, name) {
  const config = o.engines.find(e => e.name === name), told = config ? config.models : [];
  const seen = o.latency.filter(l => l.engine === name);
  const of = m => seen.find(l => l.model === m.name || l.model === m.upstream);
  const rows = told.map(m => ({...m, times: of(m)}));
  return [...rows, ...seen.filter(l => !rows.some(r => r.times === l)).map(l => ({name: l.model, context: null, times: l}))];
}

const gap = m => unknown(m.times ? "unknown" : "none");
const ms = (m, v) => (v === null || v === undefined ? gap(m) : duration(v));
const modelColumns = [
  {title: "Model", cell: m => named(m.name, 60)},
  {title: "Streamed answers", number: true, cell: m => count(m.times ? m.times.streamed : 0)},
  {title: "First token", number: true, cell: m => ms(m, m.times && m.times.ttft_ms_p50)},
  {title: "9 of 10 within", number: true, cell: m => ms(m, m.times && m.times.ttft_ms_p90)},
  {title: "After a pause", number: true, cell: m => (m.times && m.times.after_pause ? h("span", {title: `the middle of ${count(m.times.after_pause)}`}, duration(m.times.ttft_ms_after_pause_p50)) : unknown("none"))},
  {title: "Speed", number: true, cell: m => (m.times && m.times.tokens_per_s_p50 !== null ? rate(m.times.tokens_per_s_p50) : gap(m))},
  {title: "Context", number: true, cell: m => (m.context === null ? unknown() : `${count(m.context)} tokens`)},
  {title: "Price, a million tokens", number: true, cell: priceCell},
];

const DID = {opened: "left alone", "half-opened": "tried again", "opened-again": "still failing", closed: "ready again", stopped: "stopped by the operator", died: "ended by itself", started: "started again"};
const pastColumns = [
  {title: "When", cell: p => moment(p.at_ms)},
  {title: "It was", cell: p => [DID[p.what], p.times > 1 ? `, the last of ${count(p.times)} times since ${moment(p.first_ms)}` : null]},
  {title: "Why", cell: p => clean(p.why, 120)},
];

function engineCard(o, name) {
  const series = o.series.find(s => s.engine === name), now = o.now.find(e => e.name === name), config = o.engines.find(e => e.name === name);
  const side = now ? now.side : series ? series.side : null, rows = modelRows(o, name), hidden = config ? config.configured - config.models.length : 0;
  const cold = series ? series.cold.reduce((a, b) => a + b, 0) : 0;
  return h("section.card", {}, h("h2", {}, named(name, 40), " ", sideBadge(side)),
    h("p.faint.small", {}, !now ? "No longer in weir.yaml." : [engineWords(now), config && config.host ? [", at ", named(`${config.host}:${config.port}`, 80)] : null, "."],
      cold ? ` ${counted(cold, "answer")} came first or after five idle minutes: perhaps the model had to be loaded (a cold start).` : ""),
    series && series.ttft_ms.some(v => v !== null) ? charts(o, series) : h("p.faint", {}, `Its times are unknown: no streamed answer in ${spanName(o)}, or each came after a pause.`),
    config && config.breaker_past.length ? region(`What became of ${name} in 24 hours`, table(pastColumns, config.breaker_past, {caption: "What became of it in the last 24 hours, since weir began"})) : null,
    rows.length ? region(`Models of ${name}`, table(modelColumns, rows)) : null,
    hidden > 0 ? h("p.faint.small", {}, `${counted(hidden, "model")} more are not shown.`) : null);
}

export async function open(root, ctx) {
  const days = spanChooser("engines", ctx), head = h("section.hero"), now = h("section.card", {hidden: true}), each = h("div.view"), foot = h("div.foot");
  let last = null;
  fill(head, h("p.faint", {}, "Loading."));
  const dialog = reasonDialog("engine", () => ctx.say("The order is given."));
  const order = ctx.mayOperate ? e => ask(e, dialog) : null;
  const drawNow = o => {
    const focus = document.activeElement.dataset.run;
    last = o;
    fill(head, story(o));
    fill(now, nowCard(o, order));
    now.hidden = !o.now.length;
    if (focus) [...now.querySelectorAll("[data-run]")].find(b => b.dataset.run === focus)?.focus();
  };
  const asked = asker(head, o => {
    days.show(o);
    drawNow(o);
    const names = [...new Set([...o.now.map(e => e.name), ...o.series.map(s => s.engine), ...o.latency.map(l => l.engine)])];
    const open = [...each.querySelectorAll("details")].map(d => d.open);
    fill(each, names.map(n => engineCard(o, n)));
    each.querySelectorAll("details").forEach((d, i) => (d.open = !!open[i]));
    fill(foot, o.rows_since_ms === null ? null : h("p.faint.small", {}, `Times are of the newest ${count(o.rows)} of ${counted(o.rows_all, "request")}, since ${moment(o.rows_since_ms)}.`));
    return isOpen(o);
  });
  fill(root, days.element, head, now, each, foot, order ? dialog.element : null);
  const breakers = all => all.map(e => e.breaker + (e.run && e.run.state)).join();
  const off = live.on("engines", e => {
    if (!last) return;
    const isNews = breakers(e) !== breakers(last.now);
    drawNow({...last, now: e});
    if (isNews) asked.again();
  });
  return {
    path: parts => asked.ask("engines?" + days.take(parts)),
    close() {
      off();
      asked.close();
    },
  };
}
