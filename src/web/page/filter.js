// filter.js -- the line above the list of requests that says which of them are shown: words that must
// all hold (docs/page.md, Filter). They stand in the address: #/home/f=held%20local
import {clean, fill, h} from "./dom.js";
import {count, counted} from "./format.js";

const SIDES = ["local", "cloud"], WORDS = [...SIDES, "errors", "held", "masked"];

export const filterAddress = words => (words ? "home/f=" + encodeURIComponent(words) : "home");

// Of n requests, which are those that these words choose.
export const requestsLink = (words, ...text) => h("a", {href: "#/" + filterAddress(words)}, text);

const isTyping = () => document.querySelector("dialog[open]") || /INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName);

// go(words) shows others. {element, show(words, answer, shown), fail(words, why), close()}
export function filterLine(go) {
  const words = () => input.value.split(" ").filter(Boolean);
  const toggle = word => {
    const all = words(), others = all.filter(w => w !== word && !(SIDES.includes(w) && SIDES.includes(word)));
    go((all.includes(word) ? others : [...others, word]).join(" "));
  };
  const input = h("input", {type: "search", "aria-label": "Filter: words that must all hold", "aria-describedby": "filter-words",
    placeholder: "Filter", maxlength: 200, spellcheck: "false", autocomplete: "off",
    oninput: () => input.value || go(""), onkeydown: e => {
      if (e.key !== "Escape") return;
      e.preventDefault();
      input.value = "";
      go("");
    }});
  const buttons = WORDS.map(word => h("button.quiet", {type: "button", onclick: () => toggle(word)}, word));
  const clear = h("button.quiet", {type: "button", onclick: () => {
    go("");
    input.focus();
  }}, "Clear");
  const said = h("p.small.found"), onKey = e => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || isTyping()) return;
    e.preventDefault();
    input.focus();
  };
  document.addEventListener("keydown", onKey);
  const element = h("form.filter", {role: "search", onsubmit: e => {
    e.preventDefault();
    go(words().join(" "));
  }}, input, h("div.choice", {role: "group", "aria-label": "Usual words"}, buttons), clear, said,
  h("p.faint.small.help", {id: "filter-words"}, "Words that must all hold: those beside this field, left (for the cloud), or label:internal, outcome:refused, side:none; key:, engine: and model: with a name, written "
    + "exactly as it is. Any other word is looked for in the id, key, models, engine, label, error and reasons as weir ledger writes them: EMAIL, PERSON, pin. "
    + "A minus before a word: not that. Enter shows them, Escape all again; the key / comes here."));
  let drawn = "";
  const draw = (now, ...what) => { // what is being typed stays
    if (now !== drawn) input.value = drawn = now;
    buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(now.split(" ").includes(WORDS[i]))));
    clear.hidden = !now;
    fill(said, what);
  };
  return {
    element,
    show(now, r, shown) {
      const all = now && `the last ${counted(r.searched, "request")}`;
      draw(now, !now ? null : r.found > shown ? `The newest ${count(shown)} of ${count(r.found)} in ${all}.` : `${count(r.found)} of ${all}.`);
    },
    fail: (now, why) => draw(now, h("span.bad", {role: "alert"}, clean(why, 300))),
    close: () => document.removeEventListener("keydown", onKey),
  };
}
