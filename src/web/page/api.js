// api.js -- what the page asks of weir, and what went wrong in words.
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
  get isClosed() {
    return this.status === 401;
  }
}

// Money past what a double holds becomes text, which BigInt() takes as well (format.js).
const LARGE = /("\w*_nanousd":)(-?\d{15,})/g;
export const parse = text => JSON.parse(text.replace(LARGE, '$1"$2"'));

// Without it the cookie opens nothing: other ports get that too, but not what is kept here.
const MARK = "weir-page";
let mark = "", pass = "";
try {
  [mark, pass = ""] = (localStorage.getItem(MARK) || "").split(" ");
} catch { /* nothing is kept: a new tab needs a new link */ }

// Somebody came in anew in another tab: the cookie has changed, and this tab needs its mark.
globalThis.addEventListener?.("storage", e => {
  if (e.key === MARK && e.newValue) [mark, pass] = e.newValue.split(" ");
});

export function keepMark(now) {
  ({mark, pass} = now);
  try {
    localStorage.setItem(MARK, mark + " " + pass);
  } catch { /* this tab has it */ }
}

// fetch() of a path of weir's, with what opens it.
export const open = (path, {headers, ...options} = {}) => fetch(path,
  {credentials: "same-origin", cache: "no-store", headers: {"x-weir-page": mark, ...headers}, ...options});

// The address of a report, which a frame asks for without a header.
export const withPass = path => path + (path.includes("?") ? "&" : "?") + "pass=" + pass;

async function ask(path, options) {
  let answer, text;
  try {
    answer = await open("/weir/api/" + path, options);
    text = await answer.text();
  } catch {
    throw new ApiError(0, "unreachable", "weir does not answer. Does it run?");
  }
  let value = null;
  try {
    value = text ? parse(text) : null;
  } catch {
    value = null;
  }
  if (answer.ok && value !== null) return value;
  const error = (value && value.error) || {};
  throw new ApiError(answer.status, error.code || "", error.message || `weir answered with status ${answer.status} and no reason`);
}

// Asks now what a view will ask for once it is there.
const early = new Map();
export function foresee(path) {
  const answer = ask(path);
  answer.catch(() => {});
  early.set(path, answer);
}

export function get(path, signal) {
  const answer = early.get(path);
  early.delete(path);
  return answer || ask(path, {signal});
}

export const post = (path, body) => ask(path, {
  method: "POST",
  headers: {"content-type": "application/json"},
  body: JSON.stringify(body),
});
