// view_compare.js -- one prompt to several models, side by side. Each column is an ordinary request
// of weir's: scanned, labelled and with a row of its own, from which its cost comes.
import {get, open as openPath, parse, post} from "./api.js";
import {h, fill, named, clean, pair, plain, field, fields} from "./dom.js";
import {count, counted, duration, money, moneyExact, rate, tokens} from "./format.js";
import {sideBadge} from "./rows.js";
import {typesOf} from "./words.js";

const MOST = 4; // a browser opens six connections at once to one host, and one is the events'
const LONGEST = [[256, "256 tokens"], [1024, "1,024 tokens"], [4096, "4,096 tokens"], [0, "As the model likes"]];
const ROW_TRIES = 20, ROW_WAIT_MS = 250;

const wait = ms => new Promise(done => setTimeout(done, ms));
const keyOf = m => `${m.engine}/${m.name}`;

// -- asking one

// heard.head({id, label, masked}), heard.text(piece), heard.thought(piece) as they come. Returns
// {usage, cut} at its end; throws {code, message, status} when there is no answer, or no whole one.
async function ask({engine, model, prompt, most, signal}, heard) {
  const body = {model: `${engine}/${model}`, stream: true, stream_options: {include_usage: true},
    messages: [{role: "user", content: prompt}], ...(most ? {max_tokens: most} : {})};
  const answer = await openPath("/weir/api/ask", {method: "POST", signal,
    headers: {"content-type": "application/json"}, body: JSON.stringify(body)});
  const field = name => answer.headers.get("x-weir-" + name);
  heard.head({id: field("request-id"), label: field("label"), masked: field("masked")});
  if (!answer.ok) throw fault(await answer.text(), answer.status);
  return listen(answer.body, heard);
}

function fault(text, status) {
  let error = {};
  try {
    error = parse(text).error || {};
  } catch { /* it is said below */ }
  return {status, code: error.code || "", message: error.message || `weir answered with status ${status} and no reason`};
}

async function listen(stream, heard) {
  const reader = stream.getReader(), letters = new TextDecoder();
  const seen = {usage: null, cut: false, isWhole: false};
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + letters.decode(piece.value, {stream: true})).split("\n");
    rest = lines.pop();
    for (const line of lines) take(line, heard, seen);
  }
  if (!seen.isWhole) throw {status: 0, code: "cut", message: "The answer ended before its end."};
  return seen;
}

function take(line, heard, seen) {
  if (!line.startsWith("data:")) return;
  const data = line.slice(5).trim();
  if (data === "[DONE]") {
    seen.isWhole = true;
    return;
  }
  const event = parse(data);
  if (event.error) throw {status: 200, code: event.error.code || "", message: event.error.message || "The engine failed."};
  if (event.usage) seen.usage = event.usage;
  for (const {delta, finish_reason: reason} of event.choices || []) {
    if (reason === "length") seen.cut = true;
    const thought = delta && (delta.reasoning_content || delta.reasoning);
    if (thought) heard.thought(thought);
    if (delta && (delta.content || delta.refusal)) heard.text(delta.content || delta.refusal);
  }
}

// -- a column

const WORDS = {waiting: "Waiting for the first token", answering: "Answering", done: "Answered", cut: "Answered, and cut at the length you chose",
  stopped: "Stopped by you", failed: "No answer", kept: "Kept on this machine: this model was not asked"};

function whatLeft(c) {
  if (c.model.side !== "cloud" || c.state === "kept") return "Nothing left this machine";
  if (!c.row) return c.isOver ? "unknown" : "\u2026";
  if (!c.row.legs.some(l => l.side === "cloud" && l.has_left)) return "Nothing left this machine";
  return c.masked ? `Left with values masked: ${typesOf(c.masked)}` : "Left as written, nothing was masked";
}

