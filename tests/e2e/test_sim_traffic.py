"""`weir sim traffic` counts a stream as broken that began with 200 and ended in an error."""
import unittest

import harness
import simulated

CONFIG = """
workers: 1
access_log: off
engines:
  - {{name: here, kind: openai, side: local, max_inflight: 32, url: {url}/v1,
      models: [{{name: m, caps: [tools, json_schema, vision]}}]}}
"""


class Broken(unittest.TestCase):
    def counts(self, *fault):
        sim = simulated.Sim("--profile", "instant", *fault)
        self.addCleanup(sim.stop)
        weir = harness.Weir(CONFIG.format(url=sim.url))
        self.addCleanup(weir.remove)
        weir.start()
        done = weir.run("sim", "traffic", weir.url, "--minutes", "0.04", "--rate", "60", "--key", "k")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        head, all_apps = (next(line.split() for line in done.stdout.splitlines() if line.startswith(word))
                          for word in ("app ", "all "))
        return {name: int(n) for name, n in zip(head[1:], all_apps[1:])}

    def test_an_error_behind_the_first_tokens_is_a_break(self):
        good, bad = self.counts(), self.counts("--fault", "error-mid-stream=2")
        self.assertEqual(good["broke"], 0, good)
        self.assertGreater(good["local"], 40)
        self.assertGreater(bad["broke"], 0, bad)  # then the engine is left alone
        self.assertEqual(bad["sent"], sum(bad[n] for n in ("local", "cloud", "refused", "failed", "broke")), bad)
