// view_pilot.js -- what a pilot has found: weir pilot report, which may be looked at at any time.
import {get} from "./api.js";
import {h, fill, clean} from "./dom.js";
import {stateDir} from "./format.js";
import {answerOf, ranges, sectionsOf, wordsOf} from "./report.js";

const none = (said, me) => h("section.card.form", {}, h("h2", {}, "No pilot runs here"), h("p", {}, "A pilot asks both sides the same, for a share of your own requests, and compares the answers: is the local side good enough for what you do? The clients notice nothing, and the verdict holds whenever you look."),
  h("p", {}, "In a terminal, see first whether so many requests can decide, then begin:"),
  h("pre", {tabindex: 0}, `weir pilot plan --per-day 500${stateDir(me)}\nweir pilot start ${me.is_usual_state_dir ? "" : "-c YOUR_WEIR_YAML "}--to LOCAL_MODEL --share 10% --days 30 --margin 5`),
  said ? h("p.faint.small", {}, "weir says: ", said) : null);

const points = v => `${v > 0 ? "+" : v < 0 ? "\u2212" : ""}${Math.abs(Math.round(v))}`;

// How much better the local side is, surely at least and at most, against what was allowed.
function interval(report) {
  const v = (report.sections.verdict || {values: {}}).values, low = v.difference_low, high = v.difference_high;
  if (!low || !high || low.value === null || high.value === null) return null;
  const [from, to] = [100 * low.value, 100 * high.value], margin = (report.answer.match(/([\d.]+) points worse/) || [])[1];
  return h("section.card.part", {}, ranges({title: "How much better the local side is", unit: "points, of 100 requests", base: 0,
    bars: [{label: "All pairs so far", low: from, high: to, text: `${points(from)} to ${points(to)}`}],
    ...(margin ? {mark: -Number(margin), mark_label: `no worse than ${margin} points: what the pilot may accept`} : {})}),
  h("p.faint.small", {}, "The bar becomes shorter with each pair. It accepts when all of it is right of the red line, and rejects when all of it is left of it."));
}

export async function open(root, ctx) {
  const place = h("div.view"), again = h("button", {onclick: () => load()}, "Look again");

  async function load() {
    again.disabled = true;
    try {
      const {report, said} = await get("decide/pilot");
      fill(place, report ? [answerOf(report), interval(report), ...sectionsOf(report)] : none(wordsOf(said), ctx.me));
    } catch (e) {
      fill(place, h("p.bad", {}, clean(e.message, 300)));
    }
    again.disabled = false;
  }

  await load();
  fill(root, h("section.hero", {}, h("h1", {}, "Is the local side good enough?"), h("p", {}, "A pilot tries it on your own requests."), h("p", {}, again)), place);
}
