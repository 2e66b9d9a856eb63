// dom.js -- elements out of words. Names come from strangers: they are text and nothing else.
import {ago, clock} from "./format.js";
const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "g", "path", "rect", "line", "text", "title", "defs", "pattern",
  "polyline", "circle"]);

// h("p.note", {title: "x", onclick: f}, "text", h("b", {}, 1), null): nulls are left out.
export function h(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const e = SVG_TAGS.has(tag) && tag !== "title"
    ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (classes.length) e.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else e.setAttribute(name, value === true ? "" : String(value));
  }
  e.append(...children.flat(9).filter(c => c !== null && c !== undefined && c !== false));
  return e;
}

// <title> of a drawing, which shows when the pointer rests on it.
export function hint(text) {
  const e = document.createElementNS(SVG, "title");
  e.textContent = text;
  return e;
}

export function fill(e, ...children) {
  e.replaceChildren(...children.flat(9).filter(c => c !== null && c !== undefined && c !== false));
  return e;
}

const ODD = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

// A name that somebody else chose: no control characters, no marks that turn the direction of
// the text, and no longer than there is room for.
export function clean(name, most = 60) {
  const all = String(name).slice(0, 4 * most).replace(ODD, "\ufffd");
  const letters = [...all];
  return letters.length > most ? letters.slice(0, most - 1).join("") + "\u2026" : all;
}

// A text of several lines, without marks that nobody sees.
export const plain = text => text.split("\n").map(l => l.replace(ODD, "\ufffd")).join("\n");

export function named(name, most = 60, none = "none") {
  if (name === null || name === undefined || name === "") return h("span.faint", {}, none);
  const short = clean(name, most);
  return h("bdi", {title: short === name ? null : clean(name, 300)}, short);
}

// columns: [{title, cell: row -> text or element, number: true}]; below 600 pixels each row
// becomes a card.
export function table(columns, rows, {caption, open, empty} = {}) {
  const head = h("tr", {}, columns.map(c => h(c.number ? "th.number" : "th", {scope: "col"}, c.title)));
  const body = h("tbody", {}, rows.map(r => tableRow(columns, r, open)));
  if (!rows.length && empty)
    body.append(h("tr", {}, h("td.faint", {colspan: columns.length}, empty)));
  return h("table", {}, caption ? h("caption", {}, caption) : null, h("thead", {}, head), body);
}

// A table that may be wider than its place; look "" keeps its rows where it is narrow.
export const region = (name, of, look = "cards") => h("div.scroll", {tabindex: 0, role: "region", "aria-label": name}, Object.assign(of, {className: look}));

const opened = new Set(); // names of lists that somebody has unfolded

// Of a long list the first `most` of its items, and a button for all.
export function folded(name, of, items, most = 6) {
  if (items.length <= most) return of;
  const button = h("button.quiet", {type: "button", onclick: () => {
    if (!opened.delete(name)) opened.add(name);
    draw();
  }});
  const draw = () => {
    const isOpen = opened.has(name);
    items.forEach((item, i) => (item.hidden = !isOpen && i >= most));
    button.textContent = isOpen ? "Show fewer" : `Show all ${items.length}`;
    button.setAttribute("aria-expanded", isOpen);
  };
  draw();
  return [of, button];
}

// "12 s ago", which goes on by itself.
export const since = ms => h("time", {"data-ms": ms}, ago(ms, clock()));
setInterval(() => document.querySelectorAll("time[data-ms]").forEach(e => (e.textContent = ago(+e.dataset.ms, clock()))), 5000);

export const pair = (name, ...value) => [h("dt", {}, name), h("dd", {}, value)];

export function tableRow(columns, row, open) {
  const tr = h("tr", {}, columns.map(c =>
    h(c.number ? "td.number" : "td", {"data-title": c.title}, h("span", {}, c.cell(row)))));
  if (!open) return tr;
  tr.classList.add("opens");
  tr.addEventListener("click", () => open(row));
  return tr;
}

// -- forms

let last = 0;

// A control below its name; `note` says more in small letters.
export function field(name, control, note) {
  const id = "f" + ++last;
  control.id = id;
  if (note) control.setAttribute("aria-describedby", id + "n");
  return h("div.field", {}, h("label", {for: id}, name), control, note ? h("span.faint.small", {id: id + "n"}, note) : null);
}

export const fields = (...all) => h("div.fields", {}, all);
