"""The filter of the requests: what weir answers to it, and the line above the first screen's list."""
import json
import unittest
from urllib.parse import quote

import browser as browsers
import test_page
from harness import Engine, Weir
from test_page_rows import KEYS
from test_page_views import api

ASKED = (("agent", "auto", "Hello"), ("agent", "cloud", "Hello"), ("office", "auto", "My SSN is 536-22-8726"),
         ("office", "cloud", "My SSN is 536-22-8726"), ("office", "cloud", "error 500"), ("agent", "auto", "Hello again"),
         ("agent", "cloud", "Write to maria.schmidt@gmail.com"))


class Filter(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)

    def setUp(self):
        self.weir = Weir(test_page.CONFIG.format(url=self.engine.url) + KEYS).start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)
        for key, model, text in ASKED:
            self.ask(key, model, text)
        self.assertEqual(len(self.weir.ledger()), len(ASKED))

    def ask(self, key, model, text):
        return test_page.ask(self.weir, model, text, {"authorization": f"Bearer trial-{key}"})

    def enter(self, at="home", width=1280, dark=False):
        self.browser.open(width, 900, dark)
        self.browser.do("goto", url=browsers.page_link(self.weir))
        self.browser.wait("document.querySelector('.state')?.textContent === 'Live'")
        self.browser.run(f"location.hash = '#/{at}'")

    def wait_said(self, words):
        self.browser.wait(f"document.querySelector('.filter .found').textContent === {json.dumps(words)}")

    def rows(self):
        return self.browser.run("document.querySelectorAll('.rows tbody tr').length")

    def clear(self, but="\0"):
        self.assertEqual([p for p in self.browser.do("problems") if but not in p], [])

    def test_weir_looks_through_the_newest_rows(self):
        for words, n in (("held", 2), ("held local", 1), ("held outcome:refused", 1), ("errors", 2), ("errors -left", 1), ("left", 3), ("cloud", 3), ("side:none", 1),
                         ("key:office", 3), ("KEY:office", 3), ("key:Office", 0), ("model:big", 3), ("masked", 1), ("masked EMAIL", 1), ("hello", 0), ("label:confidential", 2)):
            with self.subTest(words=words):
                status, said = api(self.weir, "rows?filter=" + quote(words))
                self.assertEqual((status, said["found"], said["searched"], len(said["rows"])), (200, n, len(ASKED), n))
        status, said = api(self.weir, "rows?limit=2&filter=key:agent")
        newest = [row["id"] for row in api(self.weir, "rows")[1]["rows"] if row["key"] == "agent"][-2:]
        self.assertEqual((said["found"], [row["id"] for row in said["rows"]]), (4, newest))
        self.assertEqual(said["searched_since_ms"], api(self.weir, "rows")[1]["rows"][0]["at_ms"])
        self.assertNotIn("found", api(self.weir, "rows")[1])
        for more in (["--rows"], []):
            ledger = self.weir.run("ledger", "-c", "weir.yaml", *more, "--json", "--filter", "held errors").stdout.splitlines()
            self.assertEqual([json.loads(line)["status"] for line in ledger], [400])
        self.assertEqual(self.weir.run("ledger", "-c", "weir.yaml", "--by", "key", "--json", "--filter", "held").returncode, 2)

    def test_what_is_no_filter_is_told(self):
        for words, told in (("side:moon", "side:moon: write side:local, cloud or none"), ("x" * 201, "a filter has 200 bytes at most"),
                            ("app:office", "app:office: before a colon write side, label, outcome, key, engine or model"),
                            ("held label:secret", "label:secret: write label:public, unlabelled, internal or confidential")):
            status, said = api(self.weir, "rows?filter=" + quote(words))
            self.assertEqual((status, said["error"]["code"], said["error"]["message"]), (400, "invalid_filter", told))
        wrong = self.weir.run("ledger", "-c", "weir.yaml", "--rows", "--filter", "side:moon")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("side:moon: write side:local, cloud or none", wrong.stderr)
        self.enter()
        self.browser.do("press", key="/")
        self.browser.do("type", text="label:secret")
        self.browser.do("press", key="Enter")
        self.browser.wait("document.querySelector('.filter [role=alert]')?.textContent.startsWith('label:secret: write label:public')")
        self.assertEqual(self.rows(), 0)
        self.clear("400")

    def test_by_keyboard_and_live_rows_obey(self):
        self.enter()
        self.browser.wait("document.querySelectorAll('.rows tbody tr').length === 7")
        self.browser.do("press", key="/")
        self.assertTrue(self.browser.run("document.activeElement.matches('.filter input') && document.activeElement.value === ''"))
        self.browser.do("type", text="local key:agent")
        self.browser.do("press", key="Enter")
        self.wait_said("2 of the last 7 requests.")
        self.assertEqual(self.browser.run("location.hash"), "#/home/f=local%20key%3Aagent")
        self.assertEqual(self.browser.run("[...document.querySelectorAll('.filter [aria-pressed=true]')].map(b => b.textContent)"), ["local"])
        self.browser.do("type", text=" mo")
        self.ask("office", "auto", "Not this one")
        self.ask("agent", "auto", "But this one")
        self.wait_said("3 of the last 9 requests.")
        self.assertEqual(self.rows(), 3)
        self.assertEqual(self.browser.run("document.querySelector('.filter input').value"), "local key:agent mo")
        self.browser.do("press", key="Escape")
        self.wait_said("")
        self.browser.wait("document.querySelectorAll('.rows tbody tr').length === 9")
        self.assertEqual(self.browser.run("location.hash"), "#/home")
        self.ask("office", "auto", "Each one again")
        self.browser.wait("document.querySelectorAll('.rows tbody tr').length === 10")
        self.clear()

    def test_a_link_opens_it_and_a_row_in_it(self):
        self.enter("home/f=held")
        self.wait_said("2 of the last 7 requests.")
        self.browser.do("click", at=".rows tbody tr:first-child a")
        self.browser.wait("document.querySelector('dialog.decision').open")
        self.assertRegex(self.browser.run("location.hash"), "^#/home/f=held/wr-")
        self.browser.do("reload")
        self.browser.wait("document.querySelector('dialog.decision')?.open")
        self.wait_said("2 of the last 7 requests.")
        self.browser.do("press", key="Escape")
        self.browser.wait("location.hash === '#/home/f=held'")
        self.browser.run("[...document.querySelectorAll('.filter button')].find(b => b.textContent === 'Clear').click()")
        self.wait_said("")
        self.assertEqual(self.browser.run("location.hash"), "#/home")
        self.clear()

    def test_what_was_held_leads_to_its_requests(self):
        self.enter()
        for part, said in ((".hero a", "2 of the last 7 requests."), (".hero a[href*='errors']", "1 of the last 7 requests."), (".held-card td a[href*='outcome%3Aok']", "1 of the last 7 requests."),
                           (".held-card h3 a", "2 of the last 7 requests."), (".held-card .chips a[href*='masked']", "1 of the last 7 requests.")):
            self.browser.wait(f"document.querySelector({json.dumps(part)}) !== null")
            self.browser.do("click", at=part)
            self.wait_said(said)
            self.assertTrue(self.browser.run("(r => r.top >= document.querySelector('#top').getBoundingClientRect().bottom && r.bottom < innerHeight)(document.querySelector('.filter').getBoundingClientRect())"))
        self.clear()

    def test_it_fits_and_is_accessible(self):
        for dark in (False, True):
            for width in (360, 1280):
                with self.subTest(width=width, dark=dark):
                    self.enter("home/f=held%20local", width, dark)
                    self.wait_said("1 of the last 7 requests.")
                    self.browser.run("document.querySelector('.filter input').focus()")
                    self.browser.do("shot", path=str(test_page.SHOTS / f"filter-{width}-{'dark' if dark else 'light'}.png"))
                    self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width)
                    self.assertEqual(browsers.serious(self.browser.do("axe")), [])
                    self.clear()


if __name__ == "__main__":
    unittest.main()
