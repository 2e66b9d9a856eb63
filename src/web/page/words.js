// words.js -- weir's short words in plain English.
import {clean, h, named} from "./dom.js";
import {bytes, count, hour, percent} from "./format.js";
import {GROUPS, TYPES} from "./type_words.js";

// One and many stand around a bar; or the "s" of many has its place at the star.
function numbered(words, n) {
  const [one, many = one] = words.split("|");
  return (n === 1 ? one : many).replace("*", n === 1 ? "" : "s");
}

// "EMAIL", 2: "e-mail addresses"; "national_id", 1: "national identity number". What has no words of
// its own is itself in small letters.
export function typeName(type, n = 1) {
  const table = [TYPES, GROUPS].find(t => Object.hasOwn(t, type));
  return table ? numbered(table[type], n) : ruleName(type).toLowerCase();
}

// "PERSON 1, EMAIL 2", as a reason has it: "1 name of a person, 2 e-mail addresses".
export const typesOf = detail => detail.split(", ").map(one => {
  const m = one.match(/^([A-Z0-9_]+) (\d+)$/);
  return m ? `${count(Number(m[2]))} ${typeName(m[1], Number(m[2]))}` : clean(one, 80);
}).join(", ");

// What stands beside a choice and is not its reason.
const ASIDE = new Set(["label", "mask", "restored", "aside", "truncated", "failed_attempts", "judged", "shadow", "quality"]);

const RULES = {
  pin: d => (d === "unknown model" ? "there is no such model" : `the app asked for ${d}`),
  label: d => `label: ${d}`,
  mask: d => `masked: ${typesOf(d)}`,
  shadow: d => `shadow mode, not enforced: ${d}`,
  escalated: d => `the local answer was too weak: ${d}`,
  health: d => d,
  capability: d => d,
  failed_attempts: d => `failed tries: ${d}`,
  aside: d => `beside it: ${d}`,
  restored: d => `values put back: ${d}`,
  judged: d => `the answer was judged: ${d}`,
  truncated: d => `cut: ${d}`,
  quality: d => `quality: ${d}`,
  forward: d => d,
};

// A policy's reason begins with the side and its cause: "local: no cloud model can take images".
const isChoice = detail => /^(local|cloud): /.test(detail);

export function reasonWords({rule, detail}) {
  const say = RULES[rule] || (isChoice(detail) && (() => `${detail} (policy ${rule})`));
  return clean(say ? say(detail) : `${rule}: ${detail}`, 400);
}

export const ruleName = rule => clean(rule).replace(/_/g, " ");

// Each request is in one: answered here and nothing of it left; to the cloud, which is that bytes
// of it left; or refused or failed here, as are those that never reached the cloud.
export function partOf(side, s) {
  const left = side === "cloud" ? s.requests - s.cloud_unreached : s.local_after_cloud;
  return {here: s.local_ok, left, none: s.requests - s.local_ok - left};
}

const find = (row, rule) => row.reasons.find(r => r.rule === rule);

// The one line of a row: why it went where it went, or why nobody answered.
export function why(row) {
  const choice = row.reasons.filter(r => !ASIDE.has(r.rule)).pop() || find(row, "label");
  const mask = find(row, "mask");
  const parts = [!choice ? null : isChoice(choice.detail) ? clean(choice.detail, 400) : reasonWords(choice), mask && row.at_cloud ? reasonWords(mask) : null,
    find(row, "failed_attempts") ? "after a failed try" : null];
  const said = parts.filter(Boolean).join("; ");
  if (row.outcome === "ok") return said;
  const code = row.error ? ruleName(row.error) : "";
  return `${outcomeName(row.outcome)}${code ? ": " + code : ""}${said ? ` (${said})` : ""}`;
}

const OUTCOMES = {ok: "answered", error: "failed", refused: "refused", cancelled: "the client left", interrupted: "weir was stopped"};
export const outcomeName = o => OUTCOMES[o] || o;

const ACTIONS = {mask: "masked", local: "kept here", block: "refused", clear: "left as it was"};
export const actionName = a => ACTIONS[a] || ruleName(a);

const PURPOSES = {answer: "the first try", retry: "another try", escalated: "a stronger model", second_opinion: "second opinion",
  judge: "judge", mirror: "mirror"};
export const purposeName = p => PURPOSES[p] || ruleName(p);

const DECISIONS = {sent: "left as it was", masked: "left with values masked", local: "held: a local engine answers",
  refused: "held: refused", not_sent: "nothing of it left after all", unknown: "nobody can know whether it left"};
export const decisionName = d => DECISIONS[d] || ruleName(d);

const MAKES = {"llama-server": "llama-server", ollama: "Ollama", "lm-studio": "LM Studio", vllm: "vLLM", mistral: "Mistral", gemini: "Gemini", anthropic: "Anthropic",
  openrouter: "OpenRouter", groq: "Groq"};
const FORMS = {openai: "OpenAI\u2019s API", responses: "OpenAI\u2019s Responses", anthropic: "Anthropic\u2019s API", gemini: "Gemini\u2019s API", ollama: "Ollama\u2019s API"};
export const formName = f => FORMS[f] || clean(f);
// "A local engine (llama-server) that speaks OpenAI's API": how it is asked is not who made it.
export function engineWords(e) {
  const place = e.side === "local" ? "A local engine" : "An engine in the cloud";
  if (e.kind === "sim") return `${place}, simulated by weir`;
  return `${place}${MAKES[e.kind] ? ` (${MAKES[e.kind]})` : ""} that speaks ${formName(e.speaks)}`;
}

const BREAKERS = {closed: "ready", open: "left alone after failures, tried again soon", "half-open": "not known whether it is back: the next request tries it"};
const RUNS = {starting: "is being started", stopping: "is being stopped", stopped: "stopped by the operator", failed: "failed"};
// Its pause after failures is over and nothing has been asked since: it may be well or not.
export const isUnsure = e => e.breaker === "half-open" && (!e.run || e.run.state === "running");
export const isIll = e => !isWell(e) && !isUnsure(e);
export const unsureWords = engines => ["Not known whether ", engines.map((e, i) => [i ? ", " : "", named(e.name, 40)]), ` ${engines.length === 1 ? "is" : "are"} back: the next request tries ${engines.length === 1 ? "it" : "them"}.`];
const isWell = e => e.breaker === "closed" && (!e.run || e.run.state === "running");
export function stateWords(e) {
  const said = e.run && RUNS[e.run.state];
  return h("bdi", {}, said ? said + (e.run.why ? `: ${clean(e.run.why, 200)}` : "") : BREAKERS[e.breaker] || e.breaker);
}
export const stateOf = e => h(isWell(e) ? "span.good" : isIll(e) ? "span.bad" : "span.unsure", {}, stateWords(e));

// What a local engine says that it has in memory; others are not asked.
export function inMemory(e) {
  const m = e.memory;
  if (!m) return h("span.faint", {}, e.side === "cloud" ? "not asked" : "unknown");
  if (!m.models.length) return "nothing";
  const size = x => (x.bytes !== null ? ` ${bytes(x.bytes)}` : x.weights_bytes !== null ? ` ${bytes(x.weights_bytes)} of weights` : "");
  const gpu = x => (x.gpu_bytes === null ? "" : `, ${percent(x.gpu_bytes, x.bytes)} on the GPU`);
  const end = x => (x.stays ? ", stays" : x.until_ms === null ? "" : `, until ${hour(x.until_ms)}`);
  return [m.models.map((x, i) => [i ? "; " : null, named(x.name, 40), size(x) + gpu(x) + end(x)]), m.more ? `; ${count(m.more)} more` : null];
}
