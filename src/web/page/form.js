// form.js -- what forms are made of, and a view's own style sheet.
import {h} from "./dom.js";

let last = 0;

// A control below its name; `note` says more in small letters.
export function field(name, control, note) {
  const id = "f" + ++last;
  control.id = id;
  if (note) control.setAttribute("aria-describedby", id + "n");
  return h("div.field", {}, h("label", {for: id}, name), control, note ? h("span.faint.small", {id: id + "n"}, note) : null);
}

export const fields = (...all) => h("div.fields", {}, all);

const sheets = new Map();

// It is loaded once, before the view shows.
export function styled(name) {
  if (!sheets.has(name)) {
    const link = h("link", {rel: "stylesheet", href: "/weir/" + name});
    sheets.set(name, new Promise(done => {
      link.onload = link.onerror = done;
    }));
    document.head.append(link);
  }
  return sheets.get(name);
}
