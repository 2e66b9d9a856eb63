// view_home.js -- the first screen: what stayed, what left, what it cost, and each request as it
// comes. All sums are weir's own (GET /weir/api/overview); none is made of the rows that are shown.
import {get} from "./api.js";
import {h, fill} from "./dom.js";
import {decisionPanel} from "./decision.js";
import {chartPanel, checkLine, enginesPanel, heldPanel} from "./home_panels.js";
import {hero, tiles, welcome} from "./home_story.js";
import * as live from "./live.js";
import {rowList} from "./rows.js";

const ROWS = 30;

export async function open(root, ctx) {
  let overview, now = Date.now();
  const rows = rowList({now: () => now, open: id => ctx.go("home/" + id)});
  const decision = decisionPanel(() => ctx.go("home"));
  const panels = [hero(), tiles(), chartPanel(), heldPanel(), enginesPanel()];
  const [story, numbers, chart, held, engines] = panels.map(p => p.element);
  const list = h("section.card.rows", {}, h("h2", {}, "Requests"), rows.element);
  const foot = h("p.faint.small.foot");
  const first = welcome(ctx.me);

  const draw = o => {
    overview = o;
    now = o.now_ms;
    for (const p of panels) p.draw(o);
    fill(foot, checkLine(o));
    const isNew = rows.size() === 0 && o.month.sides.length === 0;
    first.hidden = !isNew;
    for (const e of [numbers, chart, held, list]) e.hidden = isNew;
  };

  const load = async () => {
    const [o, r] = await Promise.all([get("overview"), get("rows?limit=" + ROWS)]);
    rows.replace(r.rows);
    live.seed(r.last_event_id);
    draw(o);
  };

  await load();
  fill(root, story, first, numbers, chart, held, engines, list, foot, decision.element);
  const off = [
    live.on("overview", draw),
    live.on("engines", e => panels[4].draw({...overview, engines: e})),
    live.on("gap", () => load().catch(e => ctx.say(e.message))),
    live.on("rows", r => {
      const isFirst = rows.size() === 0;
      rows.add(r, true);
      if (isFirst) load().catch(e => ctx.say(e.message));
    }),
  ];
  return {
    path: ([id]) => (id ? decision.open(id) : decision.close()),
    close: () => off.forEach(f => f()),
  };
}
