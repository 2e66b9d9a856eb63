"""The page's views for comparing and deciding: Compare, Decide, Pilot and Bench, each narrow and
wide, light and dark, by keyboard, and with values that would like to be something else."""
import gzip
import json
import re
import shlex
import struct
import subprocess
import unittest
import urllib.error
import urllib.request

import browser as browsers
from harness import WEIR, Engine, Weir
from test_page import CONFIG, SHOTS, ask


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
        self.fill("main textarea", text)
        self.browser.do("click", at="main button[type=submit]")
        self.browser.wait("document.querySelectorAll('.column').length === 2")

    def test_two_models_answer_side_by_side_with_the_figures_of_their_rows(self):
        self.enter("compare", "operate")
        self.ask_both("How many legs has a dog? The answer is 4.")
        self.browser.wait("document.querySelector('.verdict').innerText.includes('both the same')")
        self.browser.wait("[...document.querySelectorAll('.column')].every(c => c.innerText.includes('5 in, 2 out'))")
        for column in self.browser.run("[...document.querySelectorAll('.column')].map(c => c.innerText)"):
            self.assertIn("you said How many legs has a dog? The answer is 4.", column)
            self.assertIn("Answered", column)
            self.assertIn("2 of 2 say the same", column)
        rows = {r["side"]: r for r in self.weir.ledger()}
        self.assertEqual(len(self.weir.ledger()), 2)
        self.assertGreater(rows["cloud"]["cost_nanousd"], 0)
        said = self.browser.run("document.querySelectorAll('.column')[1].querySelector('dd [title]').title")
        self.assertEqual(said, "$" + f"{rows['cloud']['cost_nanousd'] / 1e9:.9f}".rstrip("0"))
        self.look("compare-answered")
        kept = self.browser.run("JSON.stringify([{...localStorage, 'weir-page': 0}, {...sessionStorage}, document.cookie])")
        self.assertEqual(kept, '[{"weir-page":0},{},""]')

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
        self.browser.do("click", at="main button[type=button]:not([disabled])")
        self.browser.wait("[...document.querySelectorAll('.column')].every(c => c.innerText.includes('Stopped by you'))")
        self.assertTrue(self.engine.left.wait(20))
        self.browser.wait("!document.querySelector('main button[type=submit]').disabled")
        self.assertEqual({r["outcome"] for r in self.weir.ledger()}, {"cancelled"})

    def test_names_of_strangers_are_text(self):
        image, turned = "<img src=x onerror=alert(1)>", "\u202egpj.exe\u202c"
        config = self.weir.folder / "weir.yaml"
        config.write_text(config.read_text().replace("{name: small}", f"{{name: {json.dumps(image)}}}, {{name: {json.dumps(turned)}}}"))
        self.weir.stop()
        self.weir.start()
        self.enter("compare", "operate", width=360)
        self.ask_both("<script>alert(1)</script>\u202e")
        self.browser.wait("[...document.querySelectorAll('.column')].every(c => c.innerText.includes('5 in, 2 out'))")
        said = self.browser.run("document.querySelector('main').innerText")
        self.assertIn(image, said)
        self.assertIn("you said <script>alert(1)</script>", said)
        self.assertNotIn("\u202e", said)
        self.assertEqual(self.browser.run("document.querySelectorAll('img, script:not([src])').length"), 0)
        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 360)
        self.clear()

    def test_who_came_to_look_is_told_how_to_ask(self):
        self.enter("compare", "view")
        self.assertIn("weir page --role operate", self.browser.text("main"))
        self.assertTrue(self.browser.run("document.querySelector('main button[type=submit]').disabled"))
        self.look("compare")

    def test_by_keyboard_alone(self):
        self.enter("compare", "operate")
        self.browser.run("document.querySelector('main textarea').focus()")
        self.browser.do("type", text="Hello")
        for _ in range(12):
            self.browser.do("press", key="Tab")
            self.assertNotEqual(self.browser.run("getComputedStyle(document.activeElement).outlineStyle"), "none")
            if self.browser.run("document.activeElement.type") == "submit":
                break
        self.browser.do("press", key="Enter")
        self.browser.wait("[...document.querySelectorAll('.column')].filter(c => c.innerText.includes('you said Hello')).length === 2")
        self.clear()


