// span.js -- which days a view is about, as its address says: #/spend is this month,
// #/spend/2026-10 a month, #/spend/2026-11-01/2026-11-07 days. And: to ask weir and draw, now
// and when something has happened.
import {get} from "./api.js";
import {clean, fill, h} from "./dom.js";
import {isoDay, isoMonth, isoName, isoPlus} from "./format.js";
import * as live from "./live.js";

const AGAIN_MS = 10000;

const MONTH = /^\d{4}-\d\d$/, DAY = /^\d{4}-\d\d-\d\d$/;

function queryOf(parts) {
  if (parts.length === 1 && MONTH.test(parts[0])) return "month=" + parts[0];
  if (parts.length === 2 && parts.every(p => DAY.test(p))) return `since=${parts[0]}&until=${parts[1]}`;
  return "";
}

// "Nov 2026", "1 Nov to 7 Nov"; of another year "20 Dec 2025 to 3 Jan 2026"
export function spanName(s) {
  const year = d => d.slice(0, 4), isThis = [s.first, s.last].every(d => year(d) === year(isoDay(s.now_ms)));
  const one = d => isoName(d) + (isThis ? "" : " " + year(d));
  return s.is_month ? isoMonth(s.first) : s.days === 1 ? one(s.first) : `${one(s.first)} to ${one(s.last)}`;
}
export const isOpen = s => s.since_ms <= s.now_ms && s.now_ms < s.until_ms;

const lastMonth = today => isoPlus(today.slice(0, 8) + "01", -1).slice(0, 7);

// Of an answer that says that the days in the address are none: what is wrong, and a way on.
function wrongDays(path, why) {
  const [view, query] = path.split("?"), [, from, to] = /^since=(.+)&until=(.+)$/.exec(query) || [], month = /^month=(.+)$/.exec(query);
  const isTurned = from > to, ways = [h("a", {href: `#/${view}`}, "Show this month")];
  if (isTurned) ways.push(" or ", h("a", {href: `#/${view}/${to}/${from}`}, `${to} to ${from}`));
  return h("p", {role: "alert"}, h("span.bad", {}, isTurned ? `The address asks for days from ${from} to ${to}, but ${to} is the earlier one. `
    : month ? `${month[1]} is no month that can be shown: they are written 2026-11, from 1971 to 2199. `
    : from ? `From ${from} to ${to}: one of these is no day, or they are more than 366. ` : `${clean(why, 400)}. `), ways, ".");
}

// {element, take(parts) -> query, show(span)}
export function spanChooser(name, ctx) {
  const field = label => h("input", {type: "date", "aria-label": label, required: true});
  const fit = () => to.setCustomValidity(to.value < from.value ? "Choose a later one." : "");
  const from = field("From, a day"), to = field("To, a day; it is included"), today = isoDay(ctx.me.now_ms);
  const ways = [["This month", name], ["Last month", `${name}/${lastMonth(today)}`],
    ["Last 7 days", `${name}/${isoPlus(today, -6)}/${today}`]];
  const buttons = ways.map(([title, to]) => h("button.quiet", {type: "button", onclick: () => ctx.go(to)}, title));
  const element = h("form.span", {"aria-label": "Time", oninput: fit, onsubmit: e => {
    e.preventDefault();
    ctx.go(`${name}/${from.value}/${to.value}`);
  }}, h("div.choice", {role: "group", "aria-label": "Usual times"}, buttons),
  h("span.days", {}, from, " to ", to, " ", h("button.quiet", {}, "Show")));
  function put(first, last) {
    from.value = first;
    to.value = last;
    fit();
  }
  return {
    element,
    take(parts) {
      const at = [name, ...parts].join("/");
      buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(ways[i][1] === at)));
      const query = queryOf(parts);
      if (parts.length && !query) ctx.stray("This is this month; write a month (2026-11) or two days (2026-11-01/2026-11-07).");
      if (query.startsWith("since")) put(...parts);
      return query;
    },
    show: s => put(s.first, s.last),
  };
}

// ask(path) asks and draws; while `follow` is true it asks again when rows have come, at most
// every ten seconds. close() ends it.
export function asker(place, draw) {
  let path = null, turn = 0, last = 0, follow = true;
  const load = async () => {
    const mine = ++turn;
    last = Date.now();
    try {
      const value = await get(path);
      if (mine !== turn) return;
      place.parentElement?.classList.remove("wrong");
      follow = draw(value) !== false;
    } catch (e) {
      if (mine !== turn) return;
      place.parentElement?.classList.toggle("wrong", e.code === "invalid_days"); // figures of other days are hidden
      fill(place, e.code === "invalid_days" ? wrongDays(path, e.message) : h("p.bad", {role: "alert"}, clean(e.message, 400)));
    }
  };
  const off = [live.on("overview", () => path && follow && Date.now() - last > AGAIN_MS && load()),
    live.on("gap", () => path && load())];
  return {
    ask(to) {
      path = to;
      return load();
    },
    again: () => load(),
    close: () => off.forEach(f => f()),
  };
}
