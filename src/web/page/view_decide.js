// view_decide.js -- local, cloud or both: weir's own plan, advise, fit and claim as forms, with what
// the ledger and this machine say filled in. weir runs its command and this page shows its report.
import {get, post, withPass} from "./api.js";
import {h, fill, clean, plain, field, fields} from "./dom.js";
import {count, counted} from "./format.js";
import {answerOf, sectionsOf, wordsOf} from "./report.js";

const DAY_MS = 86400e3;

// -- what is asked: a line of each field is {name of the option, title, kind, note}; those after `more`
// are folded

const yesNo = ["", "yes", "no"];

const FORMS = {
  plan: {
    title: "What a month costs", lead: "Your requests at a cloud model\u2019s list price, against a machine of your own: money, time it takes, and what turns the answer.",
    go: "Reckon", fields: [
      {name: "model", title: "Cloud model", note: "such as gpt-4o-mini", needed: true},
      {name: "requests-per-month", title: "Requests a month", kind: "number", needed: true},
      {name: "input-tokens", title: "Tokens of a prompt, mean", kind: "number", needed: true},
      {name: "output-tokens", title: "Tokens of an answer, mean", kind: "number", needed: true},
      {name: "local-model", title: "Local model", note: "such as llama-3.1-8b", needed: true},
      {name: "device", title: "Machine", note: "such as 2x RTX 3090; empty: this one"},
      {name: "acceptance", title: "Local answers that are good enough, %", kind: "number", note: "from a pilot; empty: a range"},
    ],
    more: [
      {name: "load-watts", title: "Its power under load, W", kind: "number"}, {name: "idle-watts", title: "Its power at idle, W", kind: "number"},
      {name: "capex", title: "What it costs", kind: "number", note: "0 if you have it"}, {name: "rent", title: "Or its rent an hour", note: "a sum, or list"},
      {name: "ops-hours", title: "People\u2019s hours a month", kind: "number"}, {name: "wage", title: "What such an hour costs", kind: "number"},
      {name: "country", title: "Country, for electricity", note: "such as DE; empty: US"}, {name: "tariff", title: "Electricity, a kWh", kind: "number"},
      {name: "currency", title: "Your sums are in", note: "such as EUR; empty: USD"}, {name: "cached-tokens", title: "Of a prompt, read from a cache", kind: "number"},
      {name: "peak", title: "Busiest hour over the mean", kind: "number", note: "empty: 3"}, {name: "machines", title: "Machines", kind: "number"},
      {name: "speed", title: "Measured speed, tok/s", kind: "number"}, {name: "quant", title: "Quantisation"},
      {name: "amortise", title: "Spread over months", kind: "number", note: "empty: 36"}, {name: "provider", title: "Provider"},
    ],
  },
  advise: {
    title: "Which side to choose", lead: "Published rules of thumb on your answers, each with its threshold, and where they disagree. Leave open what you do not know.",
    go: "Advise", fields: [
      {name: "may-leave", title: "May the data leave this machine?", choices: ["", "yes", "no", "some"], needed: true},
      {name: "requests-month", title: "Requests a month", kind: "number"}, {name: "tokens-month", title: "Tokens a month, in and out", kind: "number"},
      {name: "frontier", title: "Is the strongest reasoning needed?", choices: yesNo}, {name: "realtime", title: "Do people wait for each answer?", choices: yesNo},
      {name: "offline", title: "Must it work without a network?", choices: yesNo}, {name: "engineers", title: "Are there people to run models?", choices: yesNo},
      {name: "compliance", title: "Rules for the data", choices: ["", "none", "hipaa", "pci-dss", "legal", "gdpr", "soc2", "eu-ai-act"]},
      {name: "priority", title: "What matters most", choices: ["", "privacy", "cost", "reasoning", "speed-to-market", "compliance", "realtime"]},
    ],
    more: [
      {name: "task", title: "Task", choices: ["", "classification", "rag", "code-review", "architecture", "long-documents", "proof"]},
      {name: "api-spend", title: "API bill a month, USD", kind: "number"}, {name: "parallel", title: "Requests at once, at the peak", kind: "number"},
      {name: "ttft-ms", title: "First token within, ms", kind: "number"}, {name: "context-tokens", title: "Longest context, tokens", kind: "number"},
      {name: "team", title: "Does a team operate it?", choices: yesNo}, {name: "deadline", title: "A batch with a deadline?", choices: yesNo},
      {name: "multimodal", title: "Pictures and sound too?", choices: yesNo}, {name: "model", title: "Cloud model"},
      {name: "local-model", title: "Local model"}, {name: "device", title: "Machine"}, {name: "acceptance", title: "Good local answers, %", kind: "number"},
      {name: "capex", title: "What the machine costs", kind: "number"},
    ],
  },
  fit: {
    title: "What fits this machine", lead: "Which model, in which quantisation and with which context, fits into memory, and about how fast it answers one request.",
    go: "Look", fields: [
      {name: "name", title: "Model", note: "empty: all that fit"}, {name: "device", title: "Machine", note: "such as RTX 4060; empty: this one"},
      {name: "quant", title: "Quantisation", note: "such as Q4_K_M"}, {name: "context", title: "Context, tokens", kind: "number"}, {name: "parallel", title: "Requests at once", kind: "number"},
    ],
    more: [
      {name: "memory", title: "Its memory, GB", kind: "number"}, {name: "ram", title: "Main memory, GB", kind: "number"},
      {name: "kv", title: "Keys and values as", choices: ["", "f16", "q8_0", "q5_1", "q4_0"]}, {name: "split", title: "Over several devices", choices: ["", "layers", "tensors"]},
      {name: "experts-in-ram", title: "Experts in main memory", choices: [["", "no"], ["1", "yes"]]},
      {name: "measured", title: "Measured speed, tok/s", kind: "number"}, {name: "also", title: "Then expect of this model"},
    ],
  },
  claim: {
    title: "Can a published speed be true?", lead: "Paste a sentence, a table or an article. weir finds each speed in it and holds it against what the machine\u2019s memory can do.",
    go: "Judge", fields: [{name: "text", title: "Text with speeds in it", kind: "lines", note: "such as: 14B Q4_K_M on M4: 44 tok/s", needed: true}],
  },
};

