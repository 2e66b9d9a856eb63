"""The page's views for comparing and deciding: Compare, Decide, Pilot and Bench, each narrow and
wide, light and dark, by keyboard, and with values that would like to be something else."""
import json
import unittest

import browser as browsers
from harness import Engine, Weir
from test_page import CONFIG, SHOTS


class Tools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)
        SHOTS.mkdir(parents=True, exist_ok=True)

    def setUp(self):
        self.engine.seen.clear()
        self.engine.left.clear()
        self.weir = Weir(CONFIG.format(url=self.engine.url)).start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)

    def enter(self, view, role="view", width=1280, dark=False):
        self.browser.open(width, 900, dark)
        self.browser.do("goto", url=browsers.page_link(self.weir, role))
        self.browser.wait("document.querySelector('.view') !== null")
        self.browser.run(f"location.hash = '#/{view}'")
        self.browser.wait(f"document.querySelector('.view.{view}') !== null")

    def clear(self, but=()):
        self.assertEqual([p for p in self.browser.do("problems") if not any(b in p for b in but)], [])

    def look(self, name, but=()):
        """The view as it is now, in both widths and both colours."""
        for dark in (False, True):
            self.browser.do("dark", yes=dark)
            for width in (360, 1280):
                with self.subTest(name=name, width=width, dark=dark):
                    self.browser.do("size", width=width, height=900)
                    self.browser.do("shot", path=str(SHOTS / f"{name}-{width}-{'dark' if dark else 'light'}.png"))
                    self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width)
                    self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.clear(but)

    def fill(self, selector, text):
        self.browser.run(f"""(() => {{
            const e = document.querySelector({json.dumps(selector)});
            e.value = {json.dumps(text)};
            e.dispatchEvent(new Event('input', {{bubbles: true}}));
            e.dispatchEvent(new Event('change', {{bubbles: true}}));
        }})()""")


class Compare(Tools):
    def ask_both(self, text):
        self.fill("textarea", text)
        self.browser.do("click", at="button[type=submit]")
        self.browser.wait("document.querySelectorAll('.column').length === 2")

    def test_two_models_answer_side_by_side_with_the_figures_of_their_rows(self):
        self.enter("compare", "operate")
        self.ask_both("How many legs has a dog? 4")
        self.browser.wait("document.querySelector('.verdict').innerText.includes('end in the same')")
        self.browser.wait("[...document.querySelectorAll('.column')].every(c => c.innerText.includes('5 in, 2 out'))")
        for column in self.browser.run("[...document.querySelectorAll('.column')].map(c => c.innerText)"):
            self.assertIn("you said How many legs has a dog? 4", column)
            self.assertIn("Answered", column)
            self.assertIn("2 of 2 end in the same", column)
        rows = {r["side"]: r for r in self.weir.ledger()}
        self.assertEqual(len(self.weir.ledger()), 2)
        self.assertGreater(rows["cloud"]["cost_nanousd"], 0)
        said = self.browser.run("document.querySelectorAll('.column')[1].querySelector('dd [title]').title")
        self.assertEqual(said, "$" + f"{rows['cloud']['cost_nanousd'] / 1e9:.9f}".rstrip("0"))
        self.look("compare-answered")
        kept = self.browser.run("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        self.assertEqual(kept, '[{},{},""]')

    def test_what_is_confidential_stays_out_of_the_cloud_column_which_says_so(self):
        self.enter("compare", "operate")
        self.ask_both("My SSN is 536-22-8726")
        self.browser.wait("document.querySelector('.verdict').innerText === '' || "
                          "document.querySelectorAll('.column')[0].innerText.includes('in, ')")
        self.browser.wait("document.querySelectorAll('.column')[1].innerText.includes('Kept on this machine')")
        here, cloud = self.browser.run("[...document.querySelectorAll('.column')].map(c => c.innerText)")
        self.assertIn("you said My SSN", here)
        self.assertIn("confidential", here)
        self.assertIn("labelled confidential", cloud)
        self.assertIn("Nothing left this machine", cloud)
        self.assertEqual(self.engine.seen, ["My SSN is 536-22-8726"])
        self.look("compare-confidential", but=["status of 400"])  # the browser's own words for a refusal

    def test_what_is_masked_is_said_in_types_and_counts(self):
        self.enter("compare", "operate")
        self.ask_both("Write to Maria Schmidt, maria.schmidt@gmail.com")
        self.browser.wait("document.querySelectorAll('.column')[1].innerText.includes('1 name of a person')")
        self.assertIn("1 e-mail address", self.browser.run("document.querySelectorAll('.column')[1].innerText"))
        self.assertEqual(sum("maria" in s.lower() for s in self.engine.seen), 1, "only the local one sees the name")
        self.clear()

    def test_stop_ends_every_column(self):
        self.enter("compare", "operate")
        self.ask_both("forever")
        self.browser.wait("document.querySelectorAll('.column')[0].innerText.includes('la la')")
        self.browser.do("click", at="button[type=button]:not([disabled])")
        self.browser.wait("[...document.querySelectorAll('.column')].every(c => c.innerText.includes('Stopped by you'))")
        self.assertTrue(self.engine.left.wait(20))
        self.browser.wait("!document.querySelector('button[type=submit]').disabled")
        self.assertEqual({r["outcome"] for r in self.weir.ledger()}, {"cancelled"})

    def test_who_came_to_look_is_told_how_to_ask(self):
        self.enter("compare", "view")
        self.assertIn("weir page --role operate", self.browser.text("main"))
        self.assertTrue(self.browser.run("document.querySelector('button[type=submit]').disabled"))
        self.look("compare")

    def test_by_keyboard_alone(self):
        self.enter("compare", "operate")
        self.browser.run("document.querySelector('textarea').focus()")
        self.browser.do("type", text="Hello")
        for _ in range(12):
            self.browser.do("press", key="Tab")
            self.assertNotEqual(self.browser.run("getComputedStyle(document.activeElement).outlineStyle"), "none")
            if self.browser.run("document.activeElement.type") == "submit":
                break
        self.browser.do("press", key="Enter")
        self.browser.wait("[...document.querySelectorAll('.column')].filter(c => c.innerText.includes('you said Hello')).length === 2")
        self.clear()


if __name__ == "__main__":
    unittest.main()
