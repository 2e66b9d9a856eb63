"""`weir up` prints a link to the page in a terminal, which works once and operates; into a
pipe it prints none."""
import json
import os
import pty
import re
import select
import subprocess
import time
import unittest
import urllib.error
import urllib.request

import harness

NOTHING = [w for name in ("ollama", "lm-studio", "llama-server", "vllm")
           for w in ("--probe", f"{name}=0")]
WORDS = ["up", "--listen", "127.0.0.1:0", "--no-cloud", *NOTHING]


class UpLink(unittest.TestCase):
    def setUp(self):
        self.weir = harness.Weir()
        self.addCleanup(self.weir.remove)

    def start(self, stdout):
        process = subprocess.Popen([harness.WEIR, *WORDS], cwd=self.weir.folder,
                                   env={**self.weir.env, "TERM": "xterm"}, stdout=stdout,
                                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.weir.process = process
        return process

    def read_until(self, fd, pattern):
        text, deadline = "", time.monotonic() + harness.PATIENCE_S
        while not re.search(pattern, text):
            left = deadline - time.monotonic()
            self.assertGreater(left, 0, text)
            if select.select([fd], [], [], left)[0]:
                text += os.read(fd, 65536).decode()
        return text

    def enter(self, base, link):
        asked = urllib.request.Request(f"{base}/weir/api/enter",
                                       json.dumps({"link": link}).encode(),
                                       {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=harness.PATIENCE_S) as answer:
            return json.load(answer)

    def test_in_a_terminal(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.start(theirs)
        os.close(theirs)
        text = self.read_until(ours, r"PAGE[\s\S]*#in=[0-9a-f]{64}\r?\n")
        base, link = re.search(r"(http://127\.0\.0\.1:\d+)/weir/#in=([0-9a-f]{64})",
                               text).groups()
        self.assertEqual(self.enter(base, link)["role"], "operate")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.enter(base, link)
        self.assertEqual(refused.exception.code, 401)
        refused.exception.close()

    def test_in_a_pipe(self):
        process = self.start(subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        text = self.read_until(process.stdout.fileno(), r"PAGE .*weir page")
        self.assertNotIn("#in=", text)

    def test_a_pause_is_shown(self):
        state = self.weir.folder / "home" / "weir"
        state.mkdir(parents=True)
        (state / "cloud").write_text('{"paused":true,"since_ms":1796032159320,'
                                     '"why":"a breach"}\n')
        process = self.start(subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.read_until(process.stdout.fileno(),
                        r"PAUSED: the cloud, since 2026-11-30 \d\d:\d\d \(a breach\)"
                        r"|PAUSED: the cloud, since \d\d:\d\d \(a breach\)")


if __name__ == "__main__":
    unittest.main()
