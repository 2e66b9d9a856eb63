// browser.mjs -- Chromium on a string, for browser.py: one JSON command a line comes in on stdin,
// one JSON answer a line goes out on stdout. Usage: node browser.mjs CHROMIUM
import {createInterface} from "node:readline";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {chromium} from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({executablePath: process.argv[2], args: ["--no-sandbox", "--disable-gpu",
  "--host-resolver-rules=MAP *.example 127.0.0.1"]});
let context, page, problems = [], requests = [];

async function open({width, height, dark, reduced}) {
  if (context) await context.close();
  context = await browser.newContext({viewport: {width, height}, colorScheme: dark ? "dark" : "light",
    reducedMotion: reduced ? "reduce" : "no-preference"});
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", e =>
      console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`));
  });
  page = await context.newPage();
  problems = [];
  requests = [];
  page.on("console", m => ["error", "warning"].includes(m.type()) && problems.push(`${m.type()}: ${m.text()}`));
  page.on("pageerror", e => problems.push(`error: ${e.stack || e}`));
  page.on("dialog", d => {
    problems.push(`dialog: ${d.message()}`);
    d.dismiss();
  });
  page.on("response", async r => {
    const one = {url: r.url(), status: r.status(), bytes: null};
    requests.push(one);
    if (r.url().endsWith("/weir/events")) return;
    try {
      const s = await r.request().sizes();
      one.bytes = s.responseBodySize + s.responseHeadersSize;
    } catch { /* it was ended before its end */ }
  });
}

// Polled from outside: within the page weir's policy forbids what a text would become.
async function wait({script, ms}) {
  for (const end = Date.now() + ms; ; await new Promise(done => setTimeout(done, 30))) {
    const value = await page.evaluate(script).catch(e => {
      if (/navigation|destroyed/i.test(e.message)) return null;
      throw e;
    });
    if (value) return true;
    if (Date.now() > end) throw new Error(`still not so after ${ms} ms; the page says: ${
      (await page.evaluate("document.body.innerText")).slice(0, 1500)}`);
  }
}

const commands = {
  open,
  goto: c => page.goto(c.url, {waitUntil: c.until || "load"}),
  reload: () => page.reload({waitUntil: "load"}),
  size: c => page.setViewportSize({width: c.width, height: c.height}),
  dark: c => page.emulateMedia({colorScheme: c.yes ? "dark" : "light"}),
  run: c => page.evaluate(c.script), // an expression
  wait,
  click: c => page.click(c.at, {timeout: 10000}),
  press: c => page.keyboard.press(c.key),
  type: c => page.keyboard.type(c.text),
  shot: c => page.screenshot({path: c.path, fullPage: c.whole !== false, animations: "disabled"}).then(() => true),
  cookies: () => context.cookies(),
  cookie: c => context.addCookies(c.cookies),
  problems: () => problems.splice(0),
  requests: () => requests.splice(0),
  // As if weir had been replaced by another build: files of views are gone, until the page has looked why.
  replaced: async () => {
    let isSeen = false;
    await page.route("**/weir/view_*", r => isSeen ? r.continue() : r.fulfill({status: 404}));
    await page.route("**/weir/", r => {
      if (isSeen) return r.continue();
      isSeen = true;
      return r.fulfill({body: "names of another build"});
    });
  },
  axe: async () => {
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ["violations"]}));
    return found.violations.map(v => ({id: v.id, impact: v.impact, help: v.help,
      at: v.nodes.map(n => `${n.target.join(" ")}: ${n.failureSummary || ""}`)}));
  },
};

for await (const line of createInterface({input: process.stdin})) {
  const c = JSON.parse(line);
  let answer;
  try {
    const value = await commands[c.do](c);
    answer = {value: value === undefined || (value && value.constructor && value.constructor.name === "Response") ? null : value};
  } catch (e) {
    answer = {error: String(e && e.message || e)};
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