class Decide(Tools):
    CARD = "NVIDIA GeForce RTX 4060, 8188, 7900"

    def setUp(self):
        super().setUp()
        self.has_card(self.CARD)

    def has_card(self, says):
        """weir runs where this is the card; "": where there is none that weir sees."""
        tools = self.weir.folder / "tools"
        tools.mkdir(exist_ok=True)
        smi = tools / "nvidia-smi"
        smi.write_text(f"#!/bin/sh\necho '{says}'\n")
        smi.chmod(0o755)
        self.weir.stop()
        self.weir.env["PATH"] = f"{tools}:/usr/bin:/bin"
        self.weir.start()

    def open_form(self, name, **more):
        self.enter("decide", **more)
        self.browser.run(f"location.hash = '#/decide/{name}'")
        self.browser.wait(f"document.querySelector('.tabs [aria-current]').hash === '#/decide/{name}'")

    def wait_machine(self):
        self.browser.wait("[...document.querySelectorAll('main form .field')].some(f => f.innerText.startsWith('Machine') && "
                          "/found by|no graphics card/.test(f.innerText))")

    def label(self, title):
        return f"[...document.querySelectorAll('main form label')].find(l => l.textContent === {json.dumps(title)} || l.textContent === {json.dumps(title + ' *')})"

    def put(self, title, text):
        self.browser.run(f"""(() => {{
            const c = {self.label(title)}.control;
            c.value = {json.dumps(text)};
            c.dispatchEvent(new Event('input', {{bubbles: true}}));
            c.dispatchEvent(new Event('change', {{bubbles: true}}));
        }})()""")

    def got(self, title):
        return self.browser.run(f"{self.label(title)}.control.value")

    def field(self, title):
        return self.browser.run(f"{self.label(title)}.closest('.field').innerText")

    def command(self):
        return self.browser.run("document.querySelector('.command pre').textContent")

    def hash(self):
        return self.browser.run("location.hash")

    def submit(self):
        self.browser.do("click", at="main button[type=submit]")

    def answer(self, *words):
        done = self.weir.run(*words, "--json")
        return json.loads(done.stdout)["answer"].split("\n")[0]

    def test_a_plan_shows_the_report_of_weir_plan(self):
        for _ in range(3):
            ask(self.weir, "auto")
        self.weir.ledger()
        self.open_form("plan")
        self.assertEqual(self.got("Cloud model"), "gpt-4o")
        self.assertEqual(self.got("Provider"), "openai")
        self.put("Cloud model", "claude-sonnet-5")
        self.assertEqual(self.got("Provider"), "", "it sells another model")
        self.put("Cloud model", "gpt-4o")
        self.assertEqual(self.got("A prompt, on average"), "5")
        self.assertEqual(self.got("Requests"), "", "a ledger of less than a day has no month")
        for title, text in (("Requests", "100000"), ("A prompt, on average", "800"), ("An answer, on average", "300"),
                            ("Local model", "llama-3.1-8b"), ("Machine", "RTX 4090")):
            self.put(title, text)
        line = self.command()
        self.assertIn("weir plan --model gpt-4o", line)
        self.assertIn("--device 'RTX 4090'", line)
        self.assertIn("--state-dir ", line, "what was measured here stands there")
        self.submit()
        self.browser.wait("document.querySelector('.said') !== null")
        self.assertEqual(self.browser.text(".said .first"), self.answer(*shlex.split(line)[1:]), "the command says the same")
        self.assertGreaterEqual(self.browser.run("document.querySelectorAll('figure.plot svg').length"), 3)
        self.look("decide-plan")
        self.put("Your sums are in", "EUR")
        self.assertIn("EUR a kWh", self.browser.run(f"{self.label('Electricity')}.closest('.field').textContent"))
        self.browser.run("document.querySelectorAll('.view details')[document.querySelectorAll('.view details').length - 1].open = true")
        self.browser.wait("document.querySelector('iframe.report') !== null")
        self.assertEqual(self.browser.run("document.querySelector('iframe').getAttribute('sandbox')"), "")
        self.clear()

    def test_this_machine_is_filled_in_and_another_may_be_chosen(self):
        self.open_form("fit")
        self.wait_machine()
        self.assertEqual((self.got("Machine"), self.got("Its memory")), ("RTX 4060", "8"))
        self.assertIn("found by nvidia-smi", self.field("Machine"))
        self.assertRegex(self.got("Main memory beside it"), r"^\d+(\.\d+)?$")
        self.put("Model", "qwen2.5-14b")
        self.assertEqual(self.command(), "weir fit qwen2.5-14b", "what is this machine's own needs no word")
        self.submit()
        self.browser.wait("document.querySelector('.said')?.innerText.includes('RTX 4060')")
        self.assertIn("nvidia-smi", self.browser.text("main"))
        self.look("decide-fit")
        self.browser.wait("document.querySelectorAll('#of-devices option').length > 200")
        self.assertIn("24 GB", self.browser.run("document.querySelector('#of-devices option[value=\"RTX 4090\"]').label"))
        self.browser.wait("document.querySelectorAll('#of-providers option').length > 5")
        for name, least in (("models", 100), ("prices", 500), ("countries", 10), ("currencies", 10)):
            self.assertGreater(self.browser.run(f"document.querySelectorAll('#of-{name} option').length"), least)
        self.put("Machine", "RTX 4090")
        self.assertEqual((self.got("Its memory"), self.got("Main memory beside it")), ("", ""), "they were the other machine's")
        self.assertIn("24 GB", self.field("Machine"))
        self.assertEqual(self.command(), "weir fit qwen2.5-14b --device 'RTX 4090'")
        self.submit()
        self.browser.wait("document.querySelector('.said')?.innerText.includes('RTX 4090')")
        self.put("Machine", "")
        self.assertEqual(self.got("Its memory"), "8", "none: this machine again")
        self.put("Its memory", "16")
        self.assertEqual(self.command(), "weir fit qwen2.5-14b --memory 16")
        self.submit()
        self.browser.wait("document.querySelector('main form .bad').innerText.includes('name the device that has it')")
        self.assertIn("\u201cIts memory\u201d", self.browser.text("main form .bad"))
        self.clear()

    def test_a_machine_without_a_card_is_said_to_have_none(self):
        self.has_card("")
        self.open_form("advise")
        self.wait_machine()
        self.assertEqual(self.got("Machine"), "")
        self.assertIn("no graphics card", self.field("Machine"))
        self.open_form("plan")
        self.wait_machine()
        self.assertIn("needed", self.browser.run(f"{self.label('Its power under load')}.closest('.field').textContent"))
        self.assertEqual(self.browser.run(f"{self.label('Its power under load')}.textContent"), "Its power under load *")
        self.assertTrue(self.browser.run(f"{self.label('Its power under load')}.closest('details').open"))
        self.put("Machine", "RTX 4090")
        self.assertNotIn("needed", self.browser.run(f"{self.label('Its power under load')}.closest('.field').textContent"))
        self.open_form("advise")
        self.wait_machine()
        self.put("May the data leave this machine?", "yes")
        self.put("Tokens, in and out", "80e6")
        self.submit()
        self.browser.wait("document.querySelector('.said')?.innerText.includes('RTX 4090, an example')")
        self.clear()

    def test_advise_takes_the_card_that_was_found(self):
        self.open_form("advise")
        self.wait_machine()
        self.assertEqual(self.got("Machine"), "RTX 4060")
        self.put("May the data leave this machine?", "yes")
        self.put("Tokens, in and out", "80e6")
        self.assertEqual(self.command(), "weir advise --may-leave yes --tokens-month 80e6")
        self.submit()
        self.browser.wait("document.querySelector('.said')?.innerText.includes('found by nvidia-smi')")
        self.assertEqual(self.browser.text(".said .first"), self.answer(*shlex.split(self.command())[1:]))
        self.look("decide-advise")

    def test_what_was_asked_stands_in_the_address(self):
        self.open_form("fit")
        self.wait_machine()
        self.put("Model", "llama-3.1-8b")
        self.put("Machine", "RTX 4090")
        self.submit()
        self.browser.wait("document.querySelector('.said')?.innerText.includes('RTX 4090')")
        self.assertEqual(self.hash(), "#/decide/fit/name=llama-3.1-8b/device=RTX%204090")
        self.put("Machine", "RTX 3090")
        self.submit()
        self.browser.wait("document.querySelector('.said')?.innerText.includes('RTX 3090')")
        self.browser.run("history.back()")
        self.browser.wait("document.querySelector('.said')?.innerText.includes('RTX 4090')")
        self.assertEqual(self.got("Machine"), "RTX 4090")
        self.browser.run("document.querySelector('.tabs a[href=\"#/decide/claim\"]').click()")
        self.browser.wait("document.querySelector('main form textarea') !== null")
        self.browser.run("[...document.querySelectorAll('.tabs a')].find(a => a.textContent === 'What fits this machine').click()")
        self.browser.wait("document.querySelector('.said')?.innerText.includes('RTX 4090')")
        self.browser.do("reload")
        self.browser.wait("document.querySelector('.said')?.innerText.includes('RTX 4090')")
        self.assertEqual((self.got("Model"), self.got("Machine"), self.got("Its memory")), ("llama-3.1-8b", "RTX 4090", ""))
        image = "<img src=x onerror=alert(1)>\u202e"
        self.browser.run(f"location.hash = '#/decide/fit/nothing=1/name=' + encodeURIComponent({json.dumps(image)})")
        self.browser.wait("document.querySelector('main form .bad').innerText.includes('<img src=x')")
        self.assertEqual(self.browser.run("document.querySelectorAll('img').length"), 0)
        self.assertNotIn("\u202e", self.browser.text("main"))
        self.assertEqual(self.command().split(" ")[:2], ["weir", "fit"])
        self.clear()

    def test_published_formulas_and_the_checklist(self):
        self.open_form("method")
        self.put("Formula", "run-locally")
        self.put("Requests", "5000")
        self.assertEqual(self.command(), "weir plan --method run-locally --requests-per-day 5000")
        self.submit()
        self.browser.wait("document.querySelector('.part')?.innerText.includes('66.7 months')")
        self.look("decide-method")
        self.put("Formula", "errata")
        self.submit()
        self.browser.wait("document.querySelector('.part')?.innerText.includes('E23')")
        self.weir.stop()
        self.weir.env["OLLAMA_ORIGINS"] = "*"
        self.weir.start()
        self.open_form("security")
        self.assertEqual(self.command(), "weir advise security")
        self.submit()
        self.browser.wait("document.querySelector('.said')?.innerText.includes('to close')")
        row = self.browser.run("[...document.querySelectorAll('.part tr')].find(r => r.innerText.includes('OLLAMA_ORIGINS')).innerText")
        self.assertIn("to close", row, "the settings are those that weir itself runs with")
        self.assertEqual(self.hash(), "#/decide/security/go")
        self.look("decide-security")

    def test_the_command_is_copied_or_selected(self):
        self.open_form("claim")
        self.put("Text with speeds in it", "14B Q4_K_M on M4: 44 tok/s")
        self.assertEqual(self.command(), "weir claim '14B Q4_K_M on M4: 44 tok/s'")
        self.browser.do("click", at=".command button")
        self.browser.wait("/^Copied|selected/.test(document.getElementById('status').textContent)")
        if "selected" in self.browser.text("#status"):
            self.assertEqual(self.browser.run("getSelection().toString()"), self.command())
        text = "14B Q4_K_M on M4: 44 tok/s\nit's 'quoted' $HOME `id`"
        self.put("Text with speeds in it", text)
        done = subprocess.run(["sh", "-c", self.command().replace("weir", WEIR, 1)], capture_output=True, text=True, timeout=60, check=False)
        self.assertTrue(done.stdout.startswith("impossible"), done.stderr)
        self.clear()

    def test_a_month_of_the_ledger_is_filled_in(self):
        """30 requests, three days ago, are 300 a month."""
        self.weir.stop()
        wall = self.weir.folder / "wall"
        wall.write_bytes(struct.pack("q", -3 * 86400000))
        self.weir.env["WEIR_WALL_FILE"] = str(wall)
        self.weir.start()
        for _ in range(30):
            ask(self.weir, "auto")
        self.weir.ledger()
        with wall.open("r+b") as now:
            now.write(struct.pack("q", 0))
        self.open_form("plan")
        self.assertAlmostEqual(int(self.got("Requests")), 300, delta=1)
        self.assertIn("30 requests in 3 of the last 30 days", self.browser.text("main form"))
        self.open_form("advise")
        self.assertAlmostEqual(int(self.got("Tokens, in and out")), 300 * 7, delta=7)
        self.clear()

    def test_claims_are_judged(self):
        title = "Text with speeds in it"
        self.open_form("claim")
        self.put(title, "14B Q4_K_M on M4: 44 tok/s")
        self.submit()
        self.browser.wait("document.querySelector('.said')?.innerText.includes('impossible')")
        self.look("decide-claim")
        self.put(title, "14B Q4_K_M on M4: 44 tok/s\nLlama 3.1 8B Q4_K_M on RTX 4090: 90 tok/s")
        self.submit()
        self.browser.wait("document.querySelector('.said')?.innerText.includes('of 2 speeds 1 impossible')")
        self.put(title, "14B Q4_K_M on M4: 44 tok/s\nLlama 3.1 8B Q4_K_M on RTX 4090: 90 tok/s\n" + "\u00fcber das Wetter\n" * 700)
        self.submit()
        self.browser.wait("!document.querySelector('.view details') && document.querySelector('.said')?.innerText.includes('of 2 speeds 1 impossible')")
        self.assertEqual(self.hash(), "#/decide/claim", "what is too long for an address stands in none")
        self.clear()

    def test_what_is_missing_or_unknown_is_said_at_its_field(self):
        self.open_form("plan")
        self.put("Cloud model", "")
        self.submit()
        self.browser.wait("document.querySelector('main form .bad').innerText.includes('Cloud model')")
        self.assertTrue(self.browser.run("document.activeElement.getAttribute('aria-invalid') === 'true'"))
        for title, text in (("Cloud model", "gpt-4oo"), ("Requests", "10"), ("A prompt, on average", "8"),
                            ("An answer, on average", "3"), ("Local model", "llama-3.1-8b"), ("Machine", "RTX 4090")):
            self.put(title, text)
        self.submit()
        self.browser.wait("document.querySelector('main form .bad').innerText.includes('gpt-4o')")
        self.look("decide-fault")
        self.put("Cloud model", "gpt-4o")
        self.put("Machine", "RTX 4061")
        self.submit()
        self.browser.wait("document.querySelector('main form .bad').innerText.includes('RTX 4060')")
        self.assertEqual(self.browser.run("document.activeElement.labels[0].textContent"), "Machine")
        self.put("Machine", "RTX 4090")
        for text, words in (("abc", "\u201cRequests\u201d: \"abc\" is not a plain number"), ("-5", "\u201cRequests\u201d: \"-5\" is negative; write 0 or more"),
                            ("1,000", "\u201cRequests\u201d: \"1,000\" has a comma; write 1000")):
            self.put("Requests", text)
            self.submit()
            self.browser.wait(f"document.querySelector('main form .bad').innerText.startsWith({json.dumps(words)})")
            at = self.browser.run("(() => { const b = document.querySelector('main form .bad').getBoundingClientRect(); return [b.top, b.bottom, innerHeight]; })()")
            self.assertTrue(0 <= at[0] < at[1] <= at[2], f"out of sight: {at}")
            self.assertEqual(self.browser.run("document.querySelector('main form .bad').closest('.field').querySelector('label').textContent"), "Requests *")
        self.put("Requests", "10")
        self.submit()
        self.browser.wait("document.querySelector('main form .bad').innerText === '' && document.querySelector('[aria-invalid]') === null")

    def test_hostile_values_stay_values(self):
        self.open_form("fit")
        for value in ("--html=/tmp/x", "-h", "x\u0001y", "x\u0000y", "y" * 200):
            with self.subTest(value=value[:20]):
                self.browser.run(f"document.querySelector('main form input').maxLength = 100000, document.querySelector('main form input').value = {json.dumps(value)}")
                self.submit()
                self.browser.wait("document.querySelector('main form .bad').innerText.includes('“Model”: at most 160 bytes')")
        image = "<img src=x onerror=alert(1)>"
        self.put("Model", image)
        self.submit()
        self.browser.wait(f"document.querySelector('main form .bad').innerText.includes({json.dumps(image)})")
        self.assertEqual(self.browser.run("document.querySelectorAll('img').length"), 0)
        self.clear(but=["status of 400"])

    def test_by_keyboard_alone(self):
        self.open_form("claim")
        self.browser.run("document.querySelector('.tabs a').focus()")
        for _ in range(12):
            self.browser.do("press", key="Tab")
            self.assertNotEqual(self.browser.run("getComputedStyle(document.activeElement).outlineStyle"), "none")
            if self.browser.run("document.activeElement.tagName") == "TEXTAREA":
                break
        self.browser.do("type", text="14B Q4_K_M on M4: 44 tok/s")
        for _ in range(4):
            self.browser.do("press", key="Tab")
            self.assertNotEqual(self.browser.run("getComputedStyle(document.activeElement).outlineStyle"), "none")
            if self.browser.run("document.activeElement.type") == "submit":
                break
        self.browser.do("press", key="Enter")
        self.browser.wait("document.querySelector('.said')?.innerText.includes('impossible')")
        self.clear()


