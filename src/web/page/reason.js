// reason.js -- asks why, and does it: for what is kept in the audit chain with its reason.
import {h, fill, clean} from "./dom.js";

// id: of this dialog, in words for elements. done() is called when it has been done. Open it with
// {title, text, button, send}: send(why) does it, and its error is shown.
export function reasonDialog(id, done) {
  const why = h("input", {type: "text", maxlength: 200, required: true, id: id + "-why", autocomplete: "off"});
  const title = h("h2", {id: id + "-title"}), text = h("p.faint"), fault = h("p.bad", {role: "alert"}), go = h("button.primary", {});
  let send = null;
  const dialog = h("dialog.reason", {"aria-labelledby": id + "-title"}, h("form", {onsubmit: async e => {
    e.preventDefault();
    go.disabled = true;
    try {
      await send(why.value);
      dialog.close();
      done();
    } catch (x) {
      fill(fault, clean(x.message, 300));
    }
    go.disabled = false;
  }}, title, text, h("label", {for: id + "-why"}, "Why? It is kept in the audit chain."), why, fault,
  h("div.buttons", {}, go, h("button", {type: "button", onclick: () => dialog.close()}, "Cancel"))));
  return {
    element: dialog,
    open(what) {
      send = what.send;
      fill(title, what.title);
      fill(text, what.text);
      fill(go, what.button);
      fill(fault);
      why.value = "";
      dialog.showModal();
    },
  };
}
