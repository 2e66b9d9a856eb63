// main.js -- coming in, the frame around all views, and which view is shown.
//
// A view is a module with `open(root, ctx)`, which fills root and returns {close, path}: close()
// stops what it listens to, path(parts) is called when only what stands behind its name in the
// address changes (#/home/wr-...). Both may be left out. ctx = {me, mayOperate, go, say}.
import {foresee, get, keepMark, post, ApiError} from "./api.js";
import {place} from "./cloud_switch.js";
import {h, fill, clean} from "./dom.js";
import {setClock, setOffset} from "./format.js";
import * as live from "./live.js";
import {news} from "./news.js";
import * as home from "./view_home.js";

// A new view is a line here and its file beside this one. asks: what it asks for first.
const VIEWS = [
  {name: "home", title: "Today", load: async () => home, asks: ["overview", "rows?limit=30"]},
  {name: "privacy", title: "Privacy", load: () => import("./view_privacy.js")},
  {name: "spend", title: "Spend", load: () => import("./view_spend.js")},
  {name: "routing", title: "Routing", load: () => import("./view_routing.js")},
  {name: "engines", title: "Engines", load: () => import("./view_engines.js")},
  {name: "compare", title: "Compare", load: () => import("./view_compare.js")},
  {name: "decide", title: "Decide", load: () => import("./view_decide.js")},
  {name: "pilot", title: "Pilot", load: () => import("./view_pilot.js")},
  {name: "bench", title: "Bench", load: () => import("./view_bench.js")},
];

const top = document.getElementById("top"), main = document.getElementById("main");
const say = text => (document.getElementById("status").textContent = text);
const ctx = {me: null, mayOperate: false, say, go: to => (location.hash = "#/" + to)};
const strayed = h("div");
let shown = null, closing = null, turn = 0;

// -- coming in

const COME_IN = "weir page";

function showClosed(error) {
  live.pause(true);
  fill(top, h("a.brand", {href: "#/home"}, "weir"));
  fill(main, h("section.notice", {}, h("h1", {}, "This page is closed"),
    h("p", {}, error.isClosed ? "It opens with a link that works once." : clean(error.message, 300)),
    h("p", {}, "In a terminal on the machine where weir runs, type"), h("pre", {}, COME_IN),
    h("p", {}, "and open the link that it prints, within 60 seconds. The browser then stays in for seven days."),
    error.code && error.code.startsWith("link_") ? h("p.faint", {}, clean(error.message, 300)) : null));
}

let isLost = false; // weir did not answer; once it does, the whole page is read anew

function showFault(error) {
  isLost = !error.status;
  fill(main, h("section.notice", {}, h("h1", {}, isLost ? "weir does not answer" : "weir says no"),
    h("p", {}, isLost ? "The page comes back by itself once weir runs." : clean(error.message, 500)),
    h("p", {}, h("button", {onclick: () => location.reload()}, "Try again"))));
}

