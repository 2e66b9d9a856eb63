"""Counts of requests that are the same on each view, and the days that views are about."""
import json
import unittest

import browser as browsers
import test_page
from harness import Engine, Weir
from test_page_views import api

KEYS = """
keys:
  - {name: office, hash: "sha256:392a06861c61e301bfc5fdb81b37c0a161cf42bda7575cbf7930a4c04a317862"}
  - {name: agent, hash: "sha256:b486248f0f9190f914b49ef890eb1448516f5cc2d2db572ba114685a2fcdc503"}
"""


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)

    def enter(self):
        self.browser.open(1280, 900)
        self.browser.do("goto", url=browsers.page_link(self.weir))
        self.browser.wait("document.querySelector('.view') !== null")

    def clear(self, but="\0"):
        self.assertEqual([p for p in self.browser.do("problems") if but not in p], [])

    def setUp(self):
        self.weir = Weir(test_page.CONFIG.format(url=self.engine.url) + KEYS).start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)
        for key, model, text in (("agent", "auto", "Hello"), ("agent", "cloud", "Hello"), ("office", "auto", "My SSN is 536-22-8726"),
                                 ("office", "cloud", "My SSN is 536-22-8726"), ("office", "cloud", "error 500"), ("agent", "auto", "Hello again")):
            test_page.ask(self.weir, model, text, {"authorization": f"Bearer trial-{key}"})
        self.assertEqual(len(self.weir.ledger()), 6)

    def table(self, heading):
        return self.browser.run(f"""[...document.querySelectorAll(".card")].find(c => c.querySelector("h2")?.textContent
            .startsWith({json.dumps(heading)})).querySelectorAll("tr").values().toArray()
            .map(r => [...r.children].map(c => c.textContent))""")

    def show(self, view):
        self.browser.run(f"location.hash = '#/{view}'")
        self.browser.wait(f"document.querySelector('.view.{view.split('/', maxsplit=1)[0]} table') !== null")

    def test_each_view_counts_requests_alike(self):
        self.enter()
        self.browser.wait("document.querySelector('.hero').innerText.includes('3 of 6 requests were answered here')")
        self.show("spend")
        head, *lines = self.table("By key")
        self.assertEqual(head[:5], ["Key", "Answered here", "To the cloud", "Refused or failed here", "Requests"])
        self.assertEqual([n[:5] for n in sorted(lines)], [["All", "3", "2", "1", "6"], ["agent", "2", "1", "0", "3"], ["office", "1", "1", "1", "3"]])
        self.assertEqual(lines[-1][0], "All")
        tiles = self.browser.text(".tiles")
        self.assertIn("2 requests of 6 went there", tiles)
        sides = {s["side"]: s for s in api(self.weir, "spend")[1]["by_side"]}
        self.assertIn(f"tokens there: {sides['cloud']['input']} in, {sides['cloud']['output']} out", tiles)
        self.show("engines")
        head, *lines = self.table("As they are now")
        at = next(i for i, h in enumerate(head) if h.startswith("Answered, "))
        self.assertEqual([n[at] for n in lines], ["3", "1"])
        self.clear()

    def test_a_month_of_one_day_is_drawn_in_hours(self):
        test_page.ask(self.weir, "auto", "Hello", {"authorization": "Bearer trial-agent"}, stream=True)
        self.weir.ledger()
        said = api(self.weir, "engines")[1]
        self.assertTrue(said["is_hourly"])
        self.assertIn(said["steps"], (23, 24, 25))
        self.assertGreaterEqual(said["steps_since_ms"], said["since_ms"])
        first = api(self.weir, "spend")[1]["by_day"][0]["day"]
        self.assertEqual(api(self.weir, f"engines?since={first}&until={first}")[1]["steps_since_ms"], said["steps_since_ms"])
        self.assertFalse(api(self.weir, "engines?month=2025-01")[1]["is_hourly"])

    def test_dates_in_the_wrong_order_are_told_at_the_field(self):
        self.enter()
        self.show("spend")
        self.browser.run("""(() => {
            const [from, to] = document.querySelectorAll('.days input');
            from.value = '2026-11-07';
            to.value = '2026-11-01';
            to.dispatchEvent(new Event('input', {bubbles: true}));
        })()""")
        self.assertIn("Choose a later one", self.browser.run("document.querySelectorAll('.days input')[1].validationMessage"))
        self.browser.run("document.querySelector('.days button').click()")
        self.assertEqual(self.browser.run("location.hash"), "#/spend")

    def test_an_address_with_dates_in_the_wrong_order_says_so_and_offers_others(self):
        shown = "[...document.querySelector('.view').children].filter(e => e.checkVisibility()).map(e => e.className)"
        self.enter()
        for view in ("spend", "routing", "engines"):
            with self.subTest(view=view):
                self.show(view)
                self.browser.run(f"location.hash = '#/{view}/2026-11-07/2026-11-01'")
                self.browser.wait("document.querySelector('.hero [role=alert]') !== null")
                self.assertEqual(self.browser.text(".hero"), "The address asks for days from 2026-11-07 to 2026-11-01, but 2026-11-01 is the earlier one. "
                                 "Show this month or 2026-11-01 to 2026-11-07.")
                self.assertEqual(self.browser.run(shown), ["span", "hero"])
                self.assertEqual(self.browser.run("[...document.querySelectorAll('.days input')].map(i => i.value)"), ["2026-11-07", "2026-11-01"])
                self.assertEqual(browsers.serious(self.browser.do("axe")), [])
                self.browser.do("click", at=".hero a:last-of-type")
                self.browser.wait("document.querySelector('.hero [role=alert]') === null")
                self.assertEqual(self.browser.run("location.hash"), f"#/{view}/2026-11-01/2026-11-07")
                self.assertGreater(len(self.browser.run(shown)), 2 if view != "spend" else 1)
        self.browser.run("location.hash = '#/spend/2024-01-01/2026-11-07'")
        self.browser.wait("document.querySelector('.hero [role=alert]')?.textContent.startsWith('From 2024-01-01 to 2026-11-07: ')")
        self.browser.do("click", at=".hero a")
        self.browser.wait("document.querySelector('.hero h1') !== null")
        self.assertEqual(self.browser.run("location.hash"), "#/spend")
        self.clear("400")


if __name__ == "__main__":
    unittest.main()
