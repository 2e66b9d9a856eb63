// view_privacy.js -- what left, what is held, and whether the audit chain is whole.
import {get, post} from "./api.js";
import {clean, fill, folded, h, named, pair, region, since, table} from "./dom.js";
import {bytes, clock, count, counted, duration, moment, month, stateDir, when} from "./format.js";
import {heldPanel, zero} from "./home_panels.js";
import {heldOf} from "./home_story.js";
import * as live from "./live.js";
import {reasonDialog} from "./reason.js";
import {asker} from "./span.js";
import {partOf, ruleName, typeName} from "./words.js";

const CHANGES = {lowered: "a label was lowered", allowed: "a value was nothing", paused: "the cloud was paused", resumed: "the cloud was opened",
  stopped: "an engine was stopped", started: "an engine was started",
  deleted: "records or rows were deleted"};
const sum = (list, f) => list.reduce((n, x) => n + f(x), 0);

// -- the sentence, and what was refused

const LABELS = ["public", "unlabelled", "internal", "confidential"];
const labelWord = l => l.label || "unlabelled";

// weir prove answers in the same words.
function story(o, me) {
  const t = heldOf(o, "month"), name = month(o.month.since_ms);
  if (!t) return [h("h1", {}, "Nobody knows what left: the audit chain cannot be read."), h("p", {}, "Run weir prove in a terminal; it says where and why.")];
  const gone = l => l.sent + l.masked, left = t.labels.filter(gone).sort((a, b) => LABELS.indexOf(labelWord(a)) - LABELS.indexOf(labelWord(b)));
  const open = sum(left.filter(l => l.label === "confidential"), gone);
  return [h("h1", {}, t.left ? [h("b", {}, counted(t.left, "message")), ` left this machine in ${name} (${left.map(l => `${count(gone(l))} ${labelWord(l)}`).join(", ")}). `,
    h("b", {}, open ? `${count(open)} of them ${open === 1 ? "is" : "are"} confidential.` : "Nothing confidential is among them.")]
    : ["Nothing left this machine in ", h("b", {}, name), "."]),
  h("p", {}, t.masked ? `Values were masked in ${count(t.masked)} of them. ` : null,
    t.held ? `${counted(t.held, "request")} stayed here because of ${t.held === 1 ? "its" : "their"} label. ` : "No label had to hold anything back. ",
    "In a terminal ", h("code", {}, `weir prove --since ${new Date(o.month.since_ms).toISOString().slice(0, 19)}Z${stateDir(me)}`), " answers the same question from the same chain.")];
}

function labelCard(o) {
  const lines = LABELS.map(name => {
    const of = o.month.labels.filter(l => (l.label || "unlabelled") === name), n = part => sum(of, l => partOf(l.side, l)[part]);
    return {name, here: n("here"), left: n("left"), none: n("none")};
  }), all = part => sum(lines, l => l[part]);
  lines.push({name: "all", here: all("here"), left: all("left"), none: all("none")});
  return [h("h2", {}, `Requests by label, ${month(o.month.since_ms)}`), h("div.held", {}, region("Requests by label", table([
    {title: "Label", cell: l => l.name}, {title: "Answered here", number: true, cell: l => zero(l.here)},
    {title: "To the cloud", number: true, cell: l => zero(l.left)}, {title: "Refused or failed here", number: true, cell: l => zero(l.none)},
    {title: "All", number: true, cell: l => zero(l.here + l.left + l.none)}], lines), "")),
  h("p.faint.small", {}, "From the ledger: each request once, in one column. To the cloud: bytes of it left, whatever came of it there.")];
}

// -- the chain

function verdict(c) {
  if (c.broken) return h("p.bad", {role: "alert"}, h("b", {}, "Broken"), ` at record ${count(c.broken.record)} (byte ${count(c.broken.byte)} of ${clean(c.broken.file)}): ${clean(c.broken.why, 200)}. `,
    `The ${counted(c.records, "record")} before it are as they were written.`);
  if (c.missing) return h("p.bad", {role: "alert"}, h("b", {}, "Records are missing"), c.missing.from ? ` (${count(c.missing.from)} to ${count(c.missing.to)})` : ` before record ${count(c.missing.to + 1)}`,
    `, before ${moment(c.missing.ms)}: ${clean(c.missing.why, 200)}. Of that time nobody knows what left.`);
  return h("p.good", {}, h("b", {}, "Whole."), ` Each of its ${counted(c.records, "record")} follows from the one before.`);
}

function chainCard(c, me) {
  return [h("h2", {}, "The audit chain"), verdict(c),
    h("dl.facts", {},
      pair("Since", c.since_ms === null ? "no record yet" : moment(c.since_ms), c.is_partial ? ", the newest file alone: the chain is long. weir prove checks all of it" : "",
        c.deleted_through ? `; older ones up to record ${count(c.deleted_through)} were deleted, as weir.yaml says` : ""),
      pair("Last record", `${count(c.last)}, `, c.newest_ms === null ? "none yet" : since(c.newest_ms)),
      pair("Last hash", h("code", {}, c.head)),
      pair("Checked", since(c.checked_ms), `, ${bytes(c.bytes)} in ${duration(c.took_ms)}`),
      c.torn_bytes ? pair("Unfinished", `${count(c.torn_bytes)} bytes at its end; what they were about did not leave`) : null,
      c.lost ? pair("Not written", `${counted(c.lost, "decision")} could not be written at ${c.lost === 1 ? "its" : "their"} time; what ${c.lost === 1 ? "it was" : "they were"} about was refused`) : null),
    h("p.faint.small", {}, "A chain cannot show by itself that its end was cut off. Keep the last hash elsewhere and ask later: ", h("code", {}, `weir prove --expect-head HASH${stateDir(me)}`)),
    h("h3", {}, "What people changed"),
    c.people.length ? changes(c.people.map(p => h("li", {}, h("span.faint", {}, moment(p.ms), " "), CHANGES[p.decision] || ruleName(p.decision),
      p.name ? [" \u2013 ", named(p.name, 60)] : null, p.why ? [": ", h("bdi", {}, clean(p.why, 200))] : null))) : h("p.faint", {}, "Nothing so far.")];
}

