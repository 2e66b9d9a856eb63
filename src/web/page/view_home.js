// view_home.js -- the first screen.
import {get} from "./api.js";
import {h, fill} from "./dom.js";
import {money} from "./format.js";
import * as live from "./live.js";

export async function open(root) {
  const figures = h("p.hero");
  const draw = o => fill(figures, "The cloud cost ", money(o.today.sides.filter(s => s.side === "cloud")
    .map(s => s.sums.cost_nanousd)[0] || 0), " today.");
  draw(await get("overview"));
  root.append(figures);
  const off = live.on("overview", draw);
  return {close: off};
}
