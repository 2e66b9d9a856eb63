// format.js -- numbers as people read them. What nobody knows is "unknown", never 0.
export const UNKNOWN = "unknown";

const isKnown = v => v !== null && v !== undefined && v !== "";
const grouped = digits => digits.replace(/\B(?=(\d{3})+$)/g, ",");

// All digits of nano-dollars: "$1,234.000000001". Sums are made of integers, never of fractions.
export function moneyExact(nano) {
  if (!isKnown(nano)) return UNKNOWN;
  const n = BigInt(nano), size = n < 0n ? -n : n;
  const part = (size % 1000000000n).toString().padStart(9, "0").replace(/0+$/, "");
  const whole = grouped((size / 1000000000n).toString());
  return (n < 0n ? "\u2212$" : "$") + whole + (part ? "." + part.padEnd(2, "0") : "");
}

// To a tenth of a cent below $1 hundred, else to a cent; what is less than can be shown is
// "<$0.0001", and nothing is "$0".
export function money(nano) {
  if (!isKnown(nano)) return UNKNOWN;
  const n = BigInt(nano), size = n < 0n ? -n : n;
  if (n === 0n) return "$0";
  if (size < 100000n) return n < 0n ? ">\u2212$0.0001" : "<$0.0001";
  const places = size < 1000000000n ? 4 : 2;
  const unit = 10n ** BigInt(9 - places), rounded = (size + unit / 2n) / unit;
  const digits = rounded.toString().padStart(places + 1, "0");
  return (n < 0n ? "\u2212$" : "$") + grouped(digits.slice(0, -places)) + "." + digits.slice(-places);
}

// The ticks of a drawing, and no more digits than they need: "$0.00015".
export const moneyTick = nano => "$" + (nano >= 1e12 ? count(Math.round(nano / 1e9)) : String(Number((nano / 1e9).toPrecision(3)).toFixed(9)).replace(/\.?0+$/, ""));

// A sum, and how many costs are missing in it.
export function moneyOf(nano, unknown) {
  if (!unknown) return money(nano);
  return BigInt(nano) === 0n ? UNKNOWN : `${money(nano)} and ${count(unknown)} unknown`;
}

export const addMoney = (a, b) => BigInt(a) + BigInt(b);

export const count = n => (isKnown(n) ? grouped(String(n)) : UNKNOWN);

// "1 request", "2 requests"
export const counted = (n, one, many = one + "s") => `${count(n)} ${n === 1 ? one : many}`;

// "12,345", from a hundred thousand on "123 k" and "1.2 M".
export function tokens(n) {
  if (!isKnown(n)) return UNKNOWN;
  if (n < 100000) return count(n);
  const [size, unit] = n < 1e6 ? [1e3, "k"] : n < 1e9 ? [1e6, "M"] : [1e9, "G"];
  const v = n / size;
  return `${v < 10 ? v.toFixed(1) : Math.round(v)} ${unit}`;
}

// "3 of 4"; of none there is no share.
export const share = (k, n) => (n ? `${count(k)} of ${count(n)}` : "none yet");

// Never rounded up to all or down to nothing.
export function percent(k, n) {
  if (!n) return "none";
  const p = (100 * k) / n;
  if (k < n && p > 99) return p > 99.9 ? ">99.9 %" : `${Math.floor(p * 10) / 10} %`;
  if (k > 0 && p < 1) return p < 0.1 ? "<0.1 %" : `${p.toFixed(1)} %`;
  return `${Math.round(p)} %`;
}

export function duration(ms) {
  if (!isKnown(ms)) return UNKNOWN;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59950) return `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s`;
  if (ms < 3600e3) return `${Math.floor(ms / 60e3)} min ${Math.floor((ms % 60e3) / 1e3)} s`;
  return ms < 48 * 3600e3 ? `${Math.floor(ms / 3600e3)} h ${Math.floor((ms % 3600e3) / 60e3)} min`
    : `${Math.floor(ms / 86400e3)} days`;
}

export const rate = v => (isKnown(v) ? `${v < 10 ? v.toFixed(1) : Math.round(v)} tok/s` : UNKNOWN);

export function bytes(n) {
  if (!isKnown(n)) return UNKNOWN;
  if (n >= 1e9) return `${(n / 1e9).toFixed(1)} GB`;
  return n < 1024 ? `${n} B` : n < 1048576 ? `${(n / 1024).toFixed(1)} KB` : `${(n / 1048576).toFixed(1)} MB`;
}

// Times are shown in weir's own zone, in which also its days begin.
let offset = 0;
export function setOffset(minutes) {
  offset = minutes;
}
const two = n => String(n).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const at = ms => new Date(ms + offset * 60e3);

export const time = ms => {
  const t = at(ms);
  return `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}`;
};
export const hour = ms => `${two(at(ms).getUTCHours())}:${two(at(ms).getUTCMinutes())}`;
export const day = ms => `${at(ms).getUTCDate()} ${MONTHS[at(ms).getUTCMonth()]}`;
// "2026-11-07"
export const isoDay = ms => at(ms).toISOString().slice(0, 10);
// "7 Nov", "Nov 2026"; days are weir's own.
export const isoName = d => `${Number(d.slice(8))} ${MONTHS[Number(d.slice(5, 7)) - 1]}`;
export const isoMonth = d => `${MONTHS[Number(d.slice(5, 7)) - 1]} ${d.slice(0, 4)}`;
export const isoPlus = (d, n) => new Date(Date.parse(d) + n * 86400e3).toISOString().slice(0, 10);
export const month = ms => `${MONTHS[at(ms).getUTCMonth()]} ${at(ms).getUTCFullYear()}`;
export const when = (ms, now) => (day(ms) === day(now) && now - ms < 86400e3 ? time(ms) : `${day(ms)} ${hour(ms)}`);
export const moment = ms => `${day(ms)}, ${time(ms)}`;
export const zone = () => {
  const m = Math.abs(offset);
  return offset ? `UTC${offset < 0 ? "\u2212" : "+"}${Math.floor(m / 60)}${m % 60 ? ":" + two(m % 60) : ""}` : "UTC";
};
// "12 s ago", in one unit.
export function ago(ms, now) {
  if (!isKnown(ms)) return "never";
  const s = Math.max(0, Math.floor((now - ms) / 1000));
  if (s < 2) return "just now";
  if (s < 120) return `${s} s ago`;
  if (s < 7200) return `${Math.floor(s / 60)} min ago`;
  return s < 172800 ? `${Math.floor(s / 3600)} h ago` : `${Math.floor(s / 86400)} days ago`;
}

// A word of a command line; and the option that says where this weir keeps its state, where commands
// would look elsewhere.
export const shell = v => (/^[\w.,:/+-]+$/.test(v) ? v : `'${v.replaceAll("'", "'\\''")}'`);
export const stateDir = me => (me.is_usual_state_dir ? "" : ` --state-dir ${shell(me.state_dir)}`);

// Weir's clock, as far as the browser's runs beside it.
let ahead = 0;
export function setClock(ms) {
  ahead = ms - Date.now();
}
export const clock = () => Date.now() + ahead;
