"""Every fault of `weir sim`, plain and streamed, with and without another engine.

The client must get a clean answer or a clean error, in bounded time, and the ledger one
settled row that says the same.  The table below says what is expected of each fault; a
fault that the simulator learns and the table does not know fails the test."""
import collections
import re
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

import harness
import talk
from simulated import FORMS, Sim

OK = "ok"
# fault: what happens to a plain request and to a stream when there is no other engine:
# OK, or the error code (None: whatever the engine said).  A stream's error in
# parentheses comes after content, when no other engine may take over any more.
EXPECTED = {
    "refuse": ("upstream_reset", "upstream_reset"),
    "stall": ("first_byte_timeout", "first_byte_timeout"),
    "slow-first-byte=100": (OK, OK),
    "slow-head=100": (OK, OK),
    "dribble": (OK, OK),
    "reset-mid-stream": ("upstream_reset", ("upstream_reset",)),
    "cut-mid-stream": ("upstream_reset", ("upstream_reset",)),
    "stall-mid-stream": ("idle_timeout", ("idle_timeout",)),
    "error-mid-stream": ("*", ("*",)),
    "error-in-200": ("*", "*"),
    "status": ("*", "*"),
    "429": ("*", "*"),
    "500": ("*", "*"),
    "503": ("*", "*"),
    "html-502": ("*", "*"),
    "overflow": ("*", "*"),
    "garbage-sse": ("*", "upstream_bad_sse"),
    "bad-json": ("*", ("*",)),
    "odd-sse": (OK, OK),
    "huge-event": (OK, OK),
    "empty-stream": ("*", "*"),
    "no-done": (OK, OK),
    "finish-missing": (OK, OK),
    "usage-merged": (OK, OK),
    "usage-missing": (OK, OK),
    "usage-twice": (OK, OK),
    "usage-before-finish": (OK, OK),
    "wrong-content-length": ("upstream_reset", OK), # all of it has come, with [DONE]
    "close-after": (OK, OK),
    "keepalive-close": (OK, OK),
    "cut-mid-event": ("upstream_reset", ("*",)),
    "slow-first-token=100": (OK, OK),
    "pings": (OK, OK),
    "words=300": (OK, OK),
}
# Of engines that speak otherwise than OpenAI: without the end mark of their form, or what says how
# an answer has ended, it is not whole.  Gemini's has no mark behind which nothing counts.
IN_OTHER_FORMS = {
    "garbage-sse": ("*", "*"),
    "no-done": (OK, ("upstream_truncated",)),
    "finish-missing": (OK, ("upstream_truncated",)),
}
IN_FORM = {"gemini": {"wrong-content-length": ("upstream_reset", ("upstream_reset",))}}
SILENCES = {"stall", "stall-mid-stream"}  # are the same in every form, and take their time
# What is the request's own fault is not tried again elsewhere; a prompt too long for one
# engine may fit another.
CLIENTS_OWN = {"status"}
ENGINE = """
  - name: {name}
    kind: openai
    speaks: {speaks}
    side: local
    url: {url}
    timeouts: {{connect: 5s, first_byte: {wait}, idle: {wait}, total: 30s}}
    models: [{{name: {model}}}]
"""


def name_of(fault):
    return fault.split("=")[0]


def halves(faults):
    """A configuration takes 64 engines."""
    faults = list(faults)
    return faults[::2], faults[1::2]


def names(faults):
    return [f"{name_of(f)}-{stream}" for f in faults for stream in (False, True)]


