// live.js -- what changes, as weir tells it (docs/page.md, Events). One stream a tab; none while
// nobody looks. Whoever missed something is told by "gap" and asks anew.
import {open, parse} from "./api.js";

const NAMES = ["rows", "gap", "engines", "overview", "cloud"];
const RETRY_MS = 1000, RETRY_MOST_MS = 8000, SILENCE_MS = 45000; // a comment comes each 15 seconds
const listeners = new Map();
let source = null, timer = 0, wait = RETRY_MS, isPaused = false, wasOpen = false, last = "", because = "";
let state = "off", why = "", away = false, heard = Date.now();

// name: one of NAMES, or "state": "live", "waiting", "paused", "hidden", "closed". Returns how
// to stop listening.
export function on(name, fn) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(fn);
  return () => listeners.get(name).delete(fn);
}

function tell(name, value) {
  for (const fn of listeners.get(name) || []) fn(value);
}

function become(now, because = "", isGone = false) {
  if (now === state && because === why && isGone === away) return;
  state = now;
  why = because;
  away = isGone;
  tell("state", state);
}

export const stateNow = () => state;
// Why it waits, in weir's words; "": nobody knows.
export const whyNow = () => why;
// It waits because weir does not answer at all; and when something came of it last.
export const isAway = () => away;
export const heardAt = () => heard;

// A list of rows has been read, which says where the events that come after it begin.
export const seed = id => (last ||= id);

function stop(now) {
  clearTimeout(timer);
  if (source) source.abort();
  source = null;
  last = "";
  become(now);
}

// What was missed while no stream was open, weir itself tells who says up to where it has all.
function opened() {
  wait = RETRY_MS;
  because = "";
  become("live");
  if (wasOpen && !last) tell("gap", {});
  wasOpen = true;
}

// Not an EventSource, which cannot show the mark (api.js).
async function begin() {
  const mine = (source = new AbortController());
  let isGone = false;
  try {
    const headers = last ? {"last-event-id": last} : {};
    const answer = await open("/weir/events", {headers, signal: mine.signal});
    if (answer.status === 401 && mine === source) return stop("closed");
    if (answer.ok && mine === source) {
      opened();
      await listen(answer.body.getReader(), mine);
    } else if (mine === source) {
      because = (await answer.json()).error.message;
      wait = 1000 * answer.headers.get("retry-after") || wait;
      if (answer.status === 429) tell("gap", {}); // so what is shown is not old
    }
  } catch { // it begins again below
    isGone = true;
  }
  if (mine !== source) return;
  become("waiting", because, isGone);
  timer = setTimeout(begin, wait);
  wait = Math.min(wait * 2, RETRY_MOST_MS);
}

async function listen(reader, mine) {
  const letters = new TextDecoder();
  let rest = "", silence = 0;
  const next = () => {
    heard = Date.now();
    clearTimeout(silence);
    silence = setTimeout(() => mine.abort(), SILENCE_MS);
    return reader.read().finally(() => clearTimeout(silence));
  };
  for (let piece = await next(); !piece.done && mine === source; piece = await next()) {
    const events = (rest + letters.decode(piece.value, {stream: true})).split("\n\n");
    rest = events.pop();
    for (const event of events) take(event);
  }
}

function take(event) {
  const said = {};
  for (const line of event.split("\n")) {
    const colon = line.indexOf(": ");
    said[line.slice(0, colon)] = line.slice(colon + 2);
  }
  if (said.id) last = said.id;
  if (said.retry) wait = +said.retry;
  if (said.event === "end") because = parse(said.data).message;
  if (NAMES.includes(said.event)) tell(said.event, parse(said.data));
}

function settle() {
  if (document.hidden) return stop("hidden");
  if (isPaused) return stop("paused");
  if (!source) begin();
}

export function start() {
  document.addEventListener("visibilitychange", settle);
  settle();
}

export function pause(yes) {
  isPaused = yes;
  settle();
}
