"""What older weirs left is read by this one, and no row of it is lost.

tests/fixtures/ledger has state directories as weir 0.1.0 (store of format 1) and 0.1.1
(format 2) left them when they were killed, and what these weirs printed of them.  They are
brought to this weir's format with rows and sums as they were; from the backup and from the
logs alone too.  Killed at any moment on the way, it goes on, and the result is the same.  What a
newer weir wrote is refused and stays as it is.

WEIR_FORMATS_KILLS says how many kills (24), WEIR_FORMATS_DAMAGES how many damaged states (25)."""
import fcntl
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import time
import unittest

WEIR = os.environ.get("WEIR", "build-test/weir")
KILLS = int(os.environ.get("WEIR_FORMATS_KILLS", "24"))
DAMAGES = int(os.environ.get("WEIR_FORMATS_DAMAGES", "25"))
FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "ledger"
FORMATS = {"0.1.0": 1, "0.1.1": 2}
# Sums that a request without a LEG record of its own cannot have.
COUNTS = ("requests", "ok", "error", "refused", "cancelled", "interrupted", "input_tokens",
          "cached_tokens", "output_tokens", "reasoning_tokens", "cost_nanousd",
          "requests_with_unknown_cost", "failed_attempts", "local_after_cloud",
          "request_bytes", "answer_bytes")
TABLES = {"rows": "uid", "more_legs": "uid, n", "rollup": "hour, key, engine, model, policy, bits",
          "strings": "id", "words": "kind, code"}


