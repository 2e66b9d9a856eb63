"""The page's Engines: what became of an engine that failed, what is in memory, and stopping and starting
the one that weir runs, by keyboard alone."""
import re
import unittest

import browser as browsers
import test_engines
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
        self.browser.wait("document.querySelector('.hero').innerText.includes('Not known')")
        for words in ("left alone", "5 failures in a row", "Not known whether desk is back: the next request tries it.", "play 4.7 GB"):
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


class Ordered(test_engines.Running):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        test_page.SHOTS.mkdir(parents=True, exist_ok=True)

    def enter(self, role, width=1280, dark=False):
        done = self.weir.run("page", "--role", role)
        link = re.search(r"http://\S+/weir/#in=[0-9a-f]{64}", done.stdout)
        self.assertTrue(link, done.stderr)
        self.browser.open(width, 900, dark)
        self.browser.do("goto", url=link.group())
        self.browser.wait("document.querySelector('.view') !== null")
        self.browser.run("location.hash = '#/engines'")
        self.browser.wait("document.querySelector('.hero')?.innerText.includes('engine is')")

    def says(self, words):
        self.browser.wait(f"document.querySelector('main').innerText.includes({words!r})", 40000)

    def tab_to(self, label):
        for _ in range(60):
            self.browser.do("press", key="Tab")
            if self.browser.run("document.activeElement.getAttribute('aria-label')") == label:
                self.assertNotEqual(self.browser.run("getComputedStyle(document.activeElement).outlineStyle"), "none")
                return
        self.fail(f"no {label} by the tab key")

    def look_at(self, name):
        for width in (360, 1280):
            self.browser.do("size", width=width, height=900)
            self.browser.do("shot", path=str(test_page.SHOTS / f"engines-{name}-{width}.png"), whole=False)
            self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width)
            self.assertEqual(browsers.serious(self.browser.do("axe")), [])

    def test_it_is_stopped_and_started_by_keyboard(self):
        self.enter("operate")
        self.browser.run("document.getElementById('main').focus()")
        for label, why, words in (("Stop engine", "the <b>GPU</b> is needed", "stopped by the operator: the <b>GPU</b> is needed"),
                                  ("Start engine", "it is free", "The one engine is ready")):
            self.tab_to(label)
            self.browser.do("press", key="Enter")
            self.browser.wait("document.activeElement.id === 'engine-why'")
            self.look_at("ask" if label.startswith("Stop") else "ask-start")
            self.browser.do("type", text=why)
            self.browser.do("press", key="Enter")
            self.browser.wait("!document.querySelector('dialog.reason[open]')")
            self.says(words)
            self.look_at("stopped" if label.startswith("Stop") else "started")
            self.browser.run("document.getElementById('main').focus()")
        self.says("started again")
        self.assertEqual(self.browser.do("problems"), [])
        self.assertEqual(self.weir.ask(), ("from mine", "local"))

    def test_the_button_keeps_the_focus_and_escape_orders_nothing(self):
        self.enter("operate")
        self.browser.run("document.getElementById('main').focus()")
        self.tab_to("Stop engine")
        self.weir.ask()  # the table is drawn anew
        self.browser.wait("!document.querySelector('main').innerText.includes('not since weir began')")
        self.assertEqual(self.browser.run("document.activeElement.dataset.run"), "engine")
        self.browser.do("press", key="Enter")
        self.browser.wait("document.activeElement.id === 'engine-why'")
        self.browser.do("press", key="Escape")
        self.browser.wait("!document.querySelector('dialog.reason[open]')")
        self.assertEqual(self.state()["state"], "running")
        self.assertEqual(self.browser.do("problems"), [])

    def test_who_only_looks_has_no_button(self):
        self.enter("view")
        self.assertEqual(self.browser.run("document.querySelectorAll('[data-run]').length"), 0)
        self.assertEqual(self.order("stop").returncode, 0)
        self.says("stopped by the operator: a test: stop")
        self.browser.run("location.hash = '#/home'")
        self.browser.wait("document.querySelector('.engines')?.innerText.includes('stopped by the operator')")
        self.assertEqual(self.browser.do("problems"), [])


if __name__ == "__main__":
    unittest.main()