class Pilot(Tools):
    def test_without_one_it_says_how_to_begin(self):
        self.enter("pilot")
        self.assertIn("No pilot runs here", self.browser.text("main"))
        self.assertIn(f"weir pilot plan --per-day 500 --state-dir {self.weir.folder}/state\nweir pilot start -c YOUR_WEIR_YAML --to", self.browser.text("main"))
        self.look("pilot-none")

    def test_it_says_what_weir_pilot_report_says(self):
        self.weir.stop()
        done = self.weir.run("pilot", "start", "-c", "weir.yaml", "--to", "small", "--share", "100%")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.weir.start()
        for n in range(12):
            ask(self.weir, "cloud", f"How much is {n} + 1? Say the number alone. {n + 1}")
        self.weir.ledger()
        self.enter("pilot")
        said = json.loads(self.weir.run("pilot", "report", "-c", "weir.yaml", "--json").stdout)
        self.assertEqual(self.browser.text(".said .first"), said["answer"])
        self.assertIn("Compared", self.browser.text("main"))
        self.look("pilot")
        self.browser.run("document.querySelector('.hero button').focus()")
        self.browser.do("press", key="Enter")
        self.browser.wait("!document.querySelector('.hero button').disabled && document.querySelector('.said')")
        self.clear()


class Bench(Tools):
    def keep(self, **figures):
        with (self.weir.folder / "state/bench.jsonl").open("a") as kept:
            kept.write(json.dumps({"at_ms": 1796000000000, "done": 20, "failed": 0, "engine": "desk", "model": "small",
                                   "workload": "chat", "as": "weir", "side": "local", **figures}) + "\n")

    def test_nothing_kept_says_how_to_measure(self):
        self.enter("bench")
        self.assertIn("weir bench --sweep", self.browser.text("main"))
        self.look("bench-none")

    def test_runs_side_by_side_their_spread_and_a_sweep(self):
        self.keep(id=1, load="1 at once", streams=1, model="old <b>one</b>", ttft_ms_p50=5)
        for i, n in enumerate((1, 2, 4, 8)):
            self.keep(id=i + 2, load=f"{n} at once", streams=n, ttft_cold_ms=300, ttft_ms_p50=50 * n, ttft_ms_p90=70 * n, ttft_ms_p99=110 * n,
                      stream_tok_s=80 / n ** .5, all_tok_s=80 * n ** .5)
        self.enter("bench")
        self.browser.wait("document.querySelectorAll('figure.plot svg.chart').length === 2")
        said = self.browser.text("main")
        for words in ("Side by side", "400, 560, 880 ms", "More requests at once", "old <b>one</b>"):
            self.assertIn(words, said)
        self.look("bench")
        self.assertEqual(self.browser.run("document.querySelectorAll('input:checked').length"), 4)
        self.browser.run("document.querySelector('input[aria-label^=\"Run 1:\"]').focus()")
        self.browser.do("press", key="Space")
        self.browser.wait("document.querySelectorAll('.ranges tbody tr').length === 4 && "
                          "[...document.querySelectorAll('th')].filter(t => t.innerText.includes('(run 1)')).length === 1")
        said = self.browser.run("[...document.querySelectorAll('.part')].find(p => p.innerText.includes('Side by side')).innerText")
        self.assertIn("unknown", said)
        self.clear()


