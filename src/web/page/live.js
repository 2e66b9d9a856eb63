// live.js -- what changes, as weir tells it (docs/page.md, Events). One stream a tab; none while
// nobody looks. Whoever missed something is told by "gap" and asks anew.
import {get, parse} from "./api.js";

const NAMES = ["rows", "gap", "engines", "overview", "cloud"];
const RETRY_MS = 2000, RETRY_MOST_MS = 30000;
const listeners = new Map();
let source = null, timer = 0, wait = RETRY_MS, isPaused = false, wasAway = false, wasOpen = false;
let state = "off";

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

function become(now) {
  if (now === state) return;
  state = now;
  tell("state", state);
}

export const stateNow = () => state;

function stop(now) {
  clearTimeout(timer);
  if (source) source.close();
  if (source && wasOpen) wasAway = true;
  source = null;
  become(now);
}

// The stream was refused: is it the cookie, or is weir gone for a moment?
async function again() {
  try {
    await get("me");
    begin();
  } catch (e) {
    if (e.isClosed) return stop("closed");
    wait = Math.min(wait * 2, RETRY_MOST_MS);
    timer = setTimeout(again, wait);
  }
}

function begin() {
  if (source) source.close();
  const s = (source = new EventSource("/weir/events"));
  s.onopen = () => {
    wait = RETRY_MS;
    wasOpen = true;
    become("live");
    if (wasAway) tell("gap", {});
    wasAway = false;
  };
  s.onerror = () => {
    if (s !== source) return;
    become("waiting");
    if (s.readyState !== EventSource.CLOSED) return; // the browser itself comes back
    wasAway = true;
    clearTimeout(timer);
    timer = setTimeout(again, wait);
  };
  for (const name of NAMES) s.addEventListener(name, e => tell(name, parse(e.data)));
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
