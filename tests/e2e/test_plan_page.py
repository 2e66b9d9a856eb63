"""The pages of `weir plan --html` and `weir advise --html` in Chromium, 1280 and 390 pixels
wide: the answer and the first chart stand on the first screen, and nothing is cut off."""
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import harness
from test_bench_page import chromium, measured

LOAD = ["plan", "--requests-per-day", "5000", "--input-tokens", "800", "--output-tokens",
        "400", "--model", "gpt-4o", "--device", "RTX 4090", "--local-model", "llama-3.1-8b"]
# As tall as a window on a laptop, and on a phone.
SCREENS = {1280: 800, 390: 844}


def page_of(*words):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        done = subprocess.run([harness.WEIR, *words, "--html", str(path)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=120, check=False)
        if done.returncode not in (0, 1):
            raise AssertionError(done.stderr)
        return path.read_text()


class PlanPage(unittest.TestCase):
    def look(self, page, has_chart=True):
        browser = chromium()
        for width, height in SCREENS.items():
            with self.subTest(width=width):
                seen = measured(browser, page, width)
                self.assertLessEqual(seen["page"], width, "it scrolls sideways")
                self.assertEqual(seen["outside"], [])
                self.assertEqual(seen["overlaps"], [])
                self.assertEqual(seen["scripts"], 0)
                if has_chart:
                    self.assertLess(seen["first"], height, "no chart on the first screen")
                    self.assertGreater(seen["letters"], 9, "letters too small to read")

    def test_a_purchase(self):
        self.look(page_of(*LOAD))

    def test_a_rent_of_several_machines_in_another_currency(self):
        page = page_of(*LOAD[:2], "40000", *LOAD[3:], "--rent", "0.5", "--currency", "EUR")
        self.assertNotIn("paid back in", page)
        self.assertNotIn("at once months", page)
        self.look(page)

    def test_what_does_not_run(self):
        page = page_of(*LOAD[:-3], "RTX 4060", "--local-model", "llama-3.3-70b")
        self.assertIn("Not like this.", page)
        self.look(page, has_chart=False)

    def test_advise(self):
        self.look(page_of("advise", "--may-leave", "yes", "--tokens-month", "80e6"),
                  has_chart=False)

    def test_each_side_has_one_colour_and_codes_of_the_repository_are_absent(self):
        page = page_of(*LOAD)
        colours = {"local first": set(), "API alone": set()}
        for colour, name in re.findall(
                r'border-top:3px \w+ (var\(--\w\))"></i>([^<]+)', page):
            colours[name].add(colour)
        self.assertEqual([len(c) for c in colours.values()], [1, 1], colours)
        self.assertNotEqual(*colours.values())
        self.assertNotRegex(page, r"\(00[0-4]\)|\bE\d\d\b|\b00[0-4]:")
        self.assertIn("What the labels mean", page)
        ticks = [float(t.replace("k", "e3")) for t in
                 re.findall(r'text-anchor="end">-?\$([\d.]+k?)<', page)]
        self.assertTrue(ticks)
        for tick in ticks:
            digits = f"{tick:.0f}".rstrip("0")
            self.assertIn(len(digits), (0, 1, 2), f"${tick} is no round number")


if __name__ == "__main__":
    unittest.main()