const changes = items => folded("changes", h("ul.plain", {}, items), items);

// -- what is held now

const order = what => why => post("label", {...what, why});

function sessionColumns(ctx, reason) {
  const columns = [
    {title: "Session", cell: s => h("code", {}, s.session)},
    {title: "Label", cell: s => named(s.label)},
    {title: "Why", cell: s => [s.found.length ? `found in it: ${s.found.map(g => typeName(g)).join(", ")}` : "its app said so",
      s.request ? [" (", h("a", {href: "#/home/" + s.request}, "the request"), ")"] : null]},
    {title: "Key", cell: s => named(s.key, 30, "no key")},
    {title: "Last used", cell: s => since(clock() - s.seconds_ago * 1000)},
  ];
  if (ctx.mayOperate) columns.push({title: "", cell: s => h("button.quiet", {onclick: () => reason.open({send: order({session: s.session}), title: "Lower this label?", button: "Lower the label",
    text: `Later requests of ${s.session} may go to the cloud again. What was found in it then leaves masked, never as it is; what is found later of another kind raises the label again.`})}, "Lower\u2026")});
  return columns;
}

function valueColumns(ctx, reason) {
  const columns = [
    {title: "Value", cell: v => h("code", {}, v.value)},
    {title: "Kind", cell: v => [typeName(v.kind), typeName(v.group) === typeName(v.kind) ? null : h("span.faint", {}, `, a ${typeName(v.group)}`)]},
    {title: "Key", cell: v => named(v.key, 30, "no key")},
    {title: "Where", cell: v => [v.member ? [h("code", {}, clean(v.member, 96)), v.line ? `, line ${count(v.line)}, column ${count(v.column)}` : null] : "not known",
      v.request ? [" (", h("a", {href: "#/home/" + v.request}, "the request"), ")"] : null]},
    {title: "Times", number: true, cell: v => count(v.times)},
    {title: "Last", cell: v => since(clock() - v.seconds_ago * 1000)},
    {title: "State", cell: v => (v.allowed ? "let go: it was nothing" : v.holds ? "holds each request that has it" : "held, with its session")},
  ];
  if (ctx.mayOperate) columns.push({title: "", cell: v => (v.allowed ? "" : v.has_check_digits ? h("span.faint.small", {title: "its check digits are right, so it is what it looks like"}, "cannot be let go")
    : h("button.quiet", {onclick: () => reason.open({send: order({value: v.value}), title: "This was nothing?", button: "It was nothing",
      text: `${v.value} (${typeName(v.kind)}) neither holds nor is masked any more for this key, as long as this weir runs.`})}, "It was nothing\u2026"))});
  return columns;
}

function cards(columns, rows, name, began) {
  if (!rows.length) return h("p.faint", {}, `None ${began}.`);
  const all = table(columns, rows);
  return folded(name, region(name, all), [...all.tBodies[0].rows]);
}

function nowCards(o, ctx, reason) {
  const hidden = o.sessions_held - o.sessions.length;
  // Sessions and values are in memory alone, so of the time before nothing is known.
  const began = `since weir began at ${when(o.since_ms, o.now_ms)}`, values = o.now_ms - o.since_ms < 86400e3 ? `Values ${began}` : "Values of the last 24 hours";
  const how = ctx.mayOperate ? null : h("p.faint.small", {}, "To lower a label or to let a value go, open this page with: weir page --role operate");
  return [
    [h("h2", {}, "Sessions that are held"), h("p.faint.small", {}, "A conversation in which something was found that must stay: its later requests are answered locally too, for eight hours after the last one, while weir runs. ",
      `Known ${began}: a restart forgets which sessions and values are held; a request that carries its whole history is scanned anew.`),
      cards(sessionColumns(ctx, reason), o.sessions, "Sessions that are held", began), hidden > 0 ? h("p.faint.small", {}, `${count(hidden)} more are not shown.`) : null, how],
    [h("h2", {}, values), h("p.faint.small", {}, "What made a request stay. A value has a name of its own here; weir keeps no value."),
      cards(valueColumns(ctx, reason), o.held, values, began)],
  ];
}

// -- all of it

export async function open(root, ctx) {
  const head = h("section.hero"), [labels, chain, sessions, values] = [0, 0, 0, 0].map(() => h("section.card"));
  const left = heldPanel();
  const draw = o => {
    fill(head, story(o, ctx.me));
    left.draw(o);
    fill(labels, labelCard(o));
  };
  const held = asker(sessions, o => [sessions, values].forEach((e, i) => fill(e, nowCards(o, ctx, reason)[i])));
  const proof = asker(chain, c => fill(chain, chainCard(c, ctx.me)) && undefined);
  const reason = reasonDialog("held", () => {
    held.again();
    setTimeout(() => proof.again(), 2500); // a check is kept for two seconds
  });
  draw(await get("overview"));
  await Promise.all([held.ask("held"), proof.ask("chain")]);
  fill(root, head, h("div.pair", {}, left.element, chain), sessions, values, labels, reason.element);
  const off = live.on("overview", draw);
  return {
    close() {
      off();
      held.close();
      proof.close();
    },
  };
}