class Matrix(unittest.TestCase):
    """Each fault has engines of its own, plain and streamed, so that no breaker opens for
    another's sake, and no engine is left alone for the time that it asked for."""

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim("--profile", "instant")
        cls.addClassCleanup(cls.sim.stop)
        cls.good = harness.Engine()
        cls.addClassCleanup(cls.good.shutdown)

    def run_all(self, config_of, judge, expected=EXPECTED):
        for faults in halves(expected):
            self.run_half(faults, config_of(faults), judge, expected)

    def run_half(self, faults, config, judge, expected):
        weir = harness.Weir(config)
        self.addCleanup(weir.remove)
        weir.start()
        jobs = [(fault, stream) for fault in faults for stream in (False, True)]
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda job: self.ask(weir, *job), jobs))
        weir.stop()
        rows = collections.defaultdict(list)
        for row in weir.ledger():
            rows[row["client_id"]].append(row)
        self.assertEqual(len(rows), len(jobs))
        for (fault, stream), answer in zip(jobs, answers):
            name = f"{name_of(fault)}-{stream}"
            with self.subTest(name):
                if isinstance(answer, talk.Unclean):
                    raise answer
                self.assertEqual(len(rows[name]), 1, "rows")
                judge(fault, expected[fault][stream], answer, rows[name][0])

    @staticmethod
    def ask(weir, fault, stream):
        headers = {"x-request-id": f"{name_of(fault)}-{stream}"}
        try:
            return talk.ask(weir.url, talk.chat(f"one two [[sim:{fault}]]",
                                                f"m-{name_of(fault)}-{stream}", stream),
                            headers)
        except talk.Unclean as why:
            return why

    def judge(self, answer, row, wanted):
        if wanted == OK:
            self.assertTrue(answer.is_ok, answer.error)
            self.assertTrue(answer.text)
            self.assertEqual((row["outcome"], row["status"]), ("ok", 200))
            return
        self.assertFalse(answer.is_ok, "a fault passed as an answer")
        self.assertEqual((row["outcome"], row["status"]), ("error", answer.status))
        self.assertTrue(row["error_code"], row)
        has_begun = isinstance(wanted, tuple)
        code = wanted[0] if has_begun else wanted
        if code != "*":
            self.assertEqual((answer.code, row["error_code"]), (code, code))
        self.assertEqual(answer.status == 200, has_begun, answer.body[:300])
        self.assertEqual(bool(answer.text), has_begun)

    def test_the_table_knows_every_fault(self):
        listed = subprocess.run([harness.WEIR, "sim", "--list"], text=True, check=True,
                                stdout=subprocess.PIPE).stdout.split("Faults")[1]
        known = {m.group(1) for m in re.finditer(r"^  ([\w-]+)", listed, re.M)}
        self.assertEqual(known, {name_of(f) for f in EXPECTED})

    def engines(self, faults, speaks="openai", wait="2s"):
        url = self.sim.url + FORMS[speaks][0]
        return "engines:" + "".join(
            ENGINE.format(name=f"e-{n}", url=url, model=f"m-{n}", speaks=speaks,
                          wait=wait)
            for n in names(faults))

    def judge_alone(self, _fault, alone, answer, row):
        self.judge(answer, row, alone)
        self.assertEqual(row["attempts"], 1)

    def test_with_one_engine(self):
        self.run_all(self.engines, self.judge_alone)

    def test_with_one_engine_of_another_form(self):
        forms = [f for f in self.sim.forms() if f != "openai"]
        self.assertEqual(set(forms), set(FORMS) - {"openai"})
        for speaks in forms:
            expected = {**EXPECTED, **IN_OTHER_FORMS, **IN_FORM.get(speaks, {})}
            expected = {f: what for f, what in expected.items() if f not in SILENCES}
            with self.subTest(speaks):
                self.run_all(lambda faults, speaks=speaks: self.engines(faults, speaks, "20s"),
                             self.judge_alone, expected)

    def test_with_another_engine_to_fall_back_to(self):
        def config_of(faults):
            models = ", ".join(f"{{name: m-{n}}}" for n in names(faults))
            good = ENGINE.format(name="good", url=self.good.url, model="spare", speaks="openai",
                                 wait="2s")
            return self.engines(faults) + good.replace(
                "[{name: spare}]", f"[{models}]\n    max_inflight: 0")

        def judge(fault, alone, answer, row):
            is_saved = isinstance(alone, str) and alone != OK and \
                name_of(fault) not in CLIENTS_OWN
            self.judge(answer, row, OK if is_saved else alone)
            self.assertEqual((row["engine"] == "good", row["attempts"]),
                             (is_saved, 2 if is_saved else 1))
            if is_saved:
                self.assertIn("you said one two", answer.text)
        self.run_all(config_of, judge)