function figures(c) {
  const r = c.row, leg = r && r.legs.find(l => l.promised), ttft = leg && leg.ttft_ms !== undefined ? leg.ttft_ms : c.ttft;
  const out = r && r.tokens ? r.tokens.output : null;
  const ms = r && ttft !== null ? r.total_ms - ttft : 0, isSettled = !!r || c.isUnsettled;
  if (r && !r.legs.length) return h("dl.facts", {}, pair("Cost", money(r.cost_nanousd)), pair("Label", clean(c.label || "unlabelled", 80)), pair("What left", whatLeft(c)));
  const soon = h("span.faint", {}, isSettled ? "unknown" : "\u2026");
  return h("dl.facts", {},
    pair("First token", ttft === null ? (c.isOver ? "\u2013" : soon) : duration(ttft)),
    pair("Speed", out > 1 && ms > 0 && leg && leg.tokens_source !== "estimated" ? rate(((out - 1) * 1000) / ms) : c.isOver && isSettled ? "unknown" : soon),
    pair("Tokens", r && r.tokens ? `${tokens(r.tokens.input)} in, ${tokens(out)} out` : soon),
    pair("Cost", r ? [h("span", {title: moneyExact(r.cost_nanousd)}, money(r.cost_nanousd)),
      c.model.side === "local" ? h("span.faint", {}, " (electricity is not counted)") : r.price_date ? h("span.faint", {}, ` (list price of ${r.price_date})`) : null] : soon),
    pair("Label", c.label ? clean(c.label, 80) : c.id ? "unlabelled" : "\u2013"), pair("What left", whatLeft(c)));
}

function column(model) {
  const c = {model, state: "waiting", text: "", thoughts: "", id: null, label: null, masked: null, ttft: null, row: null,
    fault: null, isOver: false, isUnsettled: false, group: null};
  const state = h("p.column-state"), answer = h("div.answer", {tabindex: 0, role: "region", "aria-label": `Answer of ${clean(keyOf(model))}`});
  const facts = h("div"), thoughts = h("div"), verdict = h("p.small");
  c.element = h("section.card.column", {"aria-label": clean(keyOf(model))},
    h("h2", {}, named(model.name, 40), " ", sideBadge(model.side)), h("p.faint.small", {}, "on ", named(model.engine, 40)),
    state, answer, thoughts, verdict, facts);
  c.draw = () => {
    state.className = "column-state" + (c.state === "kept" ? " kept" : c.state === "failed" ? " bad" : "");
    fill(state, WORDS[c.state]);
    fill(answer, c.fault ? [c.state === "kept" ? h("p", {}, "Something in the prompt may not leave. weir says:") : null, h("p.faint", {}, clean(c.fault.message, 700))] : plain(c.text) || h("span.faint", {}, c.isOver ? "It said nothing." : ""));
    if (c.thoughts) fill(thoughts, h("details", {}, h("summary", {}, "What it thought before"), h("div.answer", {}, plain(c.thoughts))));
    fill(verdict, c.group ? [h("b", {}, `Answer ${"ABCD"[c.group - 1]}`), c.said] : null);
    fill(facts, figures(c), c.row ? h("p", {}, h("a", {href: "#/home/" + c.id}, "Every reason of this request")) : null);
  };
  c.run = (prompt, most, signal) => run(c, {engine: model.engine, model: model.name, prompt, most, signal});
  c.draw();
  return c;
}

async function run(c, order) {
  const began = performance.now();
  let isDue = false;
  const soon = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      c.draw();
    });
  };
  const first = () => {
    if (c.ttft === null) c.ttft = Math.round(performance.now() - began);
    c.state = "answering";
    soon();
  };
  try {
    const end = await ask(order, {
      head: x => Object.assign(c, x),
      text: t => {
        c.text += t;
        first();
      },
      thought: t => {
        c.thoughts += t;
        first();
      },
    });
    c.state = end.cut ? "cut" : "done";
  } catch (e) {
    if (e.name === "AbortError") c.state = "stopped";
    else {
      c.state = e.code === "confidential_pinned_to_cloud" || (c.label && /^confidential/.test(c.label) && c.model.side === "cloud") ? "kept" : "failed";
      c.fault = {message: e.message || "weir does not answer."};
    }
  }
  c.isOver = true;
  c.draw();
  await settle(c);
}

// The row is written a moment after the answer; a row that is not there yet is not asked for.
async function settle(c) {
  try {
    for (let i = 0; c.id && i < ROW_TRIES && !c.row; i++) {
      if (i) await wait(ROW_WAIT_MS);
      const {rows} = await get("rows?limit=100");
      if (rows.some(r => r.id === c.id)) c.row = await get("rows/" + encodeURIComponent(c.id));
    }
  } catch { /* then its figures are unknown */ }
  c.isUnsettled = !c.row;
  c.draw();
}

// -- do they agree?