def run(state, *words, weir=WEIR):
    part = [w for w in words[:1] if not w.startswith("-")]  # right behind the verb
    done = subprocess.run([weir, "ledger", *part, "--state-dir", str(state),
                           *words[len(part):]],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def dump(state):
    db = sqlite3.connect(state / "ledger.sqlite")
    all_of = {t: db.execute(f"SELECT * FROM {t} ORDER BY {by}").fetchall()
              for t, by in TABLES.items()}
    db.close()
    # A group whose rows have all moved to another one is nothing.
    all_of["rollup"] = [r for r in all_of["rollup"] if any(r[6:])]
    return all_of


def add_up(test, state):
    """Legs, rows and hourly sums agree to the nano-dollar, for every engine, model and side."""
    db = sqlite3.connect(state / "ledger.sqlite")
    legs, sums = {}, {}
    for e, m, side, cost, tokens in db.execute(
            "SELECT engine, model, side, cost_nanousd, input FROM legs"):
        s = legs.setdefault((e, m, side), [0, 0, 0])
        s[0] += cost or 0
        s[1] += cost is None
        s[2] += tokens or 0
    for e, m, side, *values in db.execute(
            "SELECT (SELECT text FROM strings WHERE id=engine),"
            " (SELECT text FROM strings WHERE id=model), iif(bits & 1, 'cloud', 'local'),"
            " sum(cost_nanousd), sum(cost_unknown), sum(input) FROM rollup"
            " WHERE bits & 2 GROUP BY 1, 2, 3"):
        if any(values) or (e, m, side) in legs:
            sums[e, m, side] = values
    test.assertEqual(legs, sums)
    for uid, cost, of_legs, n, known in db.execute(
            "SELECT r.uid, r.cost_nanousd, sum(l.cost_nanousd), count(*), count(l.cost_nanousd)"
            " FROM rows r JOIN legs l USING(uid) GROUP BY 1"):
        test.assertEqual(cost, of_legs if n == known else None, uid)
    test.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    db.close()


class Formats(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-formats-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def state_of(self, version, name="state"):
        to = self.folder / name
        shutil.copytree(FIXTURES / version / "state", to)
        return to

    def expect_rows(self, version, text):
        want = lines((FIXTURES / version / "rows.json").read_text())
        got = lines(text)
        for w in want:  # 0.1.0 knew one id of a request
            w["client_id"] = w.get("client_id", w["id"] if not w["id"].startswith("wr-") else None)
        self.assertEqual([r["client_id"] or r["id"] for r in got],
                         [r["client_id"] or r["id"] for r in want])
        for g, w in zip(got, want):
            for name, value in w.items():
                if name == "id" and version == "0.1.0":
                    continue
                # 0.1.0 took the cloud's part of a request that ended locally for nothing.
                if version == "0.1.0" and w["outcome"] == "interrupted" and \
                        name in ("cost_nanousd", "at_cloud"):
                    continue
                mine = g[name]
                if name == "ttft_ms" and not w["stream"]:
                    value = None  # a whole answer has no first token
                if name == "tokens":
                    mine = {k: v for k, v in mine.items() if k in value}
                self.assertEqual(mine, value, (version, w["id"], name))
            costs = [leg["cost_nanousd"] for leg in g["legs"]]
            for leg in g["legs"]:  # what nobody knows is not said to be 0
                is_last = leg is g["legs"][-1]
                self.assertEqual("tokens" in leg, is_last and g["outcome"] != "interrupted", g)
            self.assertEqual(g["cost_nanousd"], None if None in costs else sum(costs))
            self.assertEqual([leg["n"] for leg in g["legs"]],
                             sorted({leg["n"] for leg in g["legs"]}))

    def expect_sums(self, version, state, is_from_log=False):
        code, out, _ = run(state, "--by", "side", "--by", "engine", "--by", "model", "--json")
        self.assertEqual(code, 0)
        want, got = lines((FIXTURES / version / "sums.json").read_text()), lines(out)
        names = ("side", "engine", "model")
        known = {tuple(g[n] for n in names): g for g in got}
        for w in want:
            g = known.pop(tuple(w[n] for n in names))
            for name in COUNTS:
                # The log of 0.1.0 has the cloud's part that its store forgot.
                is_more = version == "0.1.0" and is_from_log
                if name in w and not (is_more and name == "requests_with_unknown_cost"):
                    self.assertEqual(g[name], w[name], (version, w["engine"], name))
        if version == "0.1.1":
            self.assertEqual(known, {})

    def locked(self, text):
        """An old store whose lock another process has, which says this of itself."""
        state = self.state_of("0.1.1", "locked")
        lock = open(state / "lock", "w", encoding="utf-8")
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(text)
        lock.flush()
        code, out, err = run(state)
        self.assertEqual((code, out), (1, ""))
        shutil.rmtree(state)
        return err

    def test_who_reads_while_the_format_changes_is_told_how_far_it_is(self):
        for doing, said in (("failed attempts become legs: 3 of 9", " (failed attempts become "
                             "legs: 3 of 9)"), ("", "")):
            err = self.locked(f"1\nformat 3\n{doing}\n")
            self.assertRegex(err, "is being brought from format 2 to 3, which this weir reads" +
                             re.escape(said) + ": wait")
            self.assertNotIn("older", err)
        err = self.locked("1\n")
        self.assertIn("the running weir is an older one", err)

    def test_several_who_read_an_old_store_at_once_all_read_it(self):
        state = self.state_of("0.1.1")
        all_of = [subprocess.Popen([WEIR, "ledger", "--json", "--state-dir", str(state)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                  for _ in range(4)]
        known = {r["id"] for r in lines((FIXTURES / "0.1.1" / "rows.json").read_text())}
        for process in all_of:
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, err)
            # What was open when weir died may just be about to be settled by another.
            got = {r["id"] for r in lines(out)}
            self.assertTrue(got and got <= known, got)
        self.expect_rows("0.1.1", run(state, "--json")[1])

    def test_a_store_of_an_older_format_keeps_every_row_and_sum(self):
        for version, number in FORMATS.items():
            state = self.state_of(version, version)
            code, out, err = run(state, "--rows", "--json")
            self.assertEqual(code, 0, err)
            self.assertIn(f"format {number}", err)
            self.expect_rows(version, out)
            self.expect_sums(version, state)
            add_up(self, state)
            kept = state / f"ledger.sqlite.format-{number}"
            db = sqlite3.connect(kept)
            self.assertEqual(db.execute("PRAGMA user_version").fetchone(), (number,))
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            db.close()
            before = dump(state)
            code, again, err = run(state, "--rows", "--json")
            self.assertEqual((code, again), (0, out))
            self.assertNotIn("format", err)
            self.assertEqual(dump(state), before)

    def test_the_old_backup_and_the_old_logs_give_the_same_rows(self):
        for version in FORMATS:
            for gone in (("ledger.sqlite", "ledger.sqlite-wal"),
                         ("ledger.sqlite", "ledger.sqlite-wal", "ledger.backup")):
                state = self.state_of(version, f"{version}-{len(gone)}")
                for name in gone:
                    (state / name).unlink(missing_ok=True)
                is_backed = (state / "ledger.backup").exists()
                code, out, err = run(state, "--rows", "--json")
                self.assertEqual(code, 0, err)
                self.expect_rows(version, out)
                self.expect_sums(version, state, is_from_log=not is_backed)
                add_up(self, state)

    def grown(self, version, times):
        """The store with each of its rows many times, so that it takes a while."""
        state = self.state_of(version, "grown")
        db = sqlite3.connect(state / "ledger.sqlite")
        names = [r[1] for r in db.execute("PRAGMA table_info(rows)") if r[1] != "uid"]
        columns = ", ".join(names)
        sums = [r[1] for r in db.execute("PRAGMA table_info(rollup)")]
        db.execute("CREATE TEMP TABLE k AS WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL"
                   f" SELECT i + 1 FROM k WHERE i < {times - 1}) SELECT i FROM k")
        db.execute(f"INSERT INTO rows(uid, {columns}) SELECT uid + (i << 36), {columns}"
                   " FROM rows, k")
        if FORMATS[version] == 2:
            db.execute("INSERT INTO spent SELECT uid + (i << 36), n, engine, model, side,"
                       " cost_nanousd FROM spent, k")
        db.execute("UPDATE rollup SET " + ", ".join(f"{c}={c}*{times}" for c in sums[6:]))
        db.commit()
        db.close()
        return state

    def test_killed_at_any_moment_it_goes_on_and_ends_the_same(self):
        start = self.grown("0.1.1", 800)
        whole = self.folder / "whole"
        shutil.copytree(start, whole)
        began = time.monotonic()
        self.assertEqual(run(whole)[0], 0)
        took = time.monotonic() - began
        want = dump(whole)
        add_up(self, whole)
        rng = random.Random(7)
        kills = 0
        while kills < KILLS:
            state = self.folder / f"killed-{kills}"
            shutil.copytree(start, state)
            for _ in range(4):
                process = subprocess.Popen([WEIR, "ledger", "--state-dir", str(state)],
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(rng.random() * took)
                process.kill()
                process.wait()
                kills += 1
            self.assertEqual(run(state)[0], 0)
            self.assertEqual(dump(state), want)
            kept = sorted(p.name for p in state.glob("ledger.sqlite.format-*"))
            self.assertEqual([n for n in kept if not n.endswith(".new")], ["ledger.sqlite.format-2"])
            shutil.rmtree(state)

    def damage(self, rng, path):
        b = bytearray(path.read_bytes())
        kind, at = rng.randrange(4), rng.randrange(len(b))
        if kind == 0:
            for _ in range(rng.randint(1, 20)):
                b[rng.randrange(len(b))] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del b[at:]
        elif kind == 2:
            b[at:at + 2000] = bytes(len(b[at:at + 2000]))
        else:
            b[at:at] = rng.randbytes(rng.randint(1, 64))
        path.write_bytes(bytes(b))

    def test_damage_of_any_file_costs_rows_and_never_makes_them_wrong(self):
        for seed in range(DAMAGES):
            rng = random.Random(seed)
            state = self.state_of(rng.choice(list(FORMATS)), f"damaged-{seed}")
            files = sorted(p for p in state.rglob("*") if p.is_file())
            for path in rng.sample(files, rng.randint(1, len(files))):
                self.damage(rng, path)
            for _ in range(2):
                code, out, err = run(state, "--rows", "--json")
                self.assertIn(code, (0, 1), (seed, err))
                self.assertNotIn("Sanitizer", err, seed)
                rows = lines(out)
                self.assertEqual(len({r["id"] for r in rows}), len(rows), seed)
                for r in rows:
                    costs = [leg["cost_nanousd"] for leg in r["legs"]]
                    if costs:
                        self.assertEqual(r["cost_nanousd"], None if None in costs else sum(costs),
                                         (seed, r["id"]))

    def newer(self, state, stamp):
        db = sqlite3.connect(state / "ledger.sqlite")
        db.execute(f"PRAGMA user_version={stamp}")
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def expect_refused(self, state, what):
        before = {p.name: p.read_bytes() for p in sorted(state.rglob("*.log"))}
        before["store"] = (state / "ledger.sqlite").read_bytes()
        (self.folder / "weir.yaml").write_text(
            f"listen: 127.0.0.1:0\nstate_dir: {state}\nengines:\n"
            "  - {name: home, kind: openai, side: local, url: 'http://127.0.0.1:9/v1',"
            " models: [{name: n}]}\n")
        serve = subprocess.run([WEIR, "serve", "-c", str(self.folder / "weir.yaml")],
                               capture_output=True, text=True, timeout=30, check=False)
        self.assertNotEqual(serve.returncode, 0)
        self.assertIn(what, serve.stderr)
        self.assertIn("newer weir", serve.stderr)
        for words in ((), ("--rows",), ("--by", "side", "--json"), ("rebuild",),
                      ("delete", "--key", "laptop", "--why", "test")):
            code, _, err = run(state, *words)
            self.assertNotEqual(code, 0, words)
            self.assertIn("newer weir", err, words)
        after = {p.name: p.read_bytes() for p in sorted(state.rglob("*.log"))}
        after["store"] = (state / "ledger.sqlite").read_bytes()
        self.assertEqual(after, before)
        self.assertEqual(list(state.glob("*.aside-*")), [])

    def test_a_store_of_a_newer_weir_is_refused_and_left_alone(self):
        for stamp in (-4, 7):
            state = self.state_of("0.1.1", f"newer{stamp}")
            self.assertEqual(run(state)[0], 0)
            self.newer(state, stamp)
            self.expect_refused(state, f"format {abs(stamp)}")

    def test_a_log_of_a_newer_weir_is_refused_and_left_alone(self):
        state = self.state_of("0.1.1")
        self.assertEqual(run(state)[0], 0)
        head = b"weirlog\n" + struct.pack("<IIIQ", 3, 0, 99, 1795000000000)
        (state / "log" / "w0-00000099.log").write_bytes(head + struct.pack("<I", crc32c(head)))
        self.expect_refused(state, "version 3")

    def test_without_room_for_the_copy_nothing_is_changed(self):
        # A copy cannot be made where nothing may be created.
        if os.geteuid() == 0:
            state = self.state_of("0.1.1")
            for i in range(1, 100):
                name = "ledger.sqlite.format-2" + (f".{i}" if i > 1 else "")
                (state / name).write_text("another")
            code, _, err = run(state)
            self.assertIn("too many copies", err)
            db = sqlite3.connect(state / "ledger.sqlite")
            self.assertEqual(db.execute("PRAGMA user_version").fetchone(), (2,))
            db.close()
            self.assertEqual(code, 1)


def crc32c(data):
    crc = 0xFFFFFFFF
    for b in data:
        crc ^= b
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
