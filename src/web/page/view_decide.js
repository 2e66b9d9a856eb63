// view_decide.js -- local, cloud or both: weir's own plan, advise, fit and claim as forms, with what
// the ledger and this machine say filled in. weir runs its command and this page shows its report.
// The address says what was asked: #/decide/fit/name=qwen3-8b/context=32768; "go" alone: nothing was filled in.
import {get, post, withPass} from "./api.js";
import {FORMS, POWER_NOTE} from "./decide_forms.js";
import {h, fill, clean, plain, field, fields} from "./dom.js";
import {count, counted, shell, stateDir} from "./format.js";
import {answerOf, sectionsOf, wordsOf} from "./report.js";

const DAY_MS = 86400e3, LONGEST_LINK = 1500;

// -- what is filled in

// What the last 30 days say of a mean request, and of a month when there is a day of them.
async function known() {
  const [u, o] = await Promise.all([get("usage"), get("overview")]);
  const n = u.sums.requests, days = n && u.since_ms ? (u.now_ms - u.since_ms) / DAY_MS : 0, isMonth = days >= 1;
  const values = {plan: {}, advise: {}}, month = v => Math.max(1, Math.round((v * 30) / days));
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

let looked = null; // what readMachine() gives, as long as the page is open: weir reads all memory for it

// What this machine has, as weir fit finds it: {device, memory, ram: as fields say them, hasCard, note}.
async function readMachine() {
  const {report, said} = await get("decide/fit");
  if (!report) return {note: wordsOf(said)};
  const {notes, values: v} = report.sections.machine, device = clean(notes[0], 120), figure = x => (x ? String(Math.round(x.value * 10) / 10) : "");
  return {device, memory: figure(v.memory), ram: figure(v.ram), hasCard: Boolean(v.found_by),
    note: v.found_by ? `this machine, found by ${clean(v.found_by.text, 60)}` : "this machine; no graphics card was found"};
}

function machine() {
  looked = looked || readMachine();
  looked.catch(() => (looked = null));
  return looked;
}

// -- what fields suggest: rows of weir's own facts, asked for once

const QUANTS = ["Q4_K_M", "Q8_0", "Q6_K", "Q5_K_M", "Q3_K_M", "F16", "MXFP4"];
const LISTS = [
  ["devices", "devices", r => [r.device, `${r.GB} GB, ${r["GB/s"]} GB/s`]],
  ["models", "models", r => [r.model, `${r.billion} billion`]],
  ["countries", "costs", r => r.kind === "electricity" && [r.name, r.who]],
  ["currencies", "costs", r => r.kind === "currency" && [r.name, ""]],
  ["prices", "prices", r => [r.model, r.provider]],
  ["providers", "prices", r => [r.provider, ""]],
];
let facts = null; // Map of Maps: list -> value -> words

async function readFacts() {
  const all = new Map([["quants", new Map(QUANTS.map(q => [q, ""]))]]), rows = {};
  for (const [list, kind, take] of LISTS) {
    if (!rows[kind]) rows[kind] = Object.values((await get("decide/" + kind)).report.sections)[0].tables[0].rows;
    const pairs = rows[kind].map(take).filter(p => p && p[0] === clean(p[0], 120));
    all.set(list, new Map(pairs.reverse())); // of several alike the first one
  }
  return all;
}

async function suggest(place) {
  facts = facts || readFacts();
  facts.catch(() => (facts = null));
  const all = await facts;
  fill(place, [...all].map(([list, values]) => h("datalist", {id: "of-" + list},
    [...values].reverse().map(([value, words]) => h("option", {value, label: words ? `${value}: ${clean(words, 80)}` : null})))));
  return all.get("devices");
}

// -- a form

function control(f, value) {
  if (f.choices) return h("select", {}, f.choices.map(c => (Array.isArray(c) ? c : [c, c || "not said"])).map(([v, words]) => h("option", {value: v}, words)));
  if (f.kind === "lines") return h("textarea", {rows: 4, autocomplete: "off", spellcheck: "false"});
  return h("input", {type: "text", autocomplete: "off", spellcheck: "false", maxlength: f.kind === "number" ? 24 : 120,
    inputmode: f.kind === "number" ? "decimal" : null, list: f.from ? "of-" + f.from : null, value: value === undefined ? null : value});
}

// A control with its unit behind it.
function fieldOf(f, c) {
  const made = field(f.title + (f.needed ? " *" : ""), c, f.note), unit = f.unit && h("span.faint", {id: c.id + "u"}, f.unit);
  if (unit) {
    const both = h("div.measure");
    c.replaceWith(both);
    both.append(c, unit);
    c.setAttribute("aria-describedby", f.note ? `${unit.id} ${c.id}n` : unit.id);
  }
  made.classList.toggle("wide", Boolean(f.isWide));
  return {made, unit, note: made.lastElementChild};
}

// "--load-watts" of weir's words is the field's name here.
const namedHere = (words, all) => all.reduce((s, f) => s.replaceAll(new RegExp(`--${f.name}\\b(?!-)`, "g"), `\u201c${f.title}\u201d`), words);

function commandLine(words, pairs) {
  const said = pairs.map(([name, v]) => (name === "claim" || name === "name" ? shell(v) : name === "text" ? `--file - <<'END'\n${v}\nEND`
    : name === "experts-in-ram" ? "--" + name : `--${name} ${shell(v)}`));
  return ["weir", words, ...said].join(" ");
}

// What is this machine's own is not said: without it weir takes this machine, and what it has measured here.
function unsaid(all, here) {
  const v = Object.fromEntries(all), isSame = !here.hasCard || !v.memory || v.memory === here.memory;
  if (v.device && v.device !== here.device) return all;
  return all.filter(([n, x]) => !(n === "device" && isSame) && !((n === "memory" || n === "ram") && x === here[n]));
}

// A sentence goes as a word of the command line, a text of lines by its standard input.
const asWord = ([n, v]) => [n === "text" && !v.includes("\n") && v.length <= 160 && !v.startsWith("-") ? "claim" : n, v];

const copyButton = (of, ctx) => h("button.quiet", {type: "button", onclick: async () => {
  try {
    await navigator.clipboard.writeText(of.textContent);
    ctx.say("Copied.");
  } catch {
    getSelection().selectAllChildren(of);
    ctx.say("It is selected: copy it by keyboard.");
  }
}}, "Copy");

function formOf(name, values, told, ctx) {
  const form = FORMS[name], verb = form.verb || name, all = [...form.fields, ...(form.more || [])];
  const controls = new Map(), shown = new Map(), out = h("div.view"), said = h("p.bad", {role: "alert"}), line = h("pre", {tabindex: 0});
  const one = f => {
    const c = control(f, values[f.name]);
    controls.set(f.name, c);
    shown.set(f.name, fieldOf(f, c));
    return shown.get(f.name).made;
  };
  const main = form.fields.map(one), go = h("button.primary", {type: "submit"}, form.go);
  const more = form.more && h("details", {}, h("summary", {}, "More"), fields(form.more.map(one)));
  const valueOf = n => (controls.has(n) ? controls.get(n).value.trim() : "");
  // A plan reckons with what was measured here, which stands where this weir keeps its state.
  const place = name === "plan" ? stateDir(ctx.me) : "";
  const pairs = () => unsaid([...controls.keys()].map(n => [n, valueOf(n)]).filter(([, v]) => v), here);
  const linkOf = p => ["decide", name, ...(p.length ? p.map(([n, v]) => `${n}=${encodeURIComponent(v)}`) : ["go"])].join("/");
  let abort = null, here = {}, devices = null, last = null, wasNeeded = false;
  // No list has the power of a processor: a plan for this machine has to be told it.
  const isHere = () => !valueOf("device") || valueOf("device") === here.device;
  const needsPower = () => name === "plan" && isHere() && Boolean(here.device) && !here.hasCard;
  const isNeeded = f => f.needed || (f.name === "load-watts" && needsPower() && !valueOf("rent"));

  // What is wrong stands at its field, in sight; without a field below the form. No words: nothing is wrong.
  function blame(words, field) {
    for (const c of controls.values()) c.removeAttribute("aria-invalid");
    const c = controls.get(field);
    fill(said, words || null);
    if (c) shown.get(field).made.append(said);
    else card.append(said);
    if (!words) return;
    if (c) {
      c.setAttribute("aria-invalid", "true");
      if (more && more.contains(c)) more.open = true;
      c.focus();
    }
    said.scrollIntoView({block: "nearest"});
  }

  // The command, the units and what is known of the device, as the fields are now.
  function update() {
    line.textContent = plain(commandLine(form.command || verb, pairs().map(asWord)) + place);
    for (const f of all) if (f.unit) shown.get(f.name).unit.textContent = f.unit.replace("$", clean(valueOf("currency") || "USD", 8));
    if (controls.has("device")) {
      const device = valueOf("device"), power = shown.get("load-watts"), now = needsPower();
      if (power) {
        power.note.textContent = now ? "needed: no list has it of a processor" : POWER_NOTE;
        power.made.querySelector("label").textContent = all.find(f => f.name === "load-watts").title + (now ? " *" : "");
        if (now && !wasNeeded) more.open = true;
        wasNeeded = now;
      }
      shown.get("device").note.textContent = isHere() ? here.note || "empty: this one" : (devices && devices.get(device)) || "such as 2x RTX 3090";
    }
  }

  // Memory goes with its device.
  function takeMemory() {
    for (const n of ["memory", "ram"]) {
      const c = controls.get(n);
      if (c && isHere() && !c.value) c.value = here[n] || "";
      else if (c && !isHere() && c.value === here[n]) c.value = "";
    }
  }

  // The field that weir's words name, or whose value they quote.
  function blamed(words) {
    const [, option] = words.match(/--([a-z-]+)/) || [], [, quoted] = words.match(/"([^"]+)"/) || [];
    return controls.has(option) ? option : [...controls.keys()].find(n => valueOf(n) === quoted);
  }

  async function ask(p) {
    if (abort) abort.abort();
    const mine = (abort = new AbortController()), asked = p.map(asWord);
    const query = asked.map(([n, v]) => `${n}=${encodeURIComponent(v)}`).join("&");
    go.disabled = true;
    out.setAttribute("aria-busy", "true");
    blame();
    try {
      const isLong = query.length > 4000; // an address has its limits
      const {report, said: words} = await (isLong ? post("decide/" + verb, Object.fromEntries(asked)) : get(`decide/${verb}?${query}`, mine.signal));
      if (report) fill(out, report.answer ? answerOf({...report, answer: namedHere(report.answer, all)}) : null, ...sectionsOf(report), isLong ? null : wholeReport(verb, query));
      else {
        fill(out);
        blame(namedHere(wordsOf(words), all) || "weir said nothing.", blamed(words || ""));
      }
    } catch (e) {
      if (mine.signal.aborted) return;
      fill(out);
      const [option, field] = e.message.match(/^([a-z-]+): /) || ["", ""], f = all.find(x => x.name === field);
      blame(clean(f ? `\u201c${f.title}\u201d: ${e.message.slice(option.length)}` : e.message, 500), f && field);
    }
    go.disabled = false;
    out.removeAttribute("aria-busy");
  }

  function submit(event) {
    event.preventDefault();
    const missing = all.find(f => isNeeded(f) && !valueOf(f.name)), p = pairs(), link = linkOf(p);
    if (missing) return blame(`\u201c${missing.title}\u201d is needed.`, missing.name);
    const isShort = link.length <= LONGEST_LINK;
    last = isShort ? link : null;
    if (isShort) ctx.go(link);
    else history.replaceState(null, "", "#/decide/" + name);
    return ask(p);
  }

  const changed = e => {
    const provider = controls.get("provider");
    if (e.target === controls.get("device")) takeMemory();
    if (provider && e.target === controls.get("model") && provider.value === values.provider) provider.value = ""; // that of the ledger's model
    update();
  };
  const card = h("form.card.form", {onsubmit: submit, oninput: changed, onchange: changed}, h("h2", {}, form.title), h("p", {}, form.lead), told ? h("p.faint.small", {}, told) : null,
    main.length ? fields(main) : null, more, h("div.command", {}, h("span.faint.small", {}, "As a command"), line, copyButton(line, ctx)),
    h("div.buttons", {}, go, h("span.faint.small", {}, "Nothing of it leaves this machine.")), said), element = h("div.view", {}, card, out);
  update();
  return {
    element,
    link: () => last || "decide/" + name,
    // What an address says, and nothing else, is asked.
    take(parts) {
      const given = parts.map(p => [p.slice(0, p.indexOf("=")), p.slice(p.indexOf("=") + 1)]).filter(([n]) => controls.has(n)), link = linkOf(given);
      if (link === last) return;
      last = link;
      const said = Object.fromEntries(given);
      for (const [n, c] of controls) c.value = said[n] || (n === "device" ? here.device || "" : "");
      takeMemory();
      update();
      ask(pairs());
    },
    // What was found here, where nobody has said another.
    found(now) {
      here = name === "advise" && !now.hasCard ? {note: "empty: an RTX 4090, an example; no graphics card was found here"} : now;
      const c = controls.get("device");
      if (c && !c.value && here.device) c.value = here.device;
      takeMemory();
      update();
    },
    listed(all) {
      devices = all;
      update();
    },
    close: () => abort && abort.abort(),
  };
}

