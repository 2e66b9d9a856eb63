// decision.js -- one request opened: every reason, every leg, what was masked (types and counts,
// never values) and what the audit chain says of it.
import {get} from "./api.js";
import {h, fill, named, clean, pair, plain, region, table} from "./dom.js";
import {bytes, count, counted, duration, moment, money, moneyExact, time, tokens} from "./format.js";
import {sideBadge} from "./rows.js";
import {actionName, decisionName, formName, outcomeName, purposeName, reasonWords, ruleName, typeName} from "./words.js";

const legColumns = [
  {title: "Try", cell: l => [purposeName(l.purpose), l.promised ? h("span.given", {}, "given to the client") : null]},
  {title: "Where", cell: l => [sideBadge(l.side), " ", named(l.engine, 30), " / ", named(l.model, 40)]},
  {title: "What became of it", cell: l => [outcomeName(l.outcome), l.error_code ? ": " + ruleName(l.error_code) : "", l.status ? ` (${l.status})` : "",
    l.side === "cloud" ? (l.has_left ? "; bytes of it left" : "; nothing of it left") : ""]},
  {title: "First token", number: true, cell: l => (l.ttft_ms === undefined ? "unknown" : l.ttft_ms === null ? "none" : duration(l.ttft_ms))},
  {title: "In all", number: true, cell: l => duration(l.total_ms)},
  {title: "Tokens", number: true, cell: l => (l.tokens && !(l.tokens.input || l.tokens.output) ? "none" : l.tokens ? `${tokens(l.tokens.input)} + ${tokens(l.tokens.output)}${l.tokens_source === "estimated" ? " (estimated)" : ""}` : "unknown")},
  {title: "Cost", number: true, cell: l => h("span", {title: moneyExact(l.cost_nanousd)}, money(l.cost_nanousd))},
];

const size = n => (n ? bytes(n) : "nothing");

function facts(r) {
  return h("dl.facts", {},
    pair("Came", `${moment(Date.parse(r.ts))}, in ${formName(r.dialect)} (${ruleName(r.surface)})`),
    pair("Key", named(r.key, 60, "no key")),
    r.session ? pair("Conversation", named(r.session, 60)) : null,
    pair("Asked for", named(r.model_asked, 80, "no model")),
    pair("Left", r.at_cloud ? "yes: bytes of it went to the cloud" : "no: nothing of it left this machine"),
    pair("Label", clean(r.label || "unlabelled"), r.policy ? [", under policy ", named(r.policy)] : null),
    pair("Answer", outcomeName(r.outcome), r.error_code ? `: ${ruleName(r.error_code)}` : "", r.status ? `, status ${r.status}` : ", no status",
      `, after ${duration(r.total_ms)}`),
    pair("Cost", h("span", {title: moneyExact(r.cost_nanousd)}, money(r.cost_nanousd)),
      money(r.cost_nanousd) === moneyExact(r.cost_nanousd) ? null : ` (${moneyExact(r.cost_nanousd)})`, r.price_date ? `, price of ${r.price_date}` : ""),
    pair("Size", r.outcome === "interrupted" ? "unknown: weir was stopped" : `${size(r.bytes.request)} asked, ${size(r.bytes.answer)} answered`,
      r.knew.input_estimate ? `; about ${counted(r.knew.input_estimate, "token")} when it was decided` : ""),
    r.knew.health ? pair("The engines then", h("bdi", {}, clean(r.knew.health.replaceAll(" ", ", "), 400))) : null,
    r.judged ? pair("Judged", clean(r.judged)) : null,
    r.feedback ? pair("Said of it", clean(r.feedback)) : null);
}

function recordPart({hash, record: a}) {
  const hasLeft = ["sent", "masked", "unknown"].includes(a.decision); // where nothing left, nothing was masked
  const values = (a.types || []).map(t => `${count(t.n)} ${typeName(t.type, t.n)} (${!hasLeft && t.action === "mask" ? "found" : actionName(t.action)})`).join(", ");
  return h("li", {}, h("b", {}, decisionName(a.decision)), a.would ? ` (shadow mode: ${clean(a.would)})` : "",
    a.engine ? [" \u2013 ", named(a.engine, 40), " / ", named(a.model, 40)] : null,
    h("div", {}, values ? `Values: ${values}.` : "No value was found in it.", a.reason ? ` Reason: ${clean(typeName(a.reason), 200)}.` : ""),
    h("div.faint.small", {}, `Record ${count(a.seq)}, ${time(a.ms)}, ${bytes(a.bytes)}; chain ${hash.slice(0, 16)}\u2026`));
}

async function drawRecords(place, id, ms) {
  try {
    const found = await get("records/" + encodeURIComponent(id));
    const all = found.records.sort((a, b) => a.record.seq - b.record.seq);
    fill(place, all.length ? h("ol", {}, all.map(recordPart))
      : h("p.faint", {}, found.since_ms !== null && found.since_ms <= ms ? "The chain has no record of it: nothing of it was to leave, and no label held it."
        : found.since_ms === null ? "The chain has no record at all, so nobody knows."
          : `The chain has no record of it since ${moment(found.since_ms)}; what is older is not there, or not looked at here.`),
    h("p.faint.small", {}, "Read from the chain and not checked: weir prove checks it."));
  } catch (e) {
    fill(place, h("p.bad", {}, clean(e.message, 300)));
  }
}

function drawRow(place, r, id) {
  const records = h("div", {}, h("p.faint", {}, "Looking."));
  fill(place, facts(r),
    h("h3", {}, "Why"), r.reasons.length ? h("ol.reasons", {}, r.reasons.map(x => h("li", {}, h("bdi", {}, reasonWords(x))))) : h("p.faint", {}, "No reason is kept."),
    h("h3", {}, r.legs.length === 1 ? "The one try" : `${count(r.legs.length)} tries`),
    r.legs.length ? region("Tries", table(legColumns, r.legs))
      : h("p.faint", {}, "No engine was asked."),
    h("h3", {}, "What the audit chain says"), records,
    h("details", {}, h("summary", {}, "All that the ledger knows, as JSON"), h("pre", {tabindex: 0}, plain(JSON.stringify(r, null, 1)))));
  drawRecords(records, id, Date.parse(r.ts));
}

// open(id), close(); left() is called when it was closed by its user.
export function decisionPanel(left) {
  const title = h("h2", {id: "decision-title"}), body = h("div.decision-body");
  const shut = h("button", {onclick: () => dialog.close()}, "Close");
  const dialog = h("dialog.decision", {"aria-labelledby": "decision-title"}, h("header", {}, title, shut), body);
  let id = null;
  dialog.addEventListener("close", () => {
    if (id !== null) left();
    id = null;
  });
  dialog.addEventListener("click", e => e.target === dialog && dialog.close());
  return {
    element: dialog,
    async open(wanted) {
      if (wanted === id) return;
      id = wanted;
      fill(title, "Decision ", h("span.faint", {}, clean(id, 40)));
      fill(body, h("p.faint", {}, "Loading."));
      if (!dialog.open) dialog.showModal();
      try {
        const row = await get("rows/" + encodeURIComponent(id));
        if (id === wanted) drawRow(body, row, id);
      } catch (e) {
        fill(body, h("p.bad", {}, clean(e.message, 300)));
      }
    },
    close() {
      id = null;
      if (dialog.open) dialog.close();
    },
  };
}