// -- what is filled in

// What the last 30 days say of a mean request, and of a month when there is a day of them.
async function known() {
  const [u, o] = await Promise.all([get("usage"), get("overview")]);
  const n = u.sums.requests, days = n && u.since_ms ? (u.now_ms - u.since_ms) / DAY_MS : 0, isMonth = days >= 1;
  const values = {plan: {}, advise: {}, fit: {}, claim: {}}, month = v => Math.max(1, Math.round((v * 30) / days));
  if (n) {
    values.plan = {"input-tokens": Math.round(u.sums.input / n), "output-tokens": Math.round(u.sums.output / n)};
    if (u.sums.cached) values.plan["cached-tokens"] = Math.round(u.sums.cached / n);
  }
  if (isMonth) {
    values.plan["requests-per-month"] = month(n);
    values.advise = {"requests-month": month(n), "tokens-month": month(u.sums.input + u.sums.output)};
  }
  if (o.versus) Object.assign(values.plan, {model: o.versus.price, provider: o.versus.provider});
  const told = !n ? "The ledger has no requests yet, so the figures are yours to give."
    : isMonth ? `Requests and tokens are those of the ledger: ${counted(n, "request")} in ${count(Math.floor(days))} of the last 30 days, as a month.`
      : `Tokens are those of the ledger\u2019s ${counted(n, "request")}. They are of less than a day, so how many a month has is yours to say.`;
  return {values, told};
}

// -- a form

function control(f, value) {
  if (f.choices) return h("select", {}, f.choices.map(c => (Array.isArray(c) ? c : [c, c || "not said"])).map(([v, words]) => h("option", {value: v}, words)));
  if (f.kind === "lines") return h("textarea", {rows: 4, autocomplete: "off", spellcheck: "false"});
  return h("input", {type: "text", autocomplete: "off", spellcheck: "false", maxlength: f.kind === "number" ? 24 : 120,
    inputmode: f.kind === "number" ? "decimal" : null, value: value === undefined ? null : value});
}

// "--load-watts" of weir's words is the field's name here.
const namedHere = (words, form) => [...form.fields, ...(form.more || [])].reduce((s, f) => s.replaceAll(new RegExp(`--${f.name}\\b(?!-)`, "g"), `\u201c${f.title}\u201d`), words);

const shell = v => (/^[\w.,:/+-]+$/.test(v) ? v : `'${v.replaceAll("'", "'\\''")}'`);

function commandLine(verb, pairs) {
  const words = pairs.map(([name, v]) => (name === "text" || name === "name" ? shell(v) : v === "1" && name === "experts-in-ram" ? "--" + name : `--${name} ${shell(v)}`));
  return ["weir", verb, ...words].join(" ");
}