// weir's own page of it, to print or to keep: it stands in a frame in which nothing runs.
function wholeReport(verb, query) {
  const src = withPass(`/weir/report/${verb}?${query}`), box = h("details", {}, h("summary", {}, "The report as one page, to print"));
  box.addEventListener("toggle", () => box.open && box.children.length === 1
    && box.append(h("p", {}, h("a", {href: src, target: "_blank", rel: "noopener"}, "Open it alone")), h("iframe.report", {src, sandbox: "", title: `weir ${verb}`})));
  return box;
}

export async function open(root, ctx) {
  const {values, told} = await known();
  const place = h("div.view"), lists = h("div", {hidden: true}), made = new Map(), names = Object.keys(FORMS);
  const tabs = names.map(n => h("a", {href: "#/decide/" + n}, FORMS[n].title));
  let here = null, devices = null;
  fill(root, h("section.hero", {}, h("h1", {}, "This machine, the cloud, or both?"),
    h("p", {}, "Each answer is reckoned here, from your figures, dated list prices and measured speeds. Every number says where it comes from.")),
  h("nav.tabs", {"aria-label": "What to decide"}, tabs), place, lists);

  function formFor(name) {
    if (!made.has(name)) {
      const form = formOf(name, values[name] || {}, values[name] ? told : null, ctx);
      made.set(name, form);
      if (here) form.found(here);
      if (devices) form.listed(devices);
    }
    return made.get(name);
  }

  const show = ([first, ...rest]) => {
    const name = names.includes(first) ? first : "plan", form = formFor(name);
    if (first && name !== first) ctx.stray(`This is ${FORMS[name].title}.`);
    fill(place, form.element);
    if (rest.length) form.take(rest);
    tabs.forEach((t, i) => {
      if (names[i] === name) t.setAttribute("aria-current", "true");
      else t.removeAttribute("aria-current");
      if (made.has(names[i])) t.href = "#/" + made.get(names[i]).link();
    });
  };
  machine().then(now => {
    here = now;
    made.forEach(f => f.found(now));
    return suggest(lists);
  }).then(all => {
    devices = all;
    made.forEach(f => f.listed(all));
  }).catch(() => ctx.say("What this machine has is unknown."));
  return {path: show, close: () => made.forEach(f => f.close())};
}
