"""The page for somebody who sees it for the first time: what left and what did not is the same in
each place, columns add up, and what is wrong now is said on top."""
import json
import re
import socket
import sqlite3
import time
import unittest
from pathlib import Path
from urllib.parse import quote

import browser as browsers
import test_page
from harness import Engine, Weir
from test_page_views import api

CONFIG = """engines:
  - {{name: desk, kind: openai, side: local, url: "{url}", models: [{{name: small}}]}}
  - {{name: sky, kind: openai, side: cloud, url: "{url}", models: [{{name: big, price: openai/gpt-4o}}]}}
  - {{name: fog, kind: openai, side: cloud, url: "http://127.0.0.1:{dead}/v1", models: [{{name: far}}]}}
"""


def dead_port():
    """Nobody listens there, and nobody will: it stays bound."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    return s


def parts_of(sides):
    """The three parts of all requests, out of the page's sums by side."""
    here = sum(s["sums"]["local_ok"] for s in sides)
    left = sum(s["sums"]["local_after_cloud"] for s in sides) + \
        sum(s["sums"]["requests"] - s["sums"]["cloud_unreached"] for s in sides if s["side"] == "cloud")
    return here, left, sum(s["sums"]["requests"] for s in sides) - here - left


class Plain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)
        test_page.SHOTS.mkdir(parents=True, exist_ok=True)

    def begin(self, more=""):
        dead = dead_port()
        self.addCleanup(dead.close)
        self.weir = Weir(CONFIG.format(url=self.engine.url, dead=dead.getsockname()[1]) + more).start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)

    def enter(self, role="view", width=1280):
        self.browser.open(width, 900)
        self.browser.do("goto", url=browsers.page_link(self.weir, role))
        self.browser.wait("document.querySelector('.view') !== null")

    def show(self, view):
        self.browser.run(f"location.hash = '#/{view}'")
        self.browser.wait(f"document.querySelector('.view.{view}') !== null")

    def table(self, heading):
        """Rows of texts of the table below a heading, its head first."""
        return self.browser.run(f"""[...document.querySelectorAll(".card")].find(c => c.querySelector("h2")?.textContent
            .startsWith({json.dumps(heading)})).querySelectorAll("tr").values().toArray()
            .map(r => [...r.children].map(c => c.textContent))""")

    def test_what_never_reached_the_cloud_did_not_leave(self):
        self.begin()
        for model, text in (("auto", "Hello"), ("big", "Hello"), ("big", "error 500"), ("far", "Hello"), ("far", "Hello"), ("far", "Hello"),
                            ("big", "My SSN is 536-22-8726")):
            test_page.ask(self.weir, model, text)
        rows = self.weir.ledger()
        left = [r["at_cloud"] for r in rows]
        self.assertEqual(left, [False, True, True, False, False, False, False])
        self.assertEqual([r["side"] for r in rows[3:6]], ["cloud"] * 3)
        # The page's sums, those of weir ledger, and its rows say the same.
        said = api(self.weir, "overview")[1]["today"]
        self.assertEqual(parts_of(said["sides"]), (1, 2, 4))
        done = self.weir.run("ledger", "--json", "--by", "side", "--state-dir", f"{self.weir.folder}/state")
        sides = {s["side"]: s for s in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(sides["cloud"]["requests"] - sides["cloud"]["cloud_unreached"] + sides["local"]["local_after_cloud"], sum(left))
        self.assertIn("3 requests were for a cloud engine and never reached one: nothing of them left.",
                      self.weir.run("ledger", "--by", "side", "--state-dir", f"{self.weir.folder}/state").stdout)
        top = self.weir.run("top", "-c", "weir.yaml").stdout
        self.assertIn("1 of 7; 2 to the cloud, 4 refused or failed here", top)
        self.assertEqual(top.count("not reached: nothing left"), 3, top)
        self.enter()
        text = self.browser.text(".hero")
        self.assertIn("1 of 7 requests were answered here today. 2 went to the cloud", text)
        self.assertIn("4 requests were refused or failed here. Of what went to the cloud, 1 got no full answer.", text)
        self.assertIn("1 answered here, 2 to the cloud, 4 refused or failed here", self.browser.text(".tiles"))
        self.assertEqual(self.browser.run("[...document.querySelectorAll('.rows tbody tr')].filter(r => r.textContent.includes('not reached: nothing left')).length"), 3)
        head, *hours = self.browser.run("[...document.querySelectorAll('.chart-card tr')].map(r => [...r.children].map(c => c.textContent))")
        self.assertEqual(head[1:], ["answered here", "to the cloud", "refused or failed here"])
        self.assertEqual([sum(int(h[i]) for h in hours) for i in (1, 2, 3)], [1, 2, 4])
        self.browser.run(f"location.hash = '#/home/{rows[3]['id']}'")
        self.browser.wait("document.querySelector('dialog')?.innerText.includes('no: nothing of it left this machine')")

    def test_the_index_counts_what_never_reached_the_cloud(self):
        """Of ten million rows these few are found without a look at the others."""
        self.begin()
        test_page.ask(self.weir, "far", "Hello")
        self.weir.ledger()
        db = sqlite3.connect(f"{self.weir.folder}/state/ledger.sqlite")
        condition = db.execute("SELECT sql FROM sqlite_master WHERE name = 'rows_unreached'").fetchone()[0].partition(" WHERE ")[2]
        plan = db.execute(f"EXPLAIN QUERY PLAN SELECT count(*) FROM rows WHERE {condition} AND ts >= 5 AND ts < 9").fetchall()
        db.close()
        self.assertIn("rows_unreached", str(plan))

    def test_labels_add_up_to_all_requests(self):
        self.begin()
        for model, text in (("auto", "Hello"), ("big", "error 500"), ("far", "Hello"), ("big", "My SSN is 536-22-8726"), ("nowhere", "Hello")):
            test_page.ask(self.weir, model, text)
        self.weir.ledger()
        self.enter()
        self.show("privacy")
        head, *lines = self.table("Requests by label")
        self.assertEqual(head, ["Label", "Answered here", "To the cloud", "Refused or failed here", "All"])
        figures = [[int(x) for x in line[1:]] for line in lines]
        for line in figures:
            self.assertEqual(sum(line[:3]), line[3])
        self.assertEqual(lines[-1][0], "all")
        self.assertEqual([sum(column) for column in zip(*figures[:-1])], figures[-1])
        self.assertEqual(figures[-1], [1, 1, 3, 5])

    def test_privacy_and_weir_prove_say_the_same(self):
        self.begin()
        for sensitivity, text in (("public", "Hello"), ("public", "Hello"), (None, "Write to Maria Schmidt, maria.schmidt@gmail.com"),
                                  ("confidential", "Hello to Maria Schmidt, maria.schmidt@gmail.com")):
            test_page.ask(self.weir, "big", text, {"x-weir-sensitivity": sensitivity} if sensitivity else {})
        rows = self.weir.ledger()
        self.enter()
        self.show("privacy")
        said = self.browser.text(".hero")
        month = re.search(r"3 messages left this machine in (\w+ \d+) \(2 public, 1 unlabelled\)\. Nothing confidential is among them\.", said)
        self.assertTrue(month, said)
        command = re.search(r"weir (prove --since \S+ --state-dir \S+)", said).group(1).split()
        done = self.weir.run(*command)
        self.assertIn("Did anything leave? Yes: 3 messages left (2 public, 1 unlabelled). Nothing confidential is among them.\n", done.stdout)
        self.assertRegex(done.stdout, r"Found +in what left: .*1 name of a person \(mask\).*\n +in what stayed: .*1 name of a person(,|\n)")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"weir prove --expect-head HASH --state-dir {self.weir.folder}/state", self.browser.text("main"))
        head, *lines = self.table("What left, what was held")
        figures = [[int(x) for x in line[1:]] for line in lines]
        self.assertEqual((lines[-1][0], figures[-1]), ("all", [2, 1, 0, 0, 1]))
        self.assertEqual([sum(column) for column in zip(*figures[:-1])], figures[-1], head)
        for row, said in ((rows[2], "1 name of a person (masked)"), (rows[3], "1 name of a person (found)")):
            self.browser.run(f"location.hash = '#/home/{row['id']}'")
            self.browser.wait(f"document.querySelector('dialog')?.innerText.includes({json.dumps(said)})")

    def test_what_was_held_was_answered_failed_or_refused(self):
        self.begin()
        for model, text in (("small", "Hello"), ("small", "Hello"), ("small", "error 500"), ("big", "Hello"), ("big", "Hello"), ("big", "Hello")):
            test_page.ask(self.weir, model, text, {"x-weir-sensitivity": "confidential"})
        self.weir.ledger()
        words = "2 answered here, 1 failed here, 3 refused"
        self.assertIn(f"held: {words}", self.weir.run("top", "-c", "weir.yaml").stdout)
        self.enter()
        self.assertIn(f"Held: {words}.", self.browser.text(".tiles"))
        self.assertIn("6 requests were held back because of their label.", self.browser.text(".hero"))
        lines = self.table("What left, what was held")
        self.assertEqual(lines[0][3:], ["Held, answered here", "Held, failed here", "Held, refused"])
        self.assertEqual(lines[-1], ["all", "0", "0", "2", "1", "3"])
        self.browser.do("size", width=360, height=900)
        self.assertLessEqual(self.browser.run("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.held-card .scroll'))"), 0)
        links = self.browser.run("[...document.querySelectorAll('.held-card tr:last-child td a')].map(a => decodeURIComponent(a.hash.split('f=')[1]))")
        self.assertEqual([api(self.weir, "rows?filter=" + quote(words))[1]["found"] for words in links], [2, 1, 3])

    def test_what_a_restart_forgets_is_said(self):
        self.begin()
        test_page.ask(self.weir, "auto", "My SSN is 536-22-8726", {"x-weir-session": "one"})
        self.weir.ledger()
        self.weir.stop()
        self.weir.start()
        began = time.strftime("%H:%M", time.localtime(api(self.weir, "held")[1]["since_ms"] / 1000))
        said = self.weir.run("label", "-c", "weir.yaml").stdout
        self.assertIn(f"Nothing was held since weir began at {began}. A restart forgets", said)
        self.enter()
        self.show("privacy")
        text = self.browser.text("main")
        for words in ("a restart forgets which sessions and values are held; a request that carries its whole history is scanned anew.",
                      f"Values since weir began at {began}", f"None since weir began at {began}"):
            self.assertIn(words, text)

    def test_values_have_one_name_on_the_page(self):
        self.begin()
        test_page.ask(self.weir, "auto", "My SSN is 536-22-8726", {"x-weir-session": "one"})
        row = self.weir.ledger()[0]["id"]
        self.enter()
        self.show("privacy")
        text = self.browser.text("main")
        self.assertIn("1 social security number (US)", text)
        self.assertIn("found in it: national identity number", text)
        self.assertIn("social security number (US), a national identity number", text)
        self.browser.run(f"location.hash = '#/home/{row}'")
        self.browser.wait("document.querySelector('dialog')?.innerText.includes('1 social security number (US) (kept here)')")
        self.assertNotIn("US_SSN", self.browser.run("[...document.querySelectorAll('.decision-body > ol:last-of-type, .view')].map(e => e.innerText).join()"))

    def test_long_lists_are_folded(self):
        self.begin()
        for n in range(9):
            test_page.ask(self.weir, "auto", "My SSN is 536-22-8726", {"x-weir-session": f"s{n}"})
        self.weir.ledger()
        self.enter(width=360)
        visible = "[...document.querySelectorAll('%s tbody tr')].filter(r => r.checkVisibility()).length"
        self.browser.wait(f"{visible % '.rows'} === 8")
        self.browser.run("document.querySelector('.rows .more').click()")
        self.assertEqual(self.browser.run(visible % ".rows"), 9)
        self.show("privacy")
        sessions = ".scroll[aria-label=\"Sessions that are held\"]"
        self.assertEqual(self.browser.run(visible % sessions), 6)
        self.assertEqual(self.browser.run(f"document.querySelector('{sessions} + button').textContent"), "Show all 9")
        self.browser.run(f"document.querySelector('{sessions} + button').click()")
        self.assertEqual(self.browser.run(visible % sessions), 9)

    def test_each_view_says_what_its_words_mean_as_the_manual_does(self):
        self.begin()
        self.enter()
        manual = (Path(browsers.HERE).parents[1] / "docs/page.md").read_text()
        for view in ("home", "engines"):
            self.show(view)
            self.browser.do("click", at=".words summary")
            self.browser.wait("document.querySelectorAll('.words dd').length > 9")
            for term, text in self.browser.run("[...document.querySelectorAll('.words dt')].map(t => [t.textContent, t.nextSibling.textContent])"):
                self.assertIn(f"| {term} | {text} |", manual)
        self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.assertIn("A local engine that speaks OpenAI’s API, at 127.0.0.1:", self.browser.text("main"))
        self.assertIn("An engine in the cloud that speaks OpenAI’s API", self.browser.text("main"))

    # -- the frame

    def news(self):
        return self.browser.text("#news")

    def fail_until_left_alone_for_long(self):
        while (api(self.weir, "engines")[1]["engines"][0]["retry_after_ms"] or 0) < 7000:
            test_page.ask(self.weir, "small", "error 500")
            time.sleep(0.1)

    def test_a_dead_engine_is_said_on_top_with_what_it_means(self):
        self.begin()
        self.enter()
        self.browser.wait("document.querySelector('.state')?.textContent === 'Live'")
        self.assertEqual(self.news(), "")
        for _ in range(5):
            test_page.ask(self.weir, "small", "error 500")
        # Its first pause is a second; then nobody knows, and the line, the table and the sentence say so.
        unsure = "Not known whether desk is back: the next request tries it."
        self.browser.wait(f"document.querySelector('#news').innerText.startsWith({json.dumps(unsure)})")
        self.assertNotIn("can answer", self.news())
        self.show("engines")
        self.assertEqual(self.browser.text(".hero h1"), unsure)
        self.assertIn("not known whether it is back: the next request tries it", str(self.table("As they are now")[1]))
        self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.fail_until_left_alone_for_long()
        self.browser.wait("document.querySelector('#news').innerText.includes('No local engine can answer')")
        self.assertRegex(self.news(), r"^No local engine can answer \(desk: left alone after failures, tried again soon\)\. Requests that may leave go to the "
                         r"cloud; confidential ones are refused\. Engines$")
        self.assertLess(self.browser.run("document.querySelector('#news').getBoundingClientRect().bottom"), 200)
        api(self.weir, "cloud", {"do": "pause", "why": "a breach"})
        self.browser.wait("document.querySelector('#news').innerText.includes('No engine can answer')")
        self.assertIn("The cloud is paused since", self.news())
        self.assertIn("Requests are refused until one is back.", self.news())
        for width in (360, 1280):
            self.browser.do("size", width=width, height=900)
            self.browser.do("shot", path=str(test_page.SHOTS / f"news-{width}.png"), whole=False)
            self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.browser.do("click", at="#news a")
        self.browser.wait("document.querySelector('.view.engines') !== null")
        self.assertEqual(self.browser.text(".hero h1"), "1 of 3 engines is not well.")

    def test_while_weir_is_away_figures_have_their_time_and_buttons_rest(self):
        self.begin()
        port, config = self.weir.url.rpartition(":")[2], self.weir.folder / "weir.yaml"
        config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        self.enter("operate")
        self.browser.wait("document.querySelector('.state')?.textContent === 'Live' && document.querySelector('#tools > button') !== null")
        self.weir.stop()
        self.browser.wait("document.querySelector('#news').innerText.includes('weir does not answer')", 20000)
        self.assertRegex(self.news(), r"^As of \d\d:\d\d:\d\d: weir does not answer\.")
        self.assertEqual(self.browser.run("document.querySelectorAll('#top button:enabled, .view button:enabled').length"), 0)
        self.browser.do("shot", path=str(test_page.SHOTS / "away-1280.png"), whole=False)
        self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.weir.start()
        self.browser.wait("document.querySelector('.state')?.textContent === 'Live'", 20000)
        self.assertEqual(self.news(), "")
        self.assertEqual(self.browser.run("document.querySelectorAll('#top button:disabled, .view button:disabled').length"), 0)

    def test_whoever_may_only_look_is_told_how_to_act(self):
        self.begin()
        self.enter()
        self.browser.wait("document.querySelector('.looks') !== null")
        self.browser.do("click", at=".looks summary")
        self.assertIn("weir page --role operate prints a link that may act", self.browser.text(".looks"))
        self.browser.do("shot", path=str(test_page.SHOTS / "looks-1280.png"), whole=False)

    def test_a_small_screen_is_not_full_of_frame(self):
        self.begin()
        self.enter(width=360)
        self.assertLessEqual(self.browser.run("document.querySelector('header').offsetHeight"), 90)
        for view in ("bench", "home"):
            self.show(view)
            place = self.browser.run(f"(r => [r.left, r.right])(document.getElementById('to-{view}').getBoundingClientRect())")
            self.assertTrue(0 <= place[0] and place[1] <= 360, place)


if __name__ == "__main__":
    unittest.main()
