// view_home.js -- the first screen: what stayed, what left, what it cost, and each request as it
// comes. All sums are weir's own (GET /weir/api/overview); none is made of the rows that are shown.
import {get} from "./api.js";
import {h, fill} from "./dom.js";
import {decisionPanel} from "./decision.js";
import {filterAddress, filterLine} from "./filter.js";
import {chartPanel, checkLine, enginesPanel, heldPanel} from "./home_panels.js";
import {hero, tiles, welcome} from "./home_story.js";
import * as live from "./live.js";
import {rowList} from "./rows.js";

const ROWS = 30, AGAIN_MS = 2000;

// The requests, all or those that the filter lets through, which weir chooses: whenever something
// has come, it is asked again.
function requests(ctx) {
  let words = "", turn = 0, timer = 0, now = Date.now();
  const address = id => [filterAddress(words), ...(id ? [id] : [])].join("/");
  const list = rowList({now: () => now, address, open: id => ctx.go(address(id))});
  const filter = filterLine(to => ctx.go(filterAddress(to)));
  const load = async isAnew => {
    const mine = ++turn, asked = words;
    try {
      const r = await get(`rows?limit=${ROWS}` + (asked && "&filter=" + encodeURIComponent(asked)));
      if (mine !== turn) return;
      if (isAnew) list.replace(r.rows);
      else list.add(r.rows, true);
      live.seed(r.last_event_id);
      filter.show(asked, r, r.rows.length);
    } catch (e) {
      if (mine !== turn) return;
      if (e.code !== "invalid_filter") throw e;
      list.replace([]);
      filter.fail(asked, e.message);
    }
  };
  const tell = e => ctx.say(e.message), element = h("section.card.rows", {}, h("h2", {}, "Requests"), filter.element, list.element);
  return {
    element, address, load,
    isEmpty: () => !words && list.size() === 0,
    at: ms => (now = ms),
    choose(to) {
      if (to === words) return;
      words = to;
      const {top} = filter.element.getBoundingClientRect();
      if (words && (top < 0 || top > innerHeight / 2)) element.scrollIntoView();
      load(true).catch(tell);
    },
    came(rows) {
      if (!words) return list.add(rows, true);
      timer ||= setTimeout(() => {
        timer = 0;
        load(false).catch(tell);
      }, AGAIN_MS);
    },
    close() {
      clearTimeout(timer);
      filter.close();
    },
  };
}

export async function open(root, ctx) {
  let overview;
  const list = requests(ctx), decision = decisionPanel(() => ctx.go(list.address()));
  const panels = [hero(), tiles(), chartPanel(), heldPanel(), enginesPanel()];
  const [story, numbers, chart, held, engines] = panels.map(p => p.element);
  const foot = h("p.faint.small.foot");
  const first = welcome(ctx.me);

  const draw = o => {
    overview = o;
    list.at(o.now_ms);
    for (const p of panels) p.draw(o);
    fill(foot, checkLine(o));
    const isNew = list.isEmpty() && o.month.sides.length === 0;
    first.hidden = !isNew;
    for (const e of [numbers, chart, held, list.element]) e.hidden = isNew;
  };

  const load = async () => draw((await Promise.all([get("overview"), list.load(true)]))[0]);

  await load();
  fill(root, story, first, numbers, chart, held, engines, list.element, foot, decision.element);
  const off = [
    live.on("overview", draw),
    live.on("engines", e => panels[4].draw({...overview, engines: e})),
    live.on("gap", () => load().catch(e => ctx.say(e.message))),
    live.on("rows", r => {
      const isFirst = list.isEmpty();
      list.came(r);
      if (isFirst) load().catch(e => ctx.say(e.message));
    }),
  ];
  return {
    path(parts) {
      const [filter, id] = (parts[0] || "").startsWith("f=") ? parts : ["f=", ...parts];
      list.choose(filter.slice(2));
      return id ? decision.open(id) : decision.close();
    },
    close() {
      list.close();
      off.forEach(f => f());
    },
  };
}
