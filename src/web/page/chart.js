// chart.js -- small drawings with a table of the same figures behind each. A side has one look
// everywhere: local is plain, cloud is hatched, so that no colour has to be told apart.
import {h, hint, fill, table} from "./dom.js";

const H = 240, TOP = 10;

// Round marks from at most `low` to at least `high`.
export function marks(low, high, wanted = 4) {
  const rough = (high - low) / wanted || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(m => m * power).find(s => s >= rough * 0.999), out = [];
  for (let i = Math.floor(low / step + 1e-9); ; i++) {
    out.push(Number((i * step).toPrecision(12)));
    if (out[out.length - 1] >= high * (high < 0 ? 1.001 : 0.999)) return out;
  }
}

export const ticks = most => (most > 0 ? marks(0, most) : [0, 1]);

export const legend = series => h("span.legend", {}, series.map(s =>
  h("span", {}, h("i." + s.side, {"aria-hidden": "true"}), s.name)));

function drawing(o, most, body, width) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const steps = ticks(most), top = steps[steps.length - 1];
  const say = o.axis || o.format, left = Math.max(3.4, ...steps.map(v => 1 + say(v).length * 0.47)) * rem;
  const right = width - 4, bottom = H - 1.6 * rem, n = o.labels.length;
  const y = v => TOP + (bottom - TOP) * (1 - v / top), x = i => left + ((right - left) * i) / n;
  const every = Math.ceil(n / Math.max(2, Math.floor((right - left) / (3.6 * rem))));
  return h("svg.chart", {width, height: H, viewBox: `0 0 ${width} ${H}`, role: "img", "aria-label": o.title},
    steps.map(v => [h("line.rule", {x1: left, x2: right, y1: y(v), y2: y(v)}),
      h("text.tick", {x: left - 8, y: y(v) + 4, "text-anchor": "end"}, say(v))]),
    o.labels.map((l, i) => (i % every || (i && x(i) > right - 2 * rem) ? null
      : o.isAtPoints ? h("text.tick", {x: (x(i) + x(i + 1)) / 2, y: H - 4, "text-anchor": "middle"}, l)
        : h("text.tick", {x: x(i), y: H - 4}, l))),
    body(x, y, (right - left) / n, bottom));
}

function twin(o) {
  const say = o.exact || o.format;
  return table([{title: o.of || "", cell: i => (o.fullLabels || o.labels)[i]},
    ...o.series.map(s => ({title: s.name, number: true, cell: i => (s.values[i] === null ? "unknown" : say(s.values[i]))}))],
  o.labels.map((_, i) => i));
}

// It is drawn anew when its place changes its width: letters keep their size.
function plot(o, most, body) {
  const place = h("div.place");
  const draw = () => place.clientWidth && fill(place, drawing(o, most, body, place.clientWidth));
  new ResizeObserver(draw).observe(place);
  return h("figure.plot", {}, h("figcaption", {}, h("b", {}, o.title), h("span.faint", {}, o.unit), legend(o.series)), place,
    h("details", {}, h("summary", {}, "The same as a table"),
      h("div.scroll", {tabindex: 0, role: "region", "aria-label": o.title}, twin(o))));
}

// {title, unit, of, labels, fullLabels, series: [{name, side: "local"|"cloud"|"other", values}],
// format: number -> text, axis: the same for the ticks}; the series stand on top of each other. null is unknown: no bar.
export function bars(o) {
  const sums = o.labels.map((_, i) => o.series.reduce((sum, s) => sum + (s.values[i] || 0), 0));
  return plot(o, Math.max(0, ...sums), (x, y, w, bottom) => o.labels.map((_, i) => {
    let below = 0;
    const said = o.series.map(s => `${s.name}: ${s.values[i] === null ? "unknown" : o.format(s.values[i])}`).join(", ");
    return h("g", {}, hint(`${(o.fullLabels || o.labels)[i]}: ${said}`),
      h("rect.hover", {x: x(i), y: TOP, width: w, height: bottom - TOP}),
      o.series.map(s => {
        const v = s.values[i] || 0, from = below;
        below += v;
        return v ? h("rect.bar." + s.side, {x: x(i) + w * 0.12, width: w * 0.76, y: y(below), height: Math.max(1, y(from) - y(below))}) : null;
      }));
  }));
}

// The same with a line for each series; a line is broken where a value is unknown.
export function lines(o) {
  const most = Math.max(0, ...o.series.flatMap(s => s.values.map(v => v || 0)));
  return plot({...o, isAtPoints: true}, most, (x, y, w) => o.series.map(s => {
    const runs = [[]];
    s.values.forEach((v, i) => (v === null ? runs.push([]) : runs[runs.length - 1].push(`${x(i) + w / 2},${y(v)}`)));
    return [runs.filter(r => r.length > 1).map(r => h("polyline.line." + s.side, {points: r.join(" ")})),
      s.values.map((v, i) => (v === null ? null : h("circle.dot." + s.side, {cx: x(i) + w / 2, cy: y(v), r: 3}, hint(`${(o.fullLabels || o.labels)[i]}: ${s.name} ${o.format(v)}`))))];
  }));
}

// A thin bar of parts of one whole: [{value, side}].
export function proportion(parts, title) {
  return h("div.proportion", {role: "img", "aria-label": title}, parts.filter(p => p.value > 0).map(p => {
    const e = h("i." + p.side);
    e.style.flexGrow = String(p.value);
    return e;
  }));
}
