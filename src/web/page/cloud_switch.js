// cloud_switch.js -- may anything go to the cloud: said on every view when it is paused, and
// changed by whoever may operate (docs/cloud.md).
import {get, post} from "./api.js";
import {h, fill, clean} from "./dom.js";
import {when} from "./format.js";
import * as live from "./live.js";
import {reasonDialog} from "./reason.js";

const PAUSE = {title: "Pause the cloud?", button: "Pause the cloud",
  text: "At once, for all: nothing goes to a cloud engine until it is opened again. What local engines can answer, they answer; the rest is refused. Answers that have begun go on."};
const OPEN = {title: "Open the cloud?", button: "Open the cloud",
  text: "Requests may go to cloud engines again, as the policy and their labels say."};

// root: its place in the frame, for as long as the page is open.
export async function place(root, ctx) {
  let now = null;
  const dialog = reasonDialog("cloud", () => {
    ctx.say(now.paused ? "The cloud is paused." : "The cloud is open.");
    draw();
  });

  function draw() {
    const what = now.paused ? OPEN : PAUSE;
    const send = async why => (now = await post("cloud", {do: now.paused ? "resume" : "pause", why}));
    const since = now.since_ms ? " since " + when(now.since_ms, Date.now()) : "";
    fill(root, now.paused ? h("strong.cloud-paused", {}, `The cloud is paused${since}: `, h("bdi", {}, clean(now.why || "why is not known", 200))) : null,
      ctx.mayOperate ? h("button.quiet", {onclick: () => dialog.open({...what, send})}, what.button) : null,
      ctx.mayOperate ? dialog.element : null);
  }

  live.on("cloud", value => {
    now = value;
    if (!dialog.element.open) draw();
  });
  try {
    now = await get("cloud");
  } catch {
    return; // an event says it once weir answers again
  }
  draw();
}
