"""The page of `weir bench --html` in Chromium, 1280 and 390 pixels wide.

Needs chromium-headless-shell or chromium (Debian's packages of those names, or what
WEIR_CHROMIUM names); `tools/setup.sh test pages` installs it."""
import html
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from test_bench import Engine, bench

# The page itself is untouched: it stands in a frame of the wanted width, and this script
# outside of it measures.
MEASURE = """<!doctype html><iframe id="f" style="border:0;width:%dpx;height:30000px"
 srcdoc="%s"></iframe><pre id="out">waiting</pre><script>
f.onload = () => {
  const d = f.contentDocument, seen = {};
  seen.page = d.documentElement.scrollWidth;
  seen.window = d.documentElement.clientWidth;
  const box = e => e.getBoundingClientRect();
  const outside = [...d.querySelectorAll("body *")].filter(e => !e.closest(".scroll") &&
      box(e).width && (box(e).right > seen.window + 1 || box(e).left < -1));
  seen.outside = outside.map(e => e.tagName + " " + e.textContent.slice(0, 40));
  const meets = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  seen.overlaps = [];
  const within = (root, what) => {
    const all = [...root.querySelectorAll(what)].filter(e => e.textContent.trim());
    for (let i = 0; i < all.length; i++)
      for (let k = i + 1; k < all.length; k++)
        if (meets(box(all[i]), box(all[k])))
          seen.overlaps.push(all[i].textContent + " / " + all[k].textContent);
  };
  for (const svg of d.querySelectorAll("svg")) within(svg, "text");
  for (const legend of d.querySelectorAll(".legend")) within(legend, "span");
  for (const section of d.querySelectorAll("section")) within(section, ":scope > *");
  seen.charts = [...d.querySelectorAll("figcaption")].map(e => e.textContent);
  const drawn = d.querySelector("svg");
  seen.first = drawn ? box(drawn).top : null;
  seen.letters = Math.min(...[...d.querySelectorAll("svg text")].map(e => box(e).height));
  seen.dark = getComputedStyle(d.body).backgroundColor;
  seen.scripts = d.querySelectorAll("script").length;
  out.textContent = JSON.stringify(seen);
};
</script>"""


def chromium():
    named = os.environ.get("WEIR_CHROMIUM") or shutil.which("chromium-headless-shell") or \
        shutil.which("chromium")
    if not named:
        raise unittest.SkipTest("no Chromium: install chromium-headless-shell "
                                "(tools/setup.sh test pages), or name one in WEIR_CHROMIUM")
    return named


def measured(browser, page, width):
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder) / "frame.html"
        frame.write_text(MEASURE % (width, html.escape(page)))
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
             f"--user-data-dir={folder}/profile", "--window-size=1400,1000",
             "--virtual-time-budget=10000", f"file://{frame}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=90,
            env={**os.environ, "HOME": folder}, check=False)
    text = done.stdout.partition('<pre id="out">')[2].partition("</pre>")[0]
    if not text.startswith("{"):
        raise AssertionError(f"Chromium measured nothing: {text[:200]} {done.stderr[-2000:]}")
    return json.loads(html.unescape(text))


class BenchPage(unittest.TestCase):
    def test_it_fits_wide_and_narrow_windows(self):
        browser = chromium()
        engines = [Engine(first_s=0.02, at_once=4), Engine(first_s=0.05, at_once=4)]
        for engine in engines:
            self.addCleanup(engine.stop)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.html"
            bench(*(f"{e.url}#a-model-with-quite-a-long-name-of-its-own" for e in engines),
                  "--local", "--sweep", "--requests", "12", "--slo", "ttft=1000", "--html",
                  str(path))
            page = path.read_text()
        for width in (1280, 390):
            with self.subTest(width=width):
                seen = measured(browser, page, width)
                self.assertEqual(seen["window"], width)
                self.assertLessEqual(seen["page"], width, "it scrolls sideways")
                self.assertEqual(seen["outside"], [])
                self.assertEqual(seen["overlaps"], [])
                self.assertEqual(seen["scripts"], 0)
                for title in ("How many requests have their first token by then",
                              "Tokens a second over requests at once", "Over time: "):
                    self.assertTrue(any(c.startswith(title) for c in seen["charts"]), title)


if __name__ == "__main__":
    unittest.main()
