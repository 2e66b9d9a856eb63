// cloud_switch.js -- whoever may operate pauses and opens the cloud on every view (docs/cloud.md);
// news.js says when it is paused.
import {get, post} from "./api.js";
import {h, fill} from "./dom.js";
import * as live from "./live.js";
import {reasonDialog} from "./reason.js";

const PAUSE = {title: "Pause the cloud?", button: "Pause the cloud",
  text: "At once, for all: nothing goes to a cloud engine until it is opened again. What local engines can answer, they answer; the rest is refused. Answers that have begun go on."};
const OPEN = {title: "Open the cloud?", button: "Open the cloud",
  text: "Requests may go to cloud engines again, as the policy and their labels say."};

// root: its place in the frame, for as long as the page is open. Whoever may only look is told how
// to act.
export async function place(root, ctx) {
  if (!ctx.mayOperate) return fill(root, h("details.looks", {}, h("summary", {}, "You may look"),
    h("p.card", {}, h("code", {}, "weir page --role operate"), " prints a link that may act: pause the cloud, lower a label, stop an engine, ask models.")));
  let now = null, hasCloud = ctx.me.has_cloud; // with no engine there is nothing to pause
  const dialog = reasonDialog("cloud", () => {
    ctx.say(now.paused ? "The cloud is paused." : "The cloud is open.");
    draw();
  });

  function draw() {
    if (!now.paused && !hasCloud) return fill(root);
    const what = now.paused ? OPEN : PAUSE;
    const send = async why => (now = await post("cloud", {do: now.paused ? "resume" : "pause", why}));
    fill(root, h("button.quiet", {onclick: () => dialog.open({...what, send})}, what.button), dialog.element);
  }

  live.on("cloud", value => {
    now = value;
    if (!dialog.element.open) draw();
  });
  live.on("engines", engines => {
    const has = engines.some(e => e.side === "cloud");
    if (has === hasCloud) return;
    hasCloud = has;
    if (now && !dialog.element.open) draw();
  });
  try {
    now = await get("cloud");
  } catch {
    return; // an event says it once weir answers again
  }
  draw();
}
