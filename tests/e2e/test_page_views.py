"""The views of weir's page behind the first screen: Spend, Privacy, Routing, Engines. Each narrow and
wide, light and dark, by keyboard alone, with names that would like to be markup; their figures are
those of `weir ledger`. Pictures stay where those of test_page.py do."""
import datetime
import json
import sqlite3
import time
import unittest
import urllib.request

import browser as browsers
import test_page
from harness import Engine, Weir

VIEWS = ("privacy", "spend", "routing", "engines")
HASH = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of "foo"
KEY = {"Authorization": "Bearer foo"}
HOSTILE = "<img src=x onerror=alert(1)>\u202e</script>"

CONFIG = """policy: learned
escalate: {{threshold: 0.3}}
roles: {{cloud_strong: big}}
keys:
  - {{name: shop, hash: "%s"}}
engines:
  - {{name: desk, kind: openai, side: local, url: "{url}", models: [{{name: small}}, {{name: %s}}]}}
  - {{name: sky, kind: openai, side: cloud, url: "{url}",
     models: [{{name: big, price: openai/gpt-4o}}, {{name: odd}}]}}
  - {{name: lab, kind: sim, side: local, models: [{{name: play}}]}}
""" % (HASH, json.dumps(HOSTILE))


def ask(weir, model="auto", text="Hello", session=None, **more):
    return test_page.ask(weir, model, text, {**KEY, **({"x-weir-session": session} if session else {})}, **more)