async function agree(prompt, columns) {
  const whole = columns.filter(c => c.state === "done");
  if (whole.length < 2) return "";
  const {groups} = await post("agree", {prompt, answers: columns.map(c => (c.state === "done" ? c.text : null))});
  const kinds = new Set(groups.filter(Boolean)).size, judged = groups.filter(Boolean).length;
  columns.forEach((c, i) => {
    const same = groups.filter(g => g && g === groups[i]).length;
    c.group = groups[i];
    c.said = same > 1 ? `: ${count(same)} of ${count(judged)} say the same` : judged > 1 ? ": the others say something else" : ": no other states a result";
    c.draw();
  });
  return judged < 2 ? "Not comparable: whether they agree is for you to read. weir compares answers that state a result (a number, a choice, a JSON value) as one."
    : `${judged < whole.length ? `${count(judged)} of ${count(whole.length)} state a result: ` : ""}${kinds > 1 ? `${count(kinds)} different ones.` : judged === 2 ? "both the same." : "all the same."}`;
}

// -- the form

function chooser(models) {
  const boxes = models.map(m => h("input", {type: "checkbox", name: "model"}));
  const first = side => models.findIndex(m => m.side === side);
  for (const i of [first("local"), first("cloud")]) if (i >= 0) boxes[i].checked = true;
  const limit = () => {
    const n = boxes.filter(b => b.checked).length;
    for (const b of boxes) b.disabled = !b.checked && n >= MOST;
  };
  limit();
  const element = h("fieldset.models", {onchange: limit}, h("legend", {}, `Models, at most ${MOST}`),
    models.map((m, i) => h("label.pick", {}, boxes[i], h("span", {}, named(m.name, 40), " ", h("span.faint", {}, "on ", named(m.engine, 30)), " ", sideBadge(m.side)))));
  return {element, chosen: () => models.filter((_, i) => boxes[i].checked)};
}

const viewsOnly = () => h("div.note", {}, h("p", {}, h("b", {}, "You came in to look. "), "Asking a model costs time and may cost money, so it needs another link. In a terminal on weir\u2019s machine, type"),
  h("pre", {tabindex: 0}, "weir page --role operate"), h("p", {}, "and open the link that it prints."));

export async function open(root, ctx) {
  const {models} = await get("models");
  const prompt = h("textarea", {rows: 5, required: true, autocomplete: "off", spellcheck: "false"});
  const longest = h("select", {}, LONGEST.map(([n, words]) => h("option", {value: n, selected: n === 1024}, words)));
  const pick = chooser(models), place = h("div.columns"), verdict = h("p.verdict", {role: "status"});
  const go = h("button.primary", {type: "submit", disabled: !ctx.mayOperate}, "Ask them"), stop = h("button", {type: "button", disabled: true}, "Stop");
  const said = h("p.bad", {role: "alert"});
  let abort = null;

  async function start(event) {
    event.preventDefault();
    const chosen = pick.chosen(), text = prompt.value;
    fill(said, !text.trim() ? "Write a prompt first." : !chosen.length ? "Choose at least one model." : null);
    if (!ctx.mayOperate || abort || said.textContent) return;
    const mine = (abort = new AbortController());
    const columns = chosen.map(m => column(m));
    fill(place, columns.map(c => c.element));
    fill(verdict, `${counted(chosen.length, "model")} asked.`);
    go.disabled = true;
    stop.disabled = false;
    await Promise.all(columns.map(c => c.run(text, Number(longest.value), mine.signal)));
    abort = null;
    go.disabled = false;
    stop.disabled = true;
    try {
      fill(verdict, mine.signal.aborted ? "Stopped. What the cloud answered until then is billed." : await agree(text, columns));
    } catch (e) {
      fill(verdict, clean(e.message, 300));
    }
  }
  stop.addEventListener("click", () => abort && abort.abort());

  fill(root, h("section.hero", {}, h("h1", {}, "Ask several models the same"),
    h("p", {}, "Each column is an ordinary request: weir scans it, labels it and writes a row for it. What may not leave this machine does not, and its column says why. Neither weir nor this page keeps the prompt or the answers.")),
  ctx.mayOperate ? null : viewsOnly(),
  h("form.card.form", {onsubmit: start}, field("Prompt", prompt), pick.element,
    fields(field("Longest answer", longest)),
    h("div.buttons", {}, go, stop, h("span.faint.small", {}, "A cloud column costs what its provider charges.")), said),
  verdict, place);
  return {close: () => abort && abort.abort()};
}
