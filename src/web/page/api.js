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

async function ask(path, options) {
  let answer, text;
  try {
    answer = await fetch("/weir/api/" + path, {credentials: "same-origin", cache: "no-store", ...options});
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
