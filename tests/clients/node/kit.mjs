// kit.mjs -- runs the cells of one client: see python/kit.py.
import { readFileSync } from "node:fs";

export const URL = process.env.WEIR_URL, KEY = process.env.WEIR_KEY;
export const WRONG_KEY = "wk_this_key_is_wrong_this_key_is_wrong";
export const lookup = ({ city }) => "sunny in " + city;

const wordsOf = (error) => {
  const seen = [];
  for (let e = error; e && !seen.includes(e); e = e.cause ?? e.lastError) seen.push(e);
  const names = seen.flatMap((e) => [e.name, e.constructor?.name]);
  return { class: names[0], bases: names,
    status: seen.map((e) => e.status ?? e.statusCode).find((s) => s) ?? null,
    text: seen.map((e) => `${e.message ?? e} ${e.responseBody ?? ""}`).join(" / ") };
};

export const main = async (cells) => {
  for (const [cell, text] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
    if (!cells[cell]) continue;
    let line;
    try {
      line = { cell, value: await cells[cell](text) };
    } catch (error) {
      line = { cell, error: wordsOf(error) };
    }
    console.log("CELL " + JSON.stringify(line));
  }
};
