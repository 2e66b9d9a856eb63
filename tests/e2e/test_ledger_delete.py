"""Deletions that are cut short: the weir that does them is killed, or whoever asked for them
leaves.  What was begun is done to its end, each who waits is told of his own rows, and
nobody waits for a weir that is gone."""
import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import time
import unittest
import urllib.request

from harness import WEIR, Engine, Weir

ROUNDS = int(os.environ.get("WEIR_DELETE_ROUNDS", "5"))
MANY = 12000  # rows, deleted 1000 at a time: long enough to be cut short
KEYS = {"many": "wk-many", "few": "wk-few", "others": "wk-others"}
CONFIG = """
engines: [{{name: one, kind: openai, side: local, url: "{url}", models: [{{name: m}}]}}]
keys: [{keys}]
"""


class Deletions(unittest.TestCase):
    def setUp(self):
        self.engine = Engine()
        self.addCleanup(self.engine.shutdown)
        keys = ", ".join(f'{{name: {k}, hash: "sha256:{hashlib.sha256(t.encode()).hexdigest()}"}}'
                         for k, t in KEYS.items())
        self.weir = Weir(CONFIG.format(url=self.engine.url, keys=keys))
        self.addCleanup(self.weir.remove)
        self.state = self.weir.folder / "state"

    def ask(self, key):
        body = {"model": "m", "messages": [{"role": "user", "content": f"hi {key}"}]}
        urllib.request.urlopen(urllib.request.Request(
            self.weir.url + "/v1/chat/completions", json.dumps(body).encode(),
            {"content-type": "application/json", "authorization": f"Bearer {KEYS[key]}"}),
            timeout=20).read()

    def fill(self):
        """One request of `many`, and copies of its row."""
        for key in ("many", "few", "few", "others"):
            self.ask(key)
        self.rows()  # waits until they are in the store
        self.weir.stop()
        db = sqlite3.connect(self.state / "ledger.sqlite")
        names = [r[1] for r in db.execute("PRAGMA table_info(rows)") if r[1] != "uid"]
        have, uid = db.execute("SELECT count(*), min(uid) FROM rows WHERE uid IN"
                               " (SELECT uid FROM requests WHERE key='many')").fetchone()
        columns = ",".join(names)
        db.execute(f"WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < ?)"
                   f" INSERT INTO rows(uid, {columns})"
                   f" SELECT ? - (i << 22), {columns} FROM k JOIN rows ON uid = ?",
                   (MANY - have, uid, uid))
        db.commit()
        db.close()
        self.weir.start()

    def rows(self):
        self.weir.run("ledger", "--by", "key", "--state-dir", str(self.state))
        db = sqlite3.connect(f"file:{self.state}/ledger.sqlite?mode=ro", uri=True)
        n = dict(db.execute("SELECT key, count(*) FROM requests GROUP BY 1"))
        db.close()
        return n

    def delete(self, key):
        return subprocess.Popen(
            [WEIR, "ledger", "delete", "--key", key, "--why", f"why {key}",
             "--state-dir", str(self.state)], cwd=self.weir.folder, env=self.weir.env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def expect_said(self, process, rows):
        said, _ = process.communicate(timeout=60)
        self.assertEqual((process.returncode, said), (0, f"{rows} rows deleted.\n"))

    def orders(self):
        folder = self.state / "erase"
        return sorted(p.name for p in folder.glob("*.*")) if folder.exists() else []

    def until(self, what, said):
        deadline = time.monotonic() + 60
        while not what():
            self.assertLess(time.monotonic(), deadline, said)
            time.sleep(0.01)

    def told(self, key):
        lines = (self.state / "audit" / "chain").read_text().splitlines()
        found = [json.loads(line.split(" ", 1)[1]) for line in lines]
        return [r["rows"] for r in found if r["decision"] == "deleted"
                and r["what"] == f"ledger rows of key {key}"]

    def expect_done(self, had):
        self.until(lambda: not self.orders(), f"orders stay: {self.orders()}")
        self.assertEqual(self.rows(), {"others": had["others"]})
        for key in ("many", "few"):
            told = self.told(key)
            # Killed between the record and the note of it, the same is recorded again.
            self.assertIn(told, ([had[key]], [had[key]] * 2), key)
        self.assertEqual(self.weir.run("prove", "--state-dir", str(self.state)).returncode, 0)

    def test_a_weir_killed_in_the_middle_is_gone_on_from(self):
        chance = random.Random(11)
        for _ in range(ROUNDS):
            with self.subTest():
                self.setUp()
                self.weir.start()
                self.fill()
                had = self.rows()
                many, few = self.delete("many"), self.delete("few")
                self.until(lambda: len([n for n in self.orders() if n.endswith(".order")]) == 2
                           or few.poll() is not None, "no orders")
                # Who asks for much leaves, in half of the rounds before weir dies.
                is_left = chance.random() < 0.5
                time.sleep(chance.random())
                if is_left:
                    many.send_signal(signal.SIGINT)
                self.weir.kill()
                began = time.monotonic()
                self.expect_said(few, had["few"])
                if not is_left:
                    self.expect_said(many, MANY)
                    self.assertEqual(self.orders(), [])
                many.wait()
                self.assertLess(time.monotonic() - began, 60)
                self.weir.start()
                self.expect_done(had)
                self.weir.stop()
                self.doCleanups()

    def test_an_order_whose_asker_has_left_is_done_and_answers_nobody_else(self):
        self.weir.start()
        self.fill()
        had = self.rows()
        many = self.delete("many")
        self.until(lambda: self.told("many"), "it does not begin")
        many.send_signal(signal.SIGINT)
        many.wait()
        few = self.delete("few")
        self.expect_said(few, had["few"])
        self.expect_done(had)
        self.weir.stop()

    def test_killed_after_the_answer_the_next_weir_cleans_the_logs(self):
        self.weir.start()
        for key in ("few", "others"):
            self.ask(key)
        self.rows()
        self.until(lambda: (self.state / "ledger.backup").exists(), "no backup")
        self.expect_said(self.delete("few"), 1)
        self.weir.kill()
        self.weir.start()
        self.ask("others")  # a worker that writes has left its old file
        place = self.state / "ledger.backup"
        self.until(place.exists, "no backup")
        left = lambda: [p.name for p in self.state.rglob("*") if p.is_file() and
                        p.parent.name != "audit" and b"few" in p.read_bytes()]
        self.until(lambda: not left(), "it is left in a file")
        self.until(lambda: not (self.state / "erase" / "clean").exists(), "the mark stays")
        self.assertEqual(self.rows(), {"others": 2})
        self.weir.stop()

    def test_without_a_weir_several_wait_in_line(self):
        self.weir.start()
        self.fill()
        had = self.rows()
        self.weir.stop()
        both = {"many": self.delete("many"), "few": self.delete("few")}
        for key, process in both.items():
            self.expect_said(process, had[key])
        self.expect_done(had)

    def test_a_command_that_is_killed_is_gone_on_from_by_the_next_weir(self):
        self.weir.start()
        self.fill()
        had = self.rows()
        self.weir.stop()
        self.expect_said(self.delete("few"), had["few"])
        many = self.delete("many")
        self.until(lambda: self.told("many"), "it does not begin")
        many.kill()
        many.wait()
        self.weir.start()
        self.expect_done(had)
        self.weir.stop()


if __name__ == "__main__":
    unittest.main()