function formOf(verb, values, told) {
  const form = FORMS[verb], controls = new Map(), out = h("div.view"), said = h("p.bad", {role: "alert"});
  const one = f => {
    const c = control(f, values[f.name]);
    controls.set(f.name, c);
    const made = field(f.title + (f.needed ? " *" : ""), c, f.note);
    if (f.kind === "lines") made.classList.add("wide");
    return made;
  };
  const main = form.fields.map(one), isText = verb === "claim", go = h("button.primary", {type: "submit"}, form.go);
  const more = form.more && h("details", {}, h("summary", {}, "More"), fields(form.more.map(one)));
  let abort = null;

  function mark(name) {
    for (const c of controls.values()) c.removeAttribute("aria-invalid");
    const c = controls.get(name);
    if (!c) return;
    c.setAttribute("aria-invalid", "true");
    if (more && more.contains(c)) more.open = true;
    c.focus();
  }

  async function ask(pairs) {
    if (abort) abort.abort();
    const mine = (abort = new AbortController());
    const query = pairs.map(([n, v]) => `${n}=${encodeURIComponent(v)}`).join("&");
    go.disabled = true;
    out.setAttribute("aria-busy", "true");
    try {
      const isLong = query.length > 4000; // an address has its limits
      const {report, said: words} = await (isLong ? post("decide/" + verb, Object.fromEntries(pairs)) : get(`decide/${verb}?${query}`, mine.signal));
      if (report) fill(out, answerOf({...report, answer: namedHere(report.answer, form)}), isText && pairs[0][0] === "text" ? null : inTerminal(verb, pairs), ...sectionsOf(report), isLong ? null : wholeReport(verb, query));
      else {
        fill(out);
        fill(said, namedHere(wordsOf(words), form) || "weir said nothing.");
        mark(((words || "").match(/--([a-z-]+)/) || [])[1]);
      }
    } catch (e) {
      if (mine.signal.aborted) return;
      fill(out);
      fill(said, clean(e.message, 500));
      mark((e.message.match(/^([a-z-]+):/) || [])[1]);
    }
    go.disabled = false;
    out.removeAttribute("aria-busy");
  }

  function submit(event) {
    event.preventDefault();
    fill(said);
    const pairs = [...controls].map(([n, c]) => [n, c.value.trim()]).filter(([, v]) => v);
    const missing = form.fields.find(f => f.needed && !controls.get(f.name).value.trim());
    mark(missing && missing.name);
    if (missing) return fill(said, `\u201c${missing.title}\u201d is needed.`);
    return ask(pairs.map(([n, v]) => [isText && !v.includes("\n") && v.length <= 160 && !v.startsWith("-") ? "claim" : n, v]));
  }

  const element = h("div.view", {}, h("form.card.form", {onsubmit: submit}, h("h2", {}, form.title), h("p", {}, form.lead), told ? h("p.faint.small", {}, told) : null,
    fields(main), more, h("div.buttons", {}, go, h("span.faint.small", {}, "Nothing of it leaves this machine.")), said), out);
  return {element, close: () => abort && abort.abort(), note: (name, words) => {
    const c = controls.get(name), note = c && c.parentElement.querySelector("span");
    if (note) note.textContent += ` (${words})`;
  }};
}

const inTerminal = (verb, pairs) => h("details", {}, h("summary", {}, "The same in a terminal"),
  h("pre", {tabindex: 0}, plain(commandLine(verb, pairs))));

// weir's own page of it, to print or to keep: it stands in a frame in which nothing runs.
function wholeReport(verb, query) {
  const src = withPass(`/weir/report/${verb}?${query}`), box = h("details", {}, h("summary", {}, "The report as one page, to print"));
  box.addEventListener("toggle", () => box.open && box.children.length === 1
    && box.append(h("p", {}, h("a", {href: src, target: "_blank", rel: "noopener"}, "Open it alone")), h("iframe.report", {src, sandbox: "", title: `weir ${verb}`})));
  return box;
}

export async function open(root, ctx) {
  const {values, told} = await known();
  const place = h("div.view"), made = new Map();
  const tabs = Object.entries(FORMS).map(([verb, f]) => h("a", {href: "#/decide/" + verb}, f.title));
  fill(root, h("section.hero", {}, h("h1", {}, "This machine, the cloud, or both?"),
    h("p", {}, "Each answer is reckoned here, from your figures, dated list prices and measured speeds. Every number says where it comes from.")),
  h("nav.tabs", {"aria-label": "What to decide"}, tabs), place);

  const show = ([verb]) => {
    const name = FORMS[verb] ? verb : "plan";
    tabs.forEach((t, i) => (Object.keys(FORMS)[i] === name ? t.setAttribute("aria-current", "true") : t.removeAttribute("aria-current")));
    if (!made.has(name)) made.set(name, formOf(name, values[name], name === "plan" || name === "advise" ? told : null));
    fill(place, made.get(name).element);
  };
  machine().then(words => words && ["plan", "fit"].forEach(v => {
    if (!made.has(v)) made.set(v, formOf(v, values[v], v === "plan" ? told : null));
    made.get(v).note("device", words);
  }), () => ctx.say("What this machine has is unknown."));
  return {path: show, close: () => made.forEach(f => f.close())};
}

async function machine() {
  const {report} = await get("decide/fit");
  return report ? clean(report.answer.split(/\n|\. /)[0].replace(/^this machine's /, ""), 120) : "";
}