class DecideByHand(unittest.TestCase):
    """What the page asks, asked without it."""
    def setUp(self):
        self.engine = Engine()
        self.addCleanup(self.engine.shutdown)
        self.weir = Weir(CONFIG.format(url=self.engine.url))
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)

    def get_script(self):
        """The path of the page's script, whose name is another one in each build."""
        request = urllib.request.Request(self.weir.url + "/weir/", headers={"accept-encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return re.search(r'src="(/weir/main-\w+\.js)"', gzip.decompress(answer.read()).decode()).group(1)

    def get(self, path, body=None):
        token = (self.weir.folder / "state/operator").read_text().split("\n")[1]
        request = urllib.request.Request(self.weir.url + path, data=body and body.encode(),
                                         headers={"authorization": "Bearer " + token, "content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.headers, e.read().decode()

    def test_a_report_alone_may_be_framed_and_may_run_nothing(self):
        self.weir.start()
        status, headers, body = self.get("/weir/report/fit?device=RTX%204090&name=llama-3.1-8b")
        self.assertEqual(status, 200)
        self.assertTrue(body.startswith("<!doctype html>"))
        self.assertNotIn("<script", body)
        policy = headers["content-security-policy"]
        self.assertIn("default-src 'none'; style-src 'unsafe-inline'", policy)
        self.assertIn("frame-ancestors 'self'; sandbox", policy)
        self.assertNotIn("script-src", policy)
        for path in ("/weir/", self.get_script(), "/weir/api/me", "/weir/api/usage", "/weir/api/decide/fit?name=llama-3.1-8b",
                     "/weir/api/decide/nothing", "/weir/report/nothing", "/weir/report/plan?model=gpt-4oo"):
            with self.subTest(path=path):
                policy = self.get(path)[1]["content-security-policy"]
                self.assertIn("frame-ancestors 'none'", policy)
                self.assertNotIn("unsafe", policy)

    def test_values_that_are_no_values_are_refused(self):
        self.weir.start()
        for query, code in (("model=--help", "invalid_value"), ("model=-x", "invalid_value"), ("model=a%0A--html%3Dx", "invalid_value"),
                            ("model=a%00b", "invalid_value"), ("model=%ff%fe", "invalid_value"), ("model=", "invalid_value"),
                            ("days=1%20--html", "invalid_value"), ("days=-1", "invalid_value"), ("days=0x10", "invalid_value"),
                            ("days=" + "1" * 25, "invalid_value"), ("model=" + "x" * 161, "invalid_value"), ("from-ledger=yes", "invalid_value"),
                            ("html=%2Ftmp%2Fx", "unknown_option"), ("state-dir=%2F", "unknown_option"), ("workload=%2Fetc%2Fpasswd", "unknown_option"),
                            ("facts=%2F", "unknown_option"), ("model", "invalid_value"), ("nothing", "unknown_option"), ("&".join(["device=x"] * 40), "too_many_options")):
            with self.subTest(query=query[:40]):
                status, _, body = self.get("/weir/api/decide/plan?" + query)
                self.assertEqual((status, json.loads(body)["error"]["code"]), (400, code))
        self.assertEqual(self.get("/weir/api/decide/claim?text=" + "x" * 9000)[0], 431)
        self.assertGreaterEqual(self.get("/weir/api/decide/claim?text=" + "x" * 1000000)[0], 400)
        for body, code in (('{"text":"%s"}' % ("x" * 32769), "invalid_value"), ('{"text":"a\\u0000"}', "invalid_value"), ('{"claim":"-x"}', "invalid_value"),
                           ('{"html":"x"}', "unknown_option"), ('["text"]', "invalid_json"), ('{"text":1}', "invalid_json"), ('{"text":"a"', "invalid_json"),
                           ('{"text":"%s"}' % ("x" * 1000000), "invalid_value")):
            with self.subTest(body=body[:40]):
                status, _, said = self.get("/weir/api/decide/claim", body)
                self.assertEqual((status, json.loads(said)["error"]["code"]), (400, code))
        self.assertEqual(self.get("/weir/api/decide/plan%2f..?model=x")[0], 404)
        self.assertEqual(list(self.weir.folder.glob("*.html")), [])

    def test_lists_have_no_options_and_write_nothing(self):
        self.weir.start()
        for kind, name in (("devices", "RTX 4090"), ("models", "Qwen3-8B"), ("prices", "gpt-4o"), ("costs", "EUR")):
            with self.subTest(kind=kind):
                status, _, body = self.get("/weir/api/decide/" + kind)
                self.assertEqual(status, 200)
                rows = list(json.loads(body)["report"]["sections"].values())[0]["tables"][0]["rows"]
                self.assertIn(name, [v for r in rows for v in r.values()])
                for query in ("match=x", "kind=x", "name=update", "facts=%2F"):
                    status, _, body = self.get(f"/weir/api/decide/{kind}?{query}")
                    self.assertEqual((status, json.loads(body)["error"]["code"]), (400, "unknown_option"))
        self.assertEqual(self.get("/weir/api/decide/facts?name=update")[0], 404)

    def test_the_time_of_a_command_is_bounded(self):
        self.weir.env["WEIR_TEST_DECIDE_MS"] = "1"
        self.weir.start()
        status, _, body = self.get("/weir/api/decide/fit")
        self.assertEqual((status, json.loads(body)["error"]["code"]), (504, "errand_late"))
        status, headers, body = self.get("/weir/report/fit")
        self.assertEqual((status, json.loads(body)["error"]["code"]), (504, "errand_late"))
        self.assertIn("frame-ancestors 'none'", headers["content-security-policy"])


if __name__ == "__main__":
    unittest.main()
