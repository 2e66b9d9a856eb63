"""The page's Engines: what became of an engine that failed, and what is in memory."""
import unittest

import browser as browsers
import test_page
from harness import Engine, Weir

CONFIG = """engines:
  - {{name: desk, kind: openai, side: local, url: "{url}", models: [{{name: small}}]}}
  - {{name: lab, kind: sim, side: local, models: [{{name: play}}]}}
"""


class Engines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)
        test_page.SHOTS.mkdir(parents=True, exist_ok=True)
        cls.weir = Weir(CONFIG.format(url=cls.engine.url)).start()
        cls.addClassCleanup(cls.weir.remove)
        cls.addClassCleanup(lambda: cls.weir.stop())

    def test_failures_are_told_as_they_come_and_memory_is_shown(self):
        self.browser.open()
        self.browser.do("goto", url=browsers.page_link(self.weir))
        self.browser.wait("document.querySelector('.view') !== null")
        self.browser.wait("document.querySelector('.engines').innerText.includes('play 4.7 GB, 100 % on the GPU, stays')")
        self.browser.run("location.hash = '#/engines'")
        self.browser.wait("document.querySelector('.hero')?.innerText.includes('All 2 engines are ready')")
        for _ in range(5):
            test_page.ask(self.weir, "small", "error 500")
        self.browser.wait("document.querySelector('main').innerText.includes('it answered HTTP 500')")
        for words in ("left alone", "5 failures in a row", "1 of 2 engines is not well", "play 4.7 GB"):
            self.assertIn(words, self.browser.text("main"))
        for dark in (False, True):
            self.browser.open(1280, 900, dark)
            self.browser.do("goto", url=browsers.page_link(self.weir))
            self.browser.wait("document.querySelector('.view') !== null")
            self.browser.run("location.hash = '#/engines'")
            self.browser.wait("document.querySelector('main').innerText.includes('it answered HTTP 500')")
            for width in (360, 1280):
                self.browser.do("size", width=width, height=900)
                self.browser.do("shot", path=str(test_page.SHOTS / f"engines-ill-{width}-{'dark' if dark else 'light'}.png"))
                self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width)
                self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.assertEqual(self.browser.do("problems"), [])


if __name__ == "__main__":
    unittest.main()
