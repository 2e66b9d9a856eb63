"""weir's page in Chromium: every view narrow and wide, light and dark, by keyboard alone, with
names that would like to be markup, and through a restart of weir. Pictures of all views stay in
build-test/page/ (WEIR_PAGE_SHOTS names another folder)."""
import json
import os
import re
import subprocess
import sys
import unittest
import urllib.request
from pathlib import Path

import browser as browsers
from harness import WEIR, Engine, Weir

BUILD = next((p for p in Path(WEIR).resolve().parents if (p / "meson-info").exists()), Path(WEIR).parent)
SHOTS = Path(os.environ.get("WEIR_PAGE_SHOTS") or BUILD / "page")

CONFIG = """engines:
  - {{name: desk, kind: openai, side: local, url: "{url}", models: [{{name: small}}]}}
  - {{name: sky, kind: openai, side: cloud, url: "{url}",
     models: [{{name: big, price: openai/gpt-4o}}]}}
"""


def ask(weir, model="auto", text="Hello", headers=None, **more):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **more})
    request = urllib.request.Request(weir.url + "/v1/chat/completions", body.encode(),
                                     {"content-type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)
        SHOTS.mkdir(parents=True, exist_ok=True)

    def setUp(self):
        self.weir = Weir(CONFIG.format(url=self.engine.url)).start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)

    def enter(self, role="view", width=1280, dark=False):
        self.browser.open(width, 900, dark)
        self.browser.do("goto", url=browsers.page_link(self.weir, role))
        self.browser.wait("document.querySelector('.view') !== null")

    def clear(self):
        self.assertEqual(self.browser.do("problems"), [])

    def test_it_opens_by_a_link_and_only_once(self):
        link = browsers.page_link(self.weir)
        self.browser.open()
        self.browser.do("goto", url=link)
        self.browser.wait("document.querySelector('.view') !== null")
        self.browser.wait("document.querySelector('.state')?.textContent === 'Live'")
        self.assertNotIn("in=", self.browser.run("location.href"))
        self.browser.do("reload")
        self.browser.wait("document.querySelector('.view') !== null")
        self.clear()
        self.browser.open()
        self.browser.do("goto", url=link)
        self.browser.wait("document.querySelector('.notice') !== null")
        self.assertIn("weir page", self.browser.text("main"))

    def test_every_view_fits_and_is_accessible(self):
        for text in ("Hello", "Write to Maria Schmidt, maria.schmidt@gmail.com"):
            ask(self.weir, "auto", text)
            ask(self.weir, "cloud", text)
        ask(self.weir, "cloud", "My SSN is 536-22-8726")
        for dark in (False, True):
            self.enter(dark=dark)
            views = self.browser.run("[...document.querySelectorAll('nav a')].map(a => a.hash)")
            self.assertIn("#/home", views)
            for view in views:
                for width in (360, 1280):
                    with self.subTest(view=view, width=width, dark=dark):
                        self.look_at(view, width, dark)

    def look_at(self, view, width, dark):
        name = view.removeprefix("#/")
        self.browser.do("size", width=width, height=900)
        self.browser.run(f"location.hash = {json.dumps(view)}")
        self.browser.wait(f"document.querySelector('.view.{name}') !== null")
        self.browser.wait("document.querySelector('.state')?.textContent === 'Live'")
        self.browser.do("shot", path=str(SHOTS / f"{name}-{width}-{'dark' if dark else 'light'}.png"))
        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width)
        self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.clear()

    def test_rows_arrive_and_it_comes_back_after_weir_was_restarted(self):
        self.keep_port()
        self.enter()
        self.browser.wait("document.querySelector('.welcome').checkVisibility()")
        self.wait_state("Live")
        self.assertEqual(ask(self.weir, "auto")[0], 200)
        self.wait_rows(1)
        self.browser.wait("!document.querySelector('.welcome').checkVisibility()")
        self.browser.wait("document.querySelector('.hero').innerText.includes('answered here')")
        self.weir.stop()
        self.wait_state("No connection")
        self.weir.start()
        ask(self.weir, "cloud")  # before the page is back: it asks for what it has missed
        self.wait_state("Live")
        self.wait_rows(2)
        ask(self.weir, "auto")
        self.wait_rows(3)
        self.browser.wait("document.querySelector('.hero').innerText.includes('2 of 3 requests were answered here')")

    def test_a_view_that_was_asked_for_while_weir_was_away_comes_when_it_is_back(self):
        self.keep_port()
        self.enter()
        self.wait_state("Live")
        self.weir.stop()
        self.wait_state("No connection")
        self.browser.run("location.hash = '#/spend'")
        self.browser.wait("document.querySelector('#main').innerText.includes('comes back by itself')")
        self.weir.start()
        self.browser.wait("document.querySelector('.view.spend') !== null")
        self.wait_state("Live")

    def keep_port(self):
        port = self.weir.url.rpartition(":")[2]
        config = self.weir.folder / "weir.yaml"
        config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))

    def wait_state(self, word):
        self.browser.wait(f"document.querySelector('.state')?.textContent === {json.dumps(word)}", 40000)

    def wait_rows(self, n):
        self.browser.wait(f"document.querySelectorAll('.rows tbody tr').length === {n}", 40000)

    def test_a_pause_holds_rows_back_and_going_on_shows_them(self):
        self.enter()
        self.wait_state("Live")
        self.browser.do("click", at="header button")
        self.wait_state("Not updating")
        ask(self.weir, "auto")
        self.weir.ledger()
        self.assertEqual(self.browser.run("document.querySelectorAll('.rows tbody tr').length"), 0)
        self.browser.do("click", at="header button")
        self.wait_rows(1)

    def test_the_cloud_is_paused_and_opened_with_a_reason(self):
        self.enter("operate")
        self.wait_state("Live")
        for why, button, said, status in (("a <b>breach</b>", "Pause the cloud", True, 503),
                                          ("it is mended", "Open the cloud", False, 200)):
            self.assertEqual(self.browser.run("document.querySelector('#tools > button').textContent"),
                             button)
            self.browser.do("click", at="#tools > button")
            self.browser.wait("document.activeElement.id === 'cloud-why'")
            self.browser.do("type", text=why)
            self.browser.do("press", key="Enter")
            self.browser.wait(f"(document.querySelector('.cloud-paused') !== null) === {str(said).lower()}")
            self.assertEqual(ask(self.weir, "cloud")[0], status)
            if said:
                self.assertIn(why, self.browser.run("document.querySelector('.cloud-paused').textContent"))
                self.browser.do("shot", path=str(SHOTS / "cloud-paused.png"), whole=False)
        self.clear()
        self.enter("view")
        self.browser.wait("document.querySelector('#tools') !== null")
        self.assertIsNone(self.browser.run("document.querySelector('#tools button')"))

    def test_it_says_what_weir_knows(self):
        """The sentence and the figures against the rows that were asked for here."""
        for model, text in (("auto", "Hello"), ("auto", "Hello"), ("cloud", "Hello"),
                            ("cloud", "Write to Maria Schmidt, maria.schmidt@gmail.com"),
                            ("cloud", "My SSN is 536-22-8726")):
            ask(self.weir, model, text)
        rows = self.weir.ledger()
        cost = sum(r["cost_nanousd"] for r in rows)
        self.assertGreater(cost, 0)
        self.enter()
        said = self.browser.text(".hero")
        self.assertIn("2 of 5 requests were answered here today. 2 went to the cloud", said)
        self.assertIn("1 request was refused or failed here.", said)
        self.assertIn("Values were masked in 1 of the 2 messages that left.", said)
        self.assertIn("1 request was held back because of its label.", said)
        self.assertEqual(self.browser.run("document.querySelectorAll('.tile')[1].querySelector('[title]').title"),
                         "$" + f"{cost / 1e9:.9f}".rstrip("0"))
        held = self.browser.text(".held-card")
        for words in ("1 name of a person", "1 e-mail address", "1 social security number (US)"):
            self.assertIn(words, held)

    def test_by_keyboard_alone(self):
        ask(self.weir, "cloud", "Write to Maria Schmidt, maria.schmidt@gmail.com")
        self.weir.ledger()
        self.enter()
        self.wait_rows(1)
        focus = "document.activeElement.outerHTML.slice(0, 300)"
        seen = []
        for _ in range(60):
            self.browser.do("press", key="Tab")
            seen.append(self.browser.run(focus))
            self.assertNotEqual(self.browser.run("getComputedStyle(document.activeElement).outlineStyle"), "none", seen[-1])
            if 'class="open"' in seen[-1]:
                break
        self.assertIn('class="open"', seen[-1])
        self.assertTrue(any("skip" in x for x in seen) and any("Stop updating" in x for x in seen), seen)
        self.browser.do("press", key="Enter")
        self.browser.wait("document.querySelector('dialog').open && document.querySelector('dialog ol li')")
        self.browser.wait("document.querySelector('dialog').innerText.includes('left with values masked')")
        said = self.browser.text("dialog")
        for words in ("1 name of a person (masked)", "1 e-mail address (masked)", "the app asked for cloud", "bytes of it left", "sky / big"):
            self.assertIn(words, said)
        self.assertNotIn("maria", self.browser.run("document.body.innerText").lower())
        self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.browser.do("shot", path=str(SHOTS / "decision-1280-light.png"), whole=False)
        self.browser.do("press", key="Escape")
        self.browser.wait("!document.querySelector('dialog').open && location.hash === '#/home'")
        self.clear()

    def test_names_of_strangers_are_text(self):
        """What a client sends, and the names of models in the configuration. Names of keys and engines
        are letters, digits and .-_ by the rules of the configuration."""
        image, turned = "<img src=x onerror=alert(1)>", "\u202egpj.exe\u202c \u2067x"
        names = [image, turned, "x" * 10240, "a\x01b\x1b[31mc\x7f", "\u0000nul",
                 "</script><script>alert(1)</script>", "javascript:alert(1)", "\ud83d\ude80" * 400]
        config = self.weir.folder / "weir.yaml"
        models = ", ".join(f"{{name: {json.dumps(n)}}}" for n in (image, turned))
        config.write_text(config.read_text().replace("{name: small}", "{name: small}, " + models))
        self.weir.stop()
        self.weir.start()
        for name in names:
            ask(self.weir, name)
        for name in names[:6]:
            ask(self.weir, "small", headers={"x-weir-session": name[:200].encode("ascii", "replace").decode()
                                             .translate({1: "?", 27: "?", 127: "?", 0: "?"})})
        self.weir.ledger()
        for width in (360, 1280):
            self.enter(width=width)
            self.browser.wait(f"document.querySelectorAll('.rows tbody tr').length >= {len(names)}")
            self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width)
            self.assertEqual(self.browser.run("document.querySelectorAll('img, script:not([src])').length"), 0)
            odd = "/[\\u0000-\\u0008\\u000b-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069]/"
            self.assertFalse(self.browser.run(f"{odd}.test(document.body.innerText)"))
            self.browser.run("document.querySelector('.rows .more').click()")
            self.assertIn(image, self.browser.text(".rows"))
            for n in range(len(names) + 6):
                self.browser.run(f"document.querySelectorAll('.open')[{n}].click()")
                self.browser.wait("document.querySelector('dialog dl') !== null")
                self.assertLessEqual(self.browser.run("document.querySelector('dialog').scrollWidth"), width)
                self.assertFalse(self.browser.run(f"{odd}.test(document.querySelector('dialog').innerText)"))
                self.browser.run("document.querySelector('dialog').close()")
                self.browser.wait("location.hash === '#/home'")
            self.browser.do("shot", path=str(SHOTS / f"hostile-{width}-light.png"))
            self.clear()

    def test_a_second_visit_loads_little(self):
        for n in range(60):
            ask(self.weir, "auto" if n % 2 else "cloud")
        self.weir.ledger()
        self.enter()
        self.wait_state("Live")
        self.browser.do("requests")
        self.browser.do("reload")
        self.browser.wait("document.querySelectorAll('.rows tbody tr').length === 30")
        self.wait_state("Live")
        seen = [r for r in self.browser.do("requests") if not r["url"].endswith("/events")]
        size = sum(r["bytes"] or 0 for r in seen)
        said = "\n".join(f"{r['status']} {r['bytes']} {r['url']}" for r in seen)
        self.assertLessEqual(size, 40 * 1024, said)
        self.assertEqual(len({r["url"].partition("?")[0] for r in seen}), len(seen), "something was loaded twice:\n" + said)

    def test_files_are_kept_and_few_are_loaded_first(self):
        self.enter()
        self.wait_state("Live")
        files = lambda: sorted(re.sub("-[0-9A-Z]{8}", "", r["url"].partition("/weir/")[2])  # noqa: E731
                               for r in self.browser.do("requests") if re.search(r"\.(js|css)$", r["url"]) and r["bytes"])
        self.assertEqual(files(), ["chunk.js", "main.js", "style.css"])
        self.browser.do("reload")
        self.wait_state("Live")
        self.assertEqual(files(), [])

    def test_a_tab_of_the_build_before_comes_anew_when_a_view_is_gone(self):
        self.enter()
        self.wait_state("Live")
        self.browser.do("replaced")
        self.browser.run("location.hash = '#/spend'")
        self.browser.wait("document.querySelector('.view.spend') !== null")
        self.assertEqual([p for p in self.browser.do("problems") if "404" not in p], [])

    def test_figures_are_asked_for_once_also_after_weir_was_restarted(self):
        self.keep_port()
        ask(self.weir, "auto")
        self.weir.ledger()
        self.weir.stop()
        self.weir.start()
        self.enter()
        self.wait_state("Live")
        self.browser.do("requests")
        self.browser.do("reload")
        self.wait_state("Live")
        self.wait_rows(1)
        self.browser.wait("performance.getEntriesByName(location.origin + '/weir/events').length > 0 || performance.now() > 1500")
        asked = [r["url"].partition("/weir/")[2] for r in self.browser.do("requests")]
        self.assertEqual([asked.count(p) for p in ("api/overview", "api/rows?limit=30", "api/me")], [1, 1, 1], asked)

    def test_the_files_are_small(self):
        """As they are served, all of them together; and the same each time they are made."""
        root = Path(browsers.HERE).parents[1]
        paths = [*(root / "src/web/page").iterdir(), BUILD / "src/web/type_words.js"]
        sys.path.append(str(root / "tools"))
        import web_embed
        files = web_embed.served("esbuild", paths)
        self.assertLessEqual(sum(len(web_embed.compressed(data)) for data in files.values()), 60 * 1024)
        self.assertEqual(web_embed.served("esbuild", paths), files)

    def test_numbers_are_read_as_they_are(self):
        done = subprocess.run(["node", "page_format.mjs"], cwd=browsers.HERE, capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
