"""browser.py -- Chromium under remote control, for tests of weir's page.

Needs node, npm (playwright-core and axe-core, fetched as the SDK is) and chromium-headless-shell
or chromium; what is missing is said, and the test skipped."""
import json
import os
import re
import shutil
import subprocess
import threading
import unittest
from pathlib import Path

from test_sdk import why_not

HERE = Path(__file__).resolve().parent
PATIENCE_S = 60


def chromium():
    named = os.environ.get("WEIR_CHROMIUM") or shutil.which("chromium-headless-shell") or \
        shutil.which("chromium")
    if not named:
        raise unittest.SkipTest("no Chromium: install chromium-headless-shell "
                                "(tools/setup.sh test pages), or name one in WEIR_CHROMIUM")
    return named


class Browser:
    """browser.do("goto", url=...): the commands are those of browser.mjs."""

    def __init__(self, width=1280, height=900, dark=False):
        program, reason = chromium(), why_not()
        if reason:
            raise unittest.SkipTest(reason)
        self.process = subprocess.Popen(["node", "browser.mjs", program], cwd=HERE, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.open(width, height, dark)

    def do(self, what, **more):
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        watch = threading.Timer(PATIENCE_S, self.process.kill)
        watch.start()
        line = self.process.stdout.readline()
        watch.cancel()
        if not line:
            raise AssertionError(f"the browser is gone ({what} {more})")
        answer = json.loads(line)
        if "error" in answer:
            raise AssertionError(f"{what} {more}: {answer['error']}")
        return answer["value"]

    def open(self, width=1280, height=900, dark=False):
        """A new visitor: no cookie, no memory."""
        self.do("open", width=width, height=height, dark=dark)

    def run(self, script):
        return self.do("run", script=script)

    def wait(self, script, ms=15000):
        return self.do("wait", script=script, ms=ms)

    def text(self, selector="body"):
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def page_link(weir, role="view"):
    """The link that `weir page` prints, which opens the page once."""
    done = weir.run("page", "-c", "weir.yaml", "--role", role)
    found = re.search(r"http://\S+/weir/#in=[0-9a-f]{64}", done.stdout)
    if not found:
        raise AssertionError(f"weir page: {done.returncode} {done.stdout} {done.stderr}")
    return found.group(0)


def serious(findings):
    return [f"{f['id']} ({f['impact']}): {f['help']}\n  " + "\n  ".join(f["at"])
            for f in findings if f["impact"] in ("serious", "critical")]
