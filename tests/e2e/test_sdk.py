"""The official OpenAI SDK (npm) as the client; the cases themselves are in sdk.mjs."""
import shutil
import subprocess
import unittest
from pathlib import Path

from harness import PATIENCE_S, WithWeir

HERE = Path(__file__).resolve().parent


def why_not():
    if not shutil.which("node") or not shutil.which("npm"):
        return "node or npm is missing"
    wanted = HERE / "package-lock.json"
    stamp = HERE / "node_modules/.package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < wanted.stat().st_mtime:
        done = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=HERE, check=False,
                              capture_output=True, text=True, timeout=180)
        if done.returncode != 0:
            return f"npm cannot fetch the SDK: {done.stderr.strip()[-300:]}"
        stamp.touch()
    return None


class Sdk(WithWeir):
    @classmethod
    def setUpClass(cls):
        reason = why_not()
        if reason:
            raise unittest.SkipTest(reason)
        super().setUpClass()

    def case(self, name):
        done = subprocess.run(["node", "sdk.mjs", name, self.weir.url], cwd=HERE,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_plain(self):
        self.case("plain")

    def test_stream(self):
        self.case("stream")

    def test_stream_without_usage(self):
        self.case("stream_without_usage")

    def test_tools(self):
        self.case("tools")

    def test_embeddings(self):
        self.case("embeddings")

    def test_models(self):
        self.case("models")

    def test_errors_have_their_classes(self):
        self.case("errors")

    def test_abort_reaches_the_engine_and_the_ledger(self):
        self.engine.left.clear()
        self.case("abort")
        self.assertTrue(self.engine.left.wait(PATIENCE_S), "the engine streams on")
        self.assertIn("cancelled", [row["outcome"] for row in self.weir.ledger()])
