// page_format.mjs -- numbers as the page shows them; run by test_page.py.
import assert from "node:assert/strict";
import {readFileSync, writeFileSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

// The page's modules as node reads them.
const folder = mkdtempSync(join(tmpdir(), "weir-page-"));
const load = async name => {
  writeFileSync(join(folder, name + ".mjs"), readFileSync(new URL(`../../src/web/page/${name}.js`, import.meta.url)));
  return import(join(folder, name + ".mjs"));
};
const f = await load("format"), api = await load("api");
rmSync(folder, {recursive: true});

// All digits of money, also of sums that a double cannot hold.
for (const [nano, exact, shown] of [
  [0, "$0", "$0"], [1, "$0.000000001", "<$0.0001"], [99999, "$0.000099999", "<$0.0001"], [100000, "$0.0001", "$0.0001"],
  [2550, "$0.00000255", "<$0.0001"], [1500000000, "$1.50", "$1.50"], [1234567890123, "$1,234.567890123", "$1,234.57"],
  ["9223372036854775807", "$9,223,372,036.854775807", "$9,223,372,036.85"], [-1, "\u2212$0.000000001", ">\u2212$0.0001"],
  [-2500000000, "\u2212$2.50", "\u2212$2.50"], [999999999, "$0.999999999", "$1.0000"], [null, "unknown", "unknown"], [undefined, "unknown", "unknown"],
]) {
  assert.equal(f.moneyExact(nano), exact);
  assert.equal(f.money(nano), shown);
}
assert.equal(f.moneyOf(0, 0), "$0");
assert.equal(f.moneyOf(0, 2), "unknown");
assert.equal(f.moneyOf(5000000000, 2), "$5.00 and 2 unknown");

// Large sums come out of JSON whole; a name that looks like one stays a name.
const text = '{"cost_nanousd":9223372036854775807,"small_nanousd":12,"name":"\\"x_nanousd\\":9223372036854775807"}';
const value = api.parse(text);
assert.equal(f.moneyExact(value.cost_nanousd), "$9,223,372,036.854775807");
assert.equal(value.small_nanousd, 12);
assert.equal(value.name, '"x_nanousd":9223372036854775807');
for (let i = 0; i < 2000; i++) { // one sum, digit by digit
  const n = BigInt(Math.floor(Math.random() * 2 ** 31)) * BigInt(Math.floor(Math.random() * 2 ** 31));
  const back = f.moneyExact(n).replace(/[$,]/g, "").split(".");
  assert.equal(BigInt(back[0]) * 1000000000n + BigInt((back[1] || "").padEnd(9, "0")), n);
}

// Shares are never rounded up to all or down to nothing.
assert.equal(f.share(0, 0), "none yet");
assert.equal(f.share(3, 1200), "3 of 1,200");
assert.equal(f.percent(0, 0), "none");
assert.equal(f.percent(999, 1000), "99.9 %");
assert.equal(f.percent(99999, 100000), ">99.9 %");
assert.equal(f.percent(1, 100000), "<0.1 %");
assert.equal(f.percent(0, 5), "0 %");
assert.equal(f.percent(5, 5), "100 %");

assert.equal(f.count(null), "unknown");
assert.equal(f.tokens(1234), "1,234");
assert.equal(f.tokens(123456), "123 k");
assert.equal(f.tokens(1200000), "1.2 M");
assert.equal(f.duration(null), "unknown");
assert.equal(f.duration(0), "0 ms");
assert.equal(f.duration(1234), "1.23 s");
assert.equal(f.duration(61000), "1 min 1 s");
assert.equal(f.ago(null, 5), "never");

// Times are of weir's zone, whatever the browser's is.
const ms = Date.UTC(2026, 10, 30, 23, 45, 6);
assert.equal(f.time(ms), "23:45:06");
f.setOffset(330);
assert.equal(f.time(ms), "05:15:06");
assert.equal(f.day(ms), "1 Dec");
assert.equal(f.zone(), "UTC+5:30");
f.setOffset(-210);
assert.equal(f.zone(), "UTC\u22123:30");
assert.equal(f.hour(ms), "20:15");
