// news.js -- the lines on top of every view: what is not as it should be now, and what that means
// for requests. Nothing stands there while all is well.
import {clean, fill, h, named} from "./dom.js";
import {time, when} from "./format.js";
import * as live from "./live.js";
import {isIll, isUnsure, stateWords, unsureWords} from "./words.js";

const listed = engines => engines.map((e, i) => [i ? "; " : "", named(e.name, 40), ": ", stateWords(e)]);

// What follows for requests when engines of a side are not well.
function engineLine(engines, isPaused) {
  const of = side => engines.filter(e => e.side === side), ill = list => list.filter(isIll);
  const local = of("local"), cloud = of("cloud"), hurt = ill(engines);
  if (!hurt.length) return null;
  const noLocal = ill(local).length === local.length, noCloud = isPaused || ill(cloud).length === cloud.length;
  const what = noLocal && noCloud ? ["No engine can answer", "Requests are refused until one is back."]
    : noLocal && local.length ? ["No local engine can answer", "Requests that may leave go to the cloud; confidential ones are refused."]
      : noCloud && ill(cloud).length ? ["No cloud engine can answer", "Local engines answer what they can; the rest is refused."]
        : [hurt.length === 1 ? "An engine is not well" : `${hurt.length} engines are not well`, "Others of its side take its requests, as far as they can."];
  return h("p", {}, h("b", {}, what[0]), " (", listed(hurt), "). ", what[1], " ", link());
}

const link = () => h("a", {href: "#/engines"}, "Engines");

function unsureLine(all) {
  const unsure = all.filter(isUnsure);
  return unsure.length ? h("p.unsure", {}, unsureWords(unsure), " ", link()) : null;
}

function cloudLine(cloud) {
  const since = cloud.since_ms ? " since " + when(cloud.since_ms, Date.now()) : "";
  return h("p.cloud-paused", {}, h("b", {}, `The cloud is paused${since}: `), h("bdi", {}, clean(cloud.why || "why is not known", 200)),
    ". What local engines can answer, they answer; the rest is refused.");
}

const awayLine = () => h("p", {}, h("b", {}, `As of ${time(live.heardAt())}: weir does not answer. `), "What is shown is from then. ",
  clean(live.whyNow() || "This page comes back by itself", 300), ".");

// Buttons that ask weir for something do nothing while it is away, and look so.
function restButtons(isAway) {
  document.body.classList.toggle("away", isAway);
  for (const b of document.querySelectorAll(isAway ? "#top button, .view button" : "[data-away]")) {
    if (isAway && b.disabled) continue;
    b.disabled = isAway;
    b.toggleAttribute("data-away", isAway);
  }
}

export function news(root, state) {
  let cloud = null, engines = [], said = "";
  const draw = () => {
    const isAway = live.isAway();
    restButtons(isAway);
    const lines = [isAway ? awayLine() : null, !isAway && state === "draining" ? h("p", {}, "weir stops: it takes no new requests.") : null,
      cloud && cloud.paused ? cloudLine(cloud) : null, engineLine(engines, cloud && cloud.paused), unsureLine(engines)].filter(Boolean);
    const text = lines.map(l => l.textContent).join();
    if (text !== said) fill(root, lines); // what has not changed is not read out again
    said = text;
  };
  live.on("cloud", c => draw(cloud = c));
  live.on("engines", e => draw(engines = e));
  live.on("state", draw);
}
