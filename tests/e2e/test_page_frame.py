"""The frame of the page: addresses that name nothing, links that were used, times that go on, and what there is
nothing to pause for."""
import json
import unittest

import browser as browsers
import test_page
from harness import Engine, Weir

LOCAL = """engines:
  - {{name: desk, kind: openai, side: local, url: "{url}", models: [{{name: small}}]}}
"""


class Frame(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)

    def begin(self, config=test_page.CONFIG, role="view", width=1280):
        self.weir = Weir(config.format(url=self.engine.url)).start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)
        self.browser.open(width, 900)
        link = browsers.page_link(self.weir, role)
        self.browser.do("goto", url=link)
        self.wait("document.querySelector('.state')?.textContent === 'Live'")
        return link

    def wait(self, condition):
        self.browser.wait(condition, 40000)

    def go(self, address):
        self.browser.run(f"location.hash = {json.dumps(address)}")

    def test_an_address_that_names_nothing_says_so(self):
        self.begin()
        for address, view, said in (("#/nosuchview", "home", "Nothing is called #/nosuchview here. This is Today."),
                                    ("#/privacy/abc", "privacy", "Nothing is called #/privacy/abc here. This is Privacy."),
                                    ("#/spend/abc", "spend", "Nothing is called #/spend/abc here. This is this month; write a month (2026-11) or two days (2026-11-01/2026-11-07)."),
                                    ("#/decide/nosuch", "decide", "Nothing is called #/decide/nosuch here. This is ")):
            self.go(address)
            self.wait(f"document.querySelector('.view.{view}') !== null && document.querySelector('.note[role=alert]')?.textContent.startsWith({json.dumps(said)})")
            self.assertEqual(self.browser.run("document.querySelector('nav [aria-current]').id"), "to-" + view)
            self.go("#/" + view)
            self.wait("document.querySelector('.note[role=alert]') === null")
        self.go("#/spend/2026-13")
        self.wait("document.querySelector('.view.spend')?.innerText.includes('2026-13 is no month that can be shown: they are written 2026-11, from 1971 to 2199.')")
        self.go("#/spend/2024-12-20/2024-12-21")
        self.wait("document.querySelector('.view.spend').innerText.includes('Nothing was asked in 20 Dec 2024 to 21 Dec 2024.')")
        self.go("#main")  # as the link to the content does
        self.assertIsNotNone(self.browser.run("document.querySelector('.view.spend')"))

    def test_a_link_that_was_used_lets_in_who_is_in_and_nobody_else(self):
        link = self.begin()
        self.browser.do("goto", url="about:blank")
        self.browser.do("goto", url=link)
        self.wait("document.querySelector('.view.home') !== null")
        self.go("#in=" + link.rpartition("=")[2])  # in a tab that is open
        self.wait("document.querySelector('.view.home') !== null && location.hash === ''")
        self.browser.open(1280, 900)  # another browser
        self.browser.do("goto", url=link)
        self.wait("document.querySelector('#main').innerText.includes('This page is closed')")
        self.assertIn("this link has been used", self.browser.text("#main"))

    def test_without_a_cloud_engine_there_is_nothing_to_pause(self):
        self.begin(LOCAL, "operate")
        self.wait("document.querySelector('.view.home') !== null")
        self.assertEqual(self.browser.run("[...document.querySelectorAll('#top button')].map(b => b.textContent)"), ["Stop updating"])
        path = self.weir.folder / "weir.yaml"
        sky = f'  - {{name: sky, kind: openai, side: cloud, url: "{self.engine.url}", models: [{{name: big}}]}}'
        path.write_text(path.read_text().replace("engines:", "engines:\n" + sky))
        self.wait("document.querySelector('#tools > button')?.textContent === 'Pause the cloud'")

    def test_times_go_on_by_themselves(self):
        self.begin()
        test_page.ask(self.weir, "small", "Hello")
        self.wait("/^(just now|[0-9]+ s ago)$/.test(document.querySelector('.engines time')?.textContent)")
        self.wait("parseInt(document.querySelector('.engines time').textContent) >= 4")


if __name__ == "__main__":
    unittest.main()