def api(weir, path, body=None):
    token = (weir.folder / "state/operator").read_text().splitlines()[1]
    request = urllib.request.Request(weir.url + "/weir/api/" + path, body and json.dumps(body).encode(),
                                     {"Authorization": "Bearer " + token, "content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as e:
        return e.code, json.loads(e.read())


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Views(unittest.TestCase):
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
        cls.fill()

    @classmethod
    def fill(cls):
        """Traffic of every kind, and the days before it, made from its sums."""
        for model, text in (("auto", "Hello"), ("small", "Hello"), ("cloud", "Hello"), ("big", "Tell me more"), ("odd", "Hello"),
                            ("cloud", "Write to Maria Schmidt, maria.schmidt@gmail.com"),
                            ("cloud", "My SSN is 536-22-8726"), (HOSTILE, "Hello"), ("nowhere", "Hello")):
            ask(cls.weir, model, text)
            ask(cls.weir, model, text, stream=True)
        for _ in range(3):
            ask(cls.weir, "play", "Hello", stream=True, max_tokens=24)
        ask(cls.weir, "cloud", "error 500")
        for verdict, row in zip(("good", "bad", "edited", "good"), cls.weir.ledger()):
            cls.post("/v1/feedback", {"id": row["id"], "verdict": verdict})
        cls.weir.ledger()
        cls.weir.stop()
        db = sqlite3.connect(cls.weir.folder / "state/ledger.sqlite")
        columns = [c[1] for c in db.execute("PRAGMA table_info(rollup)")]
        rest = ", ".join(c for c in columns if c != "hour")
        for back in range(1, 45):
            db.execute(f"INSERT INTO rollup (hour, {rest}) SELECT hour - 24 * {back}, {rest} FROM rollup WHERE "
                       f"hour > (SELECT max(hour) FROM rollup) - 3 AND (key + engine + model + {back}) % 3 != 0")
        db.commit()
        db.close()
        cls.weir.start()
        for session in ("one", "two"):  # what is held is in memory
            ask(cls.weir, "auto", "My SSN is 536-22-8726", session)
        ask(cls.weir, "auto", "The password is Kah7-uXo2-rRt9!", "three")
        cls.weir.ledger()

    @classmethod
    def post(cls, path, body):
        request = urllib.request.Request(cls.weir.url + path, json.dumps(body).encode(), {"content-type": "application/json", **KEY})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def enter(self, role="view", width=1280, dark=False):
        self.browser.open(width, 900, dark)
        self.browser.do("goto", url=browsers.page_link(self.weir, role))
        self.browser.wait("document.querySelector('.view') !== null")

    def show(self, at):
        self.browser.run(f"location.hash = '#/{at}'")
        self.browser.wait(f"document.querySelector('.view.{at.split('/')[0]}') !== null")
        self.browser.wait("![...document.querySelectorAll('.view p')].some(p => p.textContent === 'Loading.')")

    def clear(self):
        self.assertEqual(self.browser.do("problems"), [])

    def lines(self, days, *by):
        """What `weir ledger` says of the same time."""
        words = [w for b in by for w in ("--by", b)]
        done = self.weir.run("ledger", "--json", *words, "--since", iso(days["since_ms"]), "--until", iso(days["until_ms"]),
                             "--state-dir", f"{self.weir.folder}/state")
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    # -- all of them

    def test_every_view_fits_and_is_accessible(self):
        for dark in (False, True):
            self.enter(dark=dark)
            for view in VIEWS:
                for width in (360, 1280):
                    with self.subTest(view=view, width=width, dark=dark):
                        self.browser.do("size", width=width, height=900)
                        self.show(view)
                        self.browser.do("shot", path=str(test_page.SHOTS / f"{view}-{width}-{'dark' if dark else 'light'}.png"))
                        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width)
                        self.assertEqual(browsers.serious(self.browser.do("axe")), [])
                        self.clear()

    def test_names_of_strangers_are_text(self):
        self.enter()
        odd = "/[\\u0000-\\u0008\\u000b-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069]/"
        for view in VIEWS:
            self.show(view)
            self.assertEqual(self.browser.run("document.querySelectorAll('img, script:not([src])').length"), 0)
            self.assertFalse(self.browser.run(f"{odd}.test(document.body.innerText)"), view)
        self.clear()

    def test_by_keyboard_alone(self):
        self.enter()
        for view in VIEWS:
            self.show(view)
            self.browser.run("document.getElementById('main').focus()")
            for _ in range(25):
                self.browser.do("press", key="Tab")
                seen = self.browser.run("document.activeElement.outerHTML.slice(0, 200)")
                if seen.startswith("<body"):
                    break
                self.assertNotEqual(self.browser.run("getComputedStyle(document.activeElement).outlineStyle"), "none", seen)
        self.clear()

    # -- Spend

    def test_spend_is_what_the_ledger_says(self):
        for query in ("", "?month=2026-01", "?since=2020-02-28&until=2020-03-01", "?since={y}&until={t}"):
            today = datetime.datetime.now()
            query = query.format(t=today.strftime("%Y-%m-%d"), y=(today - datetime.timedelta(40)).strftime("%Y-%m-%d"))
            status, said = api(self.weir, "spend" + query)
            self.assertEqual(status, 200, said)
            for name, words in (("by_side", ("side",)), ("by_key", ("key", "side")), ("by_model", ("engine", "model", "side"))):
                want = [(*[x[w] or None for w in words], x["requests"], x["cost_nanousd"], x["requests_with_unknown_cost"], x["failed_attempts"])
                        for x in self.lines(said, *words)]
                have = [(*[x[w] for w in words], x["requests"], x["cost_nanousd"], x["cost_unknown"], x["failed_attempts"])
                        for x in said[name]]
                self.assertEqual(have, want, name + query)
            for figure in ("requests", "cost_nanousd", "cost_unknown", "input", "output", "failed_attempts"):
                self.assertEqual(sum(x[figure] for x in said["by_day"]), sum(x[figure] for x in said["by_side"]), figure)
            self.assertLessEqual(said["failed_tries"]["tries"], sum(x["failed_attempts"] for x in said["by_side"]))
        for query in ("?month=2026-13", "?month=26-01", "?since=2026-01-01", "?since=2026-02-30&until=2026-03-01",
                      "?since=2026-03-02&until=2026-03-01", "?since=2020-01-01&until=2026-01-01", "?month=2026-01&since=2026-01-01"):
            status, said = api(self.weir, "spend" + query)
            self.assertEqual((status, said["error"]["code"]), (400, "invalid_days"), query)

    def test_spend_shows_it(self):
        _, said = api(self.weir, "spend")
        cost = sum(x["cost_nanousd"] for x in said["by_side"] if x["side"] == "cloud")
        self.assertGreater(cost, 0)
        self.enter()
        self.show("spend")
        shown = self.browser.run("document.querySelector('.tile [title]').title")
        self.assertEqual(shown, "$" + f"{cost // 10**9}.{cost % 10**9:09d}".rstrip("0"))
        text = self.browser.text("main")
        for words in ("the cloud cost", "Costs that nobody knows", "sky / odd", "price: PROVIDER/MODEL", "computed", "Failed tries"):
            self.assertIn(words, text)
        self.browser.run("document.querySelector('.span .choice button:nth-child(2)').click()")
        self.browser.wait("document.querySelector('.span .choice button:nth-child(2)').getAttribute('aria-pressed') === 'true'")
        self.show("spend/2020-02-28/2020-03-01")
        self.browser.wait("document.querySelector('h1').textContent.includes('28 Feb 2020 to 1 Mar 2020')")
        self.assertIn("Nothing was asked", self.browser.text("h1"))
        self.show("spend/1960-01")
        self.browser.wait("document.querySelector('[role=alert]') !== null")
        self.assertEqual([p for p in self.browser.do("problems") if "400" not in p], [])

    # -- Privacy

    def test_the_chain_is_checked_as_weir_prove_does(self):
        done = self.weir.run("prove", "--json", "--state-dir", f"{self.weir.folder}/state")
        proved = json.loads(done.stdout)
        _, said = api(self.weir, "chain")
        self.assertIsNone(said["broken"])
        self.assertIsNone(said["missing"])
        self.assertEqual((said["last"], said["first"], said["head"]), (proved["records"], 1, proved["head"]))
        for decision, n in said["decisions"].items():
            self.assertEqual(n, proved[decision], decision)

    def test_a_label_is_lowered_with_a_reason(self):
        _, said = api(self.weir, "held")
        before = {s["session"] for s in said["sessions"]}
        self.assertGreaterEqual(len(before), 2, said)
        self.assertGreaterEqual(len(said["held"]), 1, said)
        self.enter("view")
        self.show("privacy")
        self.assertIn("weir page --role operate", self.browser.text("main"))
        self.assertEqual(self.browser.run("[...document.querySelectorAll('main td button')].length"), 0)
        self.enter("operate")
        self.show("privacy")
        self.browser.run("[...document.querySelectorAll('main td button')].find(b => b.textContent.startsWith('Lower')).click()")
        self.browser.wait("document.querySelector('main dialog.reason').open")
        self.assertEqual(browsers.serious(self.browser.do("axe")), [])
        self.browser.do("shot", path=str(test_page.SHOTS / "privacy-lower.png"), whole=False)
        self.browser.do("press", key="Enter")  # without a reason nothing goes
        self.assertTrue(self.browser.run("document.querySelector('main dialog.reason').open"))
        self.browser.do("type", text="looked at by the owner")
        self.browser.do("press", key="Enter")
        self.browser.wait("!document.querySelector('main dialog.reason').open")
        self.browser.wait(f"[...document.querySelectorAll('main td button')].filter(b => b.textContent.startsWith('Lower')).length === {len(before) - 1}")
        self.browser.wait("document.querySelector('main').innerText.includes('a label was lowered')")
        self.assertIn("looked at by the owner", self.browser.text("main"))
        _, said = api(self.weir, "held")
        self.assertEqual(len(before - {s["session"] for s in said["sessions"]}), 1)
        self.clear()

    def test_a_broken_chain_is_told(self):
        weir = Weir(CONFIG.format(url=self.engine.url)).start()
        self.addCleanup(weir.remove)
        self.addCleanup(weir.stop)
        for _ in range(3):
            ask(weir, "cloud", "Hello")
        weir.ledger()
        _, said = api(weir, "chain")
        self.assertIsNone(said["broken"])
        weir.stop()
        chain = weir.folder / "state/audit/chain"
        lines = chain.read_text().splitlines(True)
        lines[1] = lines[1].replace("cloud", "clouD", 1) if "cloud" in lines[1] else lines[1].replace("a", "b", 1)
        chain.write_text("".join(lines))
        weir.start()
        _, said = api(weir, "chain")
        self.assertTrue(said["broken"] or said["missing"], said)

    # -- Routing

    @staticmethod
    def last_days():
        """Today and three days before it, whichever month they are of."""
        today = datetime.date.today()
        return [(today - datetime.timedelta(days=back)).isoformat() for back in (3, 0)]

    def of_last_days(self, view):
        return api(self.weir, "{}?since={}&until={}".format(view, *self.last_days()))

    def show_last_days(self, view):
        self.show("/".join([view, *self.last_days()]))

    def words_of_reach(self, view):
        said = self.of_last_days(view)[1]
        return f"of the newest {said['rows']} of {said['rows_all']} requests, since "

    def check_reach(self, said, requests):
        """The days before today have no rows here: what is made of rows says of which it is."""
        rows = len(self.weir.ledger())
        self.assertLess(rows, requests)
        self.assertEqual((said["rows"], said["rows_all"]), (rows, requests))
        self.assertGreater(said["rows_since_ms"], said["now_ms"] - 3600 * 1000)

    def test_routing_is_what_the_ledger_says(self):
        status, said = self.of_last_days("routing")
        self.assertEqual(status, 200, said)
        want = [(x["policy"] or None, x["side"], x["requests"], x["refused"], x["cost_nanousd"]) for x in self.lines(said, "policy", "side")]
        self.assertEqual([(x["policy"], x["side"], x["requests"], x["refused"], x["cost_nanousd"]) for x in said["by_policy"]], want)
        self.check_reach(said, sum(x["requests"] for x in said["by_policy"]))
        done = self.weir.run("ledger", "escalation", "--json", "--versus", "gpt-4o", "--since", iso(said["since_ms"]), "--until", iso(said["until_ms"]),
                             "--state-dir", f"{self.weir.folder}/state")
        told = json.loads(done.stdout)
        self.assertGreater(told["judged"], 0)
        for name, value in told.items():
            if name != "versus":
                self.assertEqual(said["escalation"][name], value, name)
        rows = [r for r in self.weir.ledger() if r.get("feedback")]
        self.assertEqual(sum(f["local"] + f["cloud"] for f in said["feedback"]), sum(1 for r in rows if r.get("engine")))
        self.assertEqual([f["said"] for f in said["feedback"]], ["good", "bad", "edited", "regenerate", "reask"])
        curve = said["learned"]["curve"]
        self.assertEqual([p["share"] for p in curve], [n / 10 for n in range(11)])
        self.assertEqual(sorted((p["loss"] for p in curve), reverse=True), [p["loss"] for p in curve])
        self.assertEqual(curve[-1]["loss"], 0)
        self.assertGreater(said["learned"]["scored"], 0)

    def test_why_by_id(self):
        row = self.weir.ledger()[-1]
        self.enter()
        self.show_last_days("routing")
        text = self.browser.text("main")
        for words in (self.words_of_reach("routing"), "placed by policy learned", "Why did this go there?", "Escalation: what it bought", "the fewer answers are worse", "strong cloud model"):
            self.assertIn(words, text)
        self.browser.run("document.getElementById('which').focus()")
        self.browser.do("type", text=row["id"])
        self.browser.do("press", key="Enter")
        self.browser.wait("document.querySelector('main dialog.decision').open && document.querySelector('main dialog dl') !== null")
        self.browser.do("press", key="Escape")
        self.browser.wait(f"location.hash === '#/{'/'.join(['routing', *self.last_days()])}'")
        self.clear()

    # -- Engines

    def test_engines_are_as_the_ledger_says(self):
        status, said = self.of_last_days("engines")
        self.assertEqual(status, 200, said)
        done = self.weir.run("ledger", "--latency", "--json", "--since", iso(said["since_ms"]), "--until", iso(said["until_ms"]),
                             "--state-dir", f"{self.weir.folder}/state")
        told = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertTrue(any(t["streamed"] for t in told), told)
        for have, want in zip(said["latency"], told):
            self.assertEqual(have, {k: want[k] for k in have})
        self.assertEqual(len(said["latency"]), len(told))
        cold = sum(t["after_pause"] for t in told)
        self.assertEqual(sum(sum(s["cold"]) for s in said["series"]), cold)
        want = [(x["engine"] or None, x["requests"], x["error"], x["failed_attempts"]) for x in self.lines(said, "engine")]
        self.assertEqual([(x["engine"], x["requests"], x["failed"], x["failed_attempts"]) for x in said["by_engine"]], want)
        self.check_reach(said, sum(x["requests"] for x in said["by_engine"]))
        self.assertEqual([e["name"] for e in said["engines"]], ["desk", "sky", "lab"])
        self.assertEqual([m["price"] and m["price"]["model"] for m in said["engines"][1]["models"]], ["gpt-4o", None])
        today = datetime.datetime.now().strftime("%Y-%m-%d")
        _, hourly = api(self.weir, f"engines?since={today}&until={today}")
        self.assertTrue(hourly["is_hourly"])
        self.assertTrue(all(len(s["ttft_ms"]) == hourly["steps"] for s in hourly["series"]))

    def test_engines_show_it(self):
        self.enter()
        self.show_last_days("engines")
        text = self.browser.text("main")
        for words in (self.words_of_reach("engines"), "All 3 engines are ready", "unknown: set price", "$2.50 in, $10.00 out", "nothing is billed", "First token", "cold start"):
            self.assertIn(words, text)
        self.clear()


if __name__ == "__main__":
    unittest.main()