async function enter() {
  const link = location.hash.match(/^#in=([0-9a-f]{64})$/);
  if (!link) return;
  history.replaceState(null, "", "/weir/");
  keepMark(await post("enter", {link: link[1]}));
}

// -- the frame

const STATES = {
  live: ["Live", "What weir does is shown as it happens"],
  waiting: ["Waiting", "The page asks again by itself"],
  away: ["No connection", "weir does not answer; the page comes back by itself"],
  paused: ["Not updating", "Nothing new is shown until you go on"],
  hidden: ["Asleep", "The page rests while nobody looks"],
  closed: ["Closed", "The page needs a new link: weir page"],
  off: ["Starting", ""],
};

let wasWaiting = false;

function showState(dot, button) {
  const now = live.stateNow(), [word, why] = STATES[live.isAway() ? "away" : now];
  dot.className = "state " + now;
  const words = clean(live.whyNow(), 300) || why;
  dot.title = words;
  dot.textContent = word;
  button.textContent = now === "paused" ? "Go on" : "Stop updating";
  if (now === "closed") showClosed(new ApiError(401, "", ""));
  if ((now === "waiting" && !live.isAway()) || now === "live") say(words);
  if (now === "live" && isLost && wasWaiting) location.reload();
  wasWaiting = now === "waiting";
}

function drawFrame() {
  const dot = h("span.state"), button = h("button.quiet", {title: "This page shows nothing new until you go on; weir itself works as before", onclick: () => live.pause(live.stateNow() !== "paused")});
  fill(top, h("a.brand", {href: "#/home", title: `weir ${ctx.me.version}`}, "weir"),
    h("nav", {"aria-label": "Views"}, VIEWS.map(v => h("a", {href: "#/" + v.name, id: "to-" + v.name}, v.title))),
    h("div.tools", {id: "tools"}), dot, button);
  news(document.getElementById("news"), ctx.me.state);
  live.on("state", () => showState(dot, button));
  live.on("overview", o => setClock(o.now_ms));
  showState(dot, button);
  place(document.getElementById("tools"), ctx);
}

// At the end of each view; it is loaded when it is first opened.
function glossary() {
  const all = h("details.words", {ontoggle: async () => all.children.length === 1 && all.append((await import("./glossary.js")).words())},
    h("summary", {}, "What the words mean"));
  return all;
}

// -- views

function readable(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const parts = () => {
  const all = location.hash.replace(/^#\/?/, "").split("/").map(readable);
  return VIEWS.some(v => v.name === all[0]) ? all : [VIEWS[0].name];
};

// An address that names nothing: what is shown instead. It stands there until another is gone to.
ctx.stray = shown => fill(strayed, h("p.note", {role: "alert"}, `Nothing is called ${clean(location.hash, 80)} here. ${shown}`));

// What stands behind a view's name is for the view, if it takes any.
function take(chosen, rest) {
  fill(strayed);
  const isView = !location.hash.startsWith("#/") || ["", chosen.name].includes(readable(location.hash.slice(2).split("/")[0]));
  if (!isView || (rest.length && !(closing && closing.path))) ctx.stray(`This is ${chosen.title}.`);
  if (closing && closing.path) closing.path(rest);
}

// The files of a view have names of their own in each build of weir: those of the one before are gone.
async function wasReplaced() {
  const index = await (await fetch("/weir/")).text();
  return !index.includes(import.meta.url.split("/").pop());
}

async function load(view) {
  try {
    return await view.load();
  } catch (e) {
    if (await wasReplaced()) location.reload();
    throw e;
  }
}

async function show() {
  if (shown && location.hash && !location.hash.startsWith("#/")) return; // a place in the view
  const [name, ...rest] = parts(), mine = ++turn, chosen = VIEWS.find(v => v.name === name);
  if (shown === name) return take(chosen, rest);
  if (closing && closing.close) closing.close();
  closing = null;
  shown = name;
  for (const v of VIEWS) {
    const link = document.getElementById("to-" + v.name);
    if (v.name === name) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({block: "nearest", inline: "center"});
    } else link.removeAttribute("aria-current");
  }
  document.title = chosen.title + " \u2013 weir";
  try {
    const view = await load(chosen);
    if (mine !== turn) return;
    const root = h("div.view." + name);
    closing = (await view.open(root, ctx)) || null;
    if (mine !== turn) return closing && closing.close && closing.close();
    fill(main, strayed, root, glossary());
    take(chosen, rest);
  } catch (e) {
    shown = null;
    if (e.isClosed) showClosed(e);
    else showFault(e);
  }
}

async function start() {
  let refused = null; // a link that is used up; who is in stays in
  await enter().catch(e => (refused = e));
  const first = VIEWS.find(v => v.name === parts()[0]); // all at once
  (first.asks || []).forEach(foresee);
  const view = load(first);
  view.catch(() => {}); // told when it is awaited
  try {
    ctx.me = await get("me");
    await view;
  } catch (e) {
    return e.isClosed ? showClosed(refused || e) : showFault(e);
  }
  ctx.mayOperate = ctx.me.role === "operate";
  setOffset(ctx.me.utc_offset_min);
  setClock(ctx.me.now_ms);
  drawFrame();
  addEventListener("hashchange", show);
  await show();
  live.start();
}

addEventListener("hashchange", () => location.hash.startsWith("#in=") && location.reload()); // a link in a tab that is open
start();
