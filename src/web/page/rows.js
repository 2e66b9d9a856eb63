// rows.js -- requests as lines that open: the newest first.
import {h, named, clean, table, tableRow} from "./dom.js";
import {duration, money, moneyExact, when, tokens} from "./format.js";
import {why} from "./words.js";

export const sideBadge = side => h(`span.side-${side === "local" || side === "cloud" ? side : "none"}`, {},
  side === "local" ? "local" : side === "cloud" ? "cloud" : "nobody");

function used(row) {
  const asked = row.asked === null ? null : [named(row.asked, 28), " \u2192 "];
  return h("span.route", {}, asked, row.model === null ? null : [named(row.model, 32), " "], sideBadge(row.side),
    row.at_cloud === (row.side === "cloud") ? null : row.at_cloud ? h("span.side-cloud", {}, "was at the cloud") : [" ", h("span.faint", {}, "not reached: nothing left")]);
}

const nothing = () => h("span.none.faint", {}, "none");
const columns = (now, address) => [
  {title: "Time", cell: r => h("a.open", {href: "#/" + address(r.id), "aria-label": `Why? The decision of ${when(r.at_ms, now())}`}, when(r.at_ms, now()))},
  {title: "Key", cell: r => named(r.key, 18, "no key")},
  {title: "Asked \u2192 used", cell: used},
  {title: "Why", cell: r => h(r.outcome === "ok" ? "span.why" : "span.why.bad", {}, h("bdi", {}, clean(why(r), 170)))},
  {title: "Tokens in + out", number: true, cell: r => (r.input || r.output ? `${tokens(r.input)} + ${tokens(r.output)}` : nothing())},
  {title: "First token", number: true, cell: r => (r.ttft_ms !== null ? duration(r.ttft_ms) : !r.stream && r.outcome === "ok" ? h("span.faint", {}, `whole answer after ${duration(r.total_ms)}`) : nothing())},
  {title: "Cost", number: true, cell: r => h("span", {title: moneyExact(r.cost_nanousd)}, money(r.cost_nanousd))},
];

// A list that takes rows oldest first and shows the newest on top, at most `most`.
export function rowList({most = 100, now, address, open}) {
  const cells = columns(now, address), known = new Set();
  const body = table(cells, [], {caption: "Newest first. Open one to see every reason."});
  body.classList.add("cards");
  const more = h("button.quiet.more", {type: "button", onclick: () => element.classList.add("all")}), element = h("div.few", {}, body, more);
  const tbody = body.querySelector("tbody");
  function add(rows, isFresh) {
    for (const row of rows) {
      if (known.has(row.id)) continue;
      const line = tableRow(cells, row, r => open(r.id));
      if (isFresh) line.classList.add("fresh");
      line.dataset.id = row.id; // ids sort by time
      const older = [...tbody.children].find(other => other.dataset.id < row.id);
      tbody.insertBefore(line, older || null);
      known.add(row.id);
    }
    while (tbody.children.length > most) {
      known.delete(tbody.lastChild.dataset.id);
      tbody.lastChild.remove();
    }
    more.textContent = `Show all ${known.size}`;
    more.hidden = known.size <= 8;
  }
  return {
    element, add,
    replace(rows) {
      known.clear();
      tbody.replaceChildren();
      add(rows, false);
    },
    size: () => known.size,
  };
}
