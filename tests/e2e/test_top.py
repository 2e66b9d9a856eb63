"""`weir top` in a real terminal (tmux): what it shows, its keys, a restart of weir, and
that the terminal is as it was however it ends.  Without tmux all but the plain picture is
skipped."""
import json
import re
import shutil
import signal
import subprocess
import time
import unittest
import urllib.error
import urllib.request

import harness

HAS_TMUX = shutil.which("tmux") is not None
CONFIG = """
workers: 1
access_log: off
engines:
  - {{name: here, kind: openai, side: local, url: {here}, models: [{{name: m}}]}}
  - {{name: sky, kind: openai, side: cloud, url: {sky},
      models: [{{name: big, price: openai/gpt-4o}}]}}
"""


class TopCase(unittest.TestCase):
    def setUp(self):
        self.engines = [harness.Engine(), harness.Engine()]
        self.weir = harness.Weir(CONFIG.format(here=self.engines[0].url,
                                               sky=self.engines[1].url))
        self.addCleanup(self.weir.remove)
        for e in self.engines:
            self.addCleanup(e.shutdown)
        self.weir.start()

    def ask(self, model="auto", text="hello", **headers):
        asked = urllib.request.Request(
            f"{self.weir.url}/v1/chat/completions",
            json.dumps({"model": model,
                        "messages": [{"role": "user", "content": text}]}).encode(),
            {"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(asked, timeout=harness.PATIENCE_S) as answer:
                answer.read()
                return answer.status
        except urllib.error.HTTPError as e:
            with e:
                return e.code


class Plain(TopCase):
    def test_without_a_terminal_one_picture(self):
        self.ask()
        deadline = time.monotonic() + harness.PATIENCE_S
        while not self.weir.ledger():
            self.assertLess(time.monotonic(), deadline)
        done = self.weir.run("top", "-c", "weir.yaml")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertNotIn("\x1b", done.stdout)
        self.assertRegex(done.stdout, r"100 % answered here: 1 of 1; 0 to the cloud")
        self.assertRegex(done.stdout, r"(?m)^ \d\d:\d\d:\d\d +local m +\$0 an engine here")
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        self.ask("big")
        self.ask()
        while len(self.weir.ledger()) < 3:
            self.assertLess(time.monotonic(), deadline)
        done = self.weir.run("top", "-c", "weir.yaml")  # rounded, not cut
        self.assertRegex(done.stdout, r"67 % answered here: 2 of 3; 1 to the cloud")
        self.weir.stop()
        gone = self.weir.run("top", "-c", "weir.yaml")
        self.assertEqual(gone.returncode, 1)
        self.assertIn("no weir runs", gone.stderr)


@unittest.skipUnless(HAS_TMUX, "tmux is missing: apt-get install tmux")
class InTerminal(TopCase):
    def setUp(self):
        super().setUp()
        self.socket = f"weir-top-{id(self)}-{time.monotonic_ns()}"
        self.addCleanup(subprocess.run, ["tmux", "-L", self.socket, "kill-server"],
                        check=False, capture_output=True)

    def tmux(self, *words):
        done = subprocess.run(["tmux", "-L", self.socket, *words], text=True, check=False,
                              capture_output=True, cwd=self.weir.folder,
                              env={**self.weir.env, "LANG": "C.UTF-8"}, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def start(self, before=""):
        """A shell that says how `weir top` ended, and how the terminal was left."""
        script = (f"trap : INT; stty -g > before; {before} {harness.WEIR} top -c weir.yaml; "
                  "echo ended with $?; stty -g > after; cat")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24",
                  "sh", "-c", script)
        self.see(r"q quit")

    def screen(self, *more):
        return self.tmux("capture-pane", "-p", *more)

    def see(self, pattern, *more):
        deadline = time.monotonic() + harness.PATIENCE_S
        while True:
            text = self.screen(*more)
            if re.search(pattern, text):
                return text
            self.assertLess(time.monotonic(), deadline, f"no {pattern} in:\n{text}")
            time.sleep(0.05)

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def is_restored(self, code):
        text = self.see(rf"ended with {code}\b")
        self.assertNotIn("q quit", text)  # the screen of before is back
        deadline = time.monotonic() + harness.PATIENCE_S
        while not (self.weir.folder / "after").exists():
            self.assertLess(time.monotonic(), deadline)
        time.sleep(0.1)
        self.assertEqual((self.weir.folder / "before").read_text(),
                         (self.weir.folder / "after").read_text())

    def pid(self):
        pane = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        done = subprocess.run(["ps", "--ppid", pane, "-o", "pid=,args="], text=True,
                              capture_output=True, check=True)
        return next(int(line.split()[0]) for line in done.stdout.splitlines()
                    if " top " in line)

    def test_rows_keys_and_the_pause(self):
        self.start()
        self.see("no requests yet")
        self.ask()
        self.ask("big")
        self.ask("big", **{"x-weir-sensitivity": "confidential"})
        text = self.see(r">\d\d:\d\d:\d\d +\$0 refused: confidential pinned to…[\s\S]*cloud big +[<$]\S+ asked "
                        r"for big\n[\s\S]*local m +\$0 an engine here")
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.see(r"33 % answered here: 1 of 3; 1 to the cloud, 1 refused or failed here")
        self.see(r"Left +1 as they were, 0 masked;\s+held: 0 answered here, 0 failed here, 1 refused")
        self.press("Enter")
        text = self.see(r"asked for big; no engine was asked[\s\S]*refused, status 400 confidential pinned")
        self.assertNotRegex(text, r"first token|got |\(\)|Audit chain\n *\n| ,|  ms")
        self.press("Escape", "j")
        self.see(r"(?m)^>.* cloud big")
        self.press("Enter")
        self.see(r"Request wr-[\s\S]*asked for big, got big of sky \(cloud\)[\s\S]*Why\n"
                 r"[\s\S]*Tries\n +1 +answer[\s\S]*record \d+: sent")
        self.tmux("resize-window", "-x", "80", "-y", "12")
        self.see(r"(?m)^  \.\.\. \d+ more lines: down, PgDn")
        self.press(*["PPage"] * 2, *["NPage"] * 9)
        self.see(r"record \d+: sent[\s\S]*\n  the end: up, PgUp")
        self.press("k")  # what went past the end is not to be gone back over
        self.see(r"(?m)^  \.\.\. 1 more line: down, PgDn")
        self.tmux("resize-window", "-x", "80", "-y", "24")
        self.press("Escape")
        self.see(r"TIME +KEY")
        self.press("f", "errors", "Enter")
        text = self.see(r"f filter: errors")
        self.assertNotRegex(text, r"(?m)^.* (cloud|local) +(m|big) +[<$]")
        self.assertRegex(text, r"refused: confidential pinned")
        self.press("f", "BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "BSpace",
                   "local", "Enter")
        text = self.see(r"f filter: local")
        self.assertNotRegex(text, "big")
        self.press("f", "C-h", "C-h", "C-h", "C-h", "C-h", "outcome:refused", "Enter")
        self.assertRegex(self.see(r"f filter: outcome:refused"), r"refused: confidential pinned")
        self.press("f", *["C-h"] * 15, "side:moon", "Enter")
        self.see(r"side:moon: write side:local, cloud or none")
        self.press("C-u", "Enter")
        self.see(r"f filter$")
        self.press("p")
        self.see("why pause the cloud")
        self.press("a breach", "Enter")
        self.see(r"CLOUD PAUSED since [0-9: -]+ a breach[\s\S]*The cloud is paused\.")
        self.assertEqual(self.ask("big"), 503)
        self.press("p", "mended", "Enter")
        self.see(r"cloud open[\s\S]*The cloud is open again\.")
        self.press("?")
        self.see(r"up, down, j, k +another row; PgUp")
        self.press("?")
        self.tmux("resize-window", "-x", "120", "-y", "40")
        self.see(r"(?m)^q quit")
        self.assertEqual(len(self.screen().splitlines()), 40)
        self.tmux("resize-window", "-x", "30", "-y", "8")
        self.see("too small")
        self.tmux("resize-window", "-x", "60", "-y", "20")
        self.see(r"(?m) refused:…$")  # whole words, and a mark where they are cut
        self.tmux("resize-window", "-x", "80", "-y", "24")
        text = self.see(r"(?m) refused: confidential pinned to…$")
        self.assertRegex(text, r"(?m)^q quit  \? keys  Enter open  p pause cloud  f filter$")
        self.assertNotRegex(text, r"(?m) refused:…$")  # nothing is left of the narrow one
        self.tmux("resize-window", "-x", "110", "-y", "24")
        self.see(r"(?m)^ TIME .* TOOK +COST WHY$[\s\S]* 400 +\d+ ms +\$0 refused: confidential pinned to cloud$")
        self.press("q")
        self.is_restored(0)

    def test_names_of_strangers_are_harmless(self):
        self.start("NO_COLOR=1")
        self.ask("evil\u202emodel\u2028end")
        text = self.see(r">\d\d:\d\d:\d\d .*: model not found")
        self.press("Enter")
        text = self.see(r"asked for evil\?model\?end; no engine was asked")
        self.assertIn("Request wr-", text)
        self.assertNotRegex(self.screen("-e"), "\x1b\\[3[0-9]m")
        self.press("q")
        self.is_restored(0)

    def test_it_waits_for_a_weir_that_is_restarted(self):
        self.start()
        self.ask()
        self.see(r"local m +\$0")
        self.weir.stop()
        self.see(r"waiting for weir[\s\S]*local m +\$0")
        self.weir.start()
        port = self.weir.url.rsplit(":", 1)[1]
        self.see(rf"127\.0\.0\.1:{port} +[0-9:]+ +cloud open")
        self.ask("big")
        self.see(r"cloud big +[<$]")
        self.press("C-c")
        self.is_restored(0)

    def test_a_signal_leaves_the_terminal_as_it_was(self):
        self.start()
        pid = self.pid()
        subprocess.run(["kill", "-TERM", str(pid)], check=True)
        self.is_restored(0)

    def test_a_crash_does_too(self):
        self.start()
        subprocess.run(["kill", "-SEGV", str(self.pid())], check=True)
        self.is_restored(128 + signal.SIGSEGV)


if __name__ == "__main__":
    unittest.main()
