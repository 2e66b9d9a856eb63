"""weir's page in Chromium: every view narrow and wide, light and dark, by keyboard alone, with
names that would like to be markup, and through a restart of weir. Pictures of all views stay in
build-test/page/ (WEIR_PAGE_SHOTS names another folder)."""
import json
import os
import unittest
import urllib.request
from pathlib import Path

import browser as browsers
from harness import WEIR, Engine, Weir

SHOTS = Path(os.environ.get("WEIR_PAGE_SHOTS") or Path(WEIR).resolve().parent / "page")

CONFIG = """engines:
  - {{name: desk, kind: openai, side: local, url: "{url}", models: [{{name: small}}]}}
  - {{name: sky, kind: openai, side: cloud, url: "{url}",
     models: [{{name: big, price: openai/gpt-4o}}]}}
"""


def ask(weir, model="auto", text="Hello", **more):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **more})
    request = urllib.request.Request(weir.url + "/v1/chat/completions", body.encode(),
                                     {"content-type": "application/json"})
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
        self.browser.wait("document.querySelector('.state').textContent === 'Live'")
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
        self.browser.wait("document.querySelector('.state').textContent === 'Live'")
        self.browser.do("shot", path=str(SHOTS / f"{name}-{width}-{'dark' if dark else 'light'}.png"))
        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width)
        self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.clear()

    def test_it_comes_back_after_weir_was_restarted(self):
        port = self.weir.url.rpartition(":")[2]
        self.enter()
        self.browser.wait("document.querySelector('.state').textContent === 'Live'")
        self.weir.stop()
        self.browser.wait("document.querySelector('.state').textContent === 'No connection'")
        config = self.weir.folder / "weir.yaml"
        config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        self.weir.start()
        self.browser.wait("document.querySelector('.state').textContent === 'Live'")

    def test_the_files_are_small(self):
        files = sorted((Path(browsers.HERE).parents[1] / "src/web/page").iterdir())
        import gzip
        size = sum(len(gzip.compress(f.read_bytes(), 9, mtime=0)) for f in files)
        self.assertLessEqual(size, 60 * 1024, "all files of the page together")


if __name__ == "__main__":
    unittest.main()
