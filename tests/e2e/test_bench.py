"""`weir bench` against an engine that keeps a diary and delays what it is told to delay.

Timings never decide: an answer cannot come sooner than it was sent, so only lower bounds
of what was measured are wanted."""
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import harness

WEIR = os.environ.get("WEIR", "")
MARK = re.compile(r"\[weir-bench (\d{8})\]")


class Engine:
    """Streams four chunks of two tokens each."""

    def __init__(self, first_s=0.0, gap_s=0.0, fails=(), stall=None, thinks=False,
                 drops=False, says=("ab ",) * 4, at_once=1000):
        self.places = threading.Semaphore(at_once)  # others wait for one
        self.says, self.first_s, self.gap_s, self.fails = says, first_s, gap_s, set(fails)
        self.stall, self.thinks, self.drops = stall, thinks, drops
        self.prompts, self.lock = [], threading.Lock()
        engine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.send_error(404)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                engine.answer(self, body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def answer(self, handler, body):
        with self.lock:
            number = len(self.prompts)
            prompt = "\n".join(str(m["content"]) for m in body["messages"])
            self.prompts.append(prompt)
        if self.drops:
            handler.close_connection = True
            return
        if number in self.fails:
            handler.send_error(500)
            return
        if self.stall and number >= self.stall[0]:
            with self.lock:  # everybody waits for the one that stalls
                if number == self.stall[0]:
                    time.sleep(self.stall[1])
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            with self.places:
                self.stream(handler.wfile, prompt)
        except OSError:
            pass  # it left
        handler.close_connection = True

    def stream(self, out, prompt):
        def event(**members):
            out.write(b"data: " + json.dumps(
                {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
                 **members}).encode() + b"\n\n")
            out.flush()

        def delta(**said):
            event(choices=[{"index": 0, "delta": said, "finish_reason": None}])

        delta(role="assistant", content="")
        time.sleep(self.first_s)
        says = self.says(prompt) if callable(self.says) else self.says
        for i, piece in enumerate(says):
            if i:
                time.sleep(self.gap_s)
            delta(**{"reasoning_content" if self.thinks and i < 2 else "content": piece})
        event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
        event(choices=[], usage={"prompt_tokens": 30, "completion_tokens": 8,
                                 "total_tokens": 38})
        out.write(b"data: [DONE]\n\n")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


STATE = tempfile.TemporaryDirectory()  # of runs that nobody looks for afterwards


def bench(*words, code=0, env=None, **more):
    done = subprocess.run([WEIR, "bench", *words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                          env={**os.environ, "XDG_STATE_HOME": STATE.name, **(env or {})},
                          timeout=120, **more)
    if done.returncode != code:
        raise AssertionError(f"weir bench {words} ended with {done.returncode}:\n"
                             f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    return done


def tables(text):
    """{table: its first row as {column: cell}}, and all the notes in one text."""
    found, notes = {}, []
    for section in json.loads(text)["sections"].values():
        for table in section["tables"]:
            found[table["id"]] = table["rows"][0]
        notes += section["notes"]
    return found, " ".join(notes)


class Bench(unittest.TestCase):
    def engine(self, **how):
        engine = Engine(**how)
        self.addCleanup(engine.stop)
        return engine

    def file(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "prompts.jsonl"
        path.write_text(text)
        return str(path)

    def test_no_answer_comes_sooner_than_it_was_sent(self):
        engine = self.engine(first_s=0.12, gap_s=0.04)
        done = bench(f"{engine.url}#m", "--local", "--requests", "4", "--json")
        found, _ = tables(done.stdout)
        self.assertGreaterEqual(float(found["ttft"]["mean"]), 120)
        self.assertGreaterEqual(float(found["ttft"]["cold"]), 120)
        self.assertGreater(float(found["streams"]["ITL p50"]), 0)
        self.assertGreater(float(found["streams"]["tokens/s"]), 0)
        self.assertEqual(found["load"]["requests"], "4")
        self.assertEqual(found["load"]["cost"], "not billed")
        self.assertEqual(len(engine.prompts), 5, "one warm-up")

    def test_the_same_trace_by_other_definitions(self):
        engine = self.engine(first_s=0.1)
        seen = {}
        for tool in ("weir", "vllm", "aiperf", "guidellm", "llmperf"):
            done = bench(f"{engine.url}#m", "--local", "--requests", "2", "--as", tool,
                         "--json")
            found, notes = tables(done.stdout)
            self.assertIn(f"Definitions: {tool}'s.", notes)
            seen[tool] = float(found["ttft"]["p50"])
        for tool in ("weir", "aiperf", "guidellm", "llmperf"):
            self.assertGreaterEqual(seen[tool], 100, tool)
        # The event that says only who speaks comes at once, and counts for vLLM alone.
        self.assertLess(seen["vllm"], seen["weir"])

    def test_thoughts_are_told_from_what_is_seen(self):
        engine = self.engine(gap_s=0.05, thinks=True)
        done = bench(f"{engine.url}#m", "--local", "--requests", "2", "--json")
        found, _ = tables(done.stdout)
        self.assertGreaterEqual(float(found["streams"]["visible p50"]), 100)
        self.assertLess(float(found["ttft"]["p50"]),
                        float(found["streams"]["visible p50"]))

    def test_each_prompt_differs_unless_it_may_be_cached(self):
        engine = self.engine()
        bench(f"{engine.url}#m", "--local", "--requests", "12")
        marks = [MARK.search(p) for p in engine.prompts]
        self.assertTrue(all(marks))
        self.assertEqual(len({m.group(1) for m in marks}), 13)
        engine.prompts.clear()
        _, notes = tables(bench(f"{engine.url}#m", "--local", "--requests", "3",
                                "--same-prompts", "--json").stdout)
        self.assertFalse(any(MARK.search(p) for p in engine.prompts))
        self.assertIn("repeated as they are", notes)

    def test_failures_are_counted_by_their_reason(self):
        engine = self.engine(fails=(2, 4))
        found, notes = tables(bench(f"{engine.url}#m", "--local", "--requests", "6",
                                    "--json").stdout)
        self.assertEqual((found["load"]["requests"], found["load"]["failed"]), ("4", "2"))
        self.assertRegex(notes, r"2 failed with \w+")
        dead = self.engine(fails=range(100))
        done = bench(f"{dead.url}#m", "--local", "--requests", "3", code=1)
        self.assertIn("No request was answered", done.stdout)

    def test_a_trace_has_the_stamps_of_each_request(self):
        engine = self.engine(first_s=0.05, gap_s=0.02, fails=(2,))
        path = Path(self.file("")).with_name("trace.jsonl")
        began = time.monotonic_ns() // 1000
        bench(f"{engine.url}#m", "--local", "--requests", "3", "--trace", str(path))
        ended = time.monotonic_ns() // 1000
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        self.assertEqual([t["end"] for t in lines], ["done", "done", "failed", "done"])
        self.assertEqual([t["is_warmup"] for t in lines], [True, False, False, False])
        self.assertEqual({f"{t['number']:08d}" for t in lines},
                         {MARK.search(p).group(1) for p in engine.prompts})
        for t in lines:
            stamps = [t["start_us"], *(at for at, _, _ in t["events"]), t["end_us"]]
            self.assertEqual(stamps, sorted(stamps))
            self.assertLess(began, stamps[0])
            self.assertLess(stamps[-1], ended)
        kinds = [kind for _, kind, _ in lines[0]["events"]]
        self.assertEqual(kinds, ["opening"] + 4 * ["text"] + ["finish", "usage"])
        texts = [at for at, kind, _ in lines[0]["events"] if kind == "text"]
        self.assertGreaterEqual(texts[-1] - texts[0], 60000)
        self.assertEqual((lines[2]["status"], lines[2]["events"]), (500, []))
        nowhere = bench(f"{engine.url}#m", "--local", "--trace", "/nowhere/x", code=2)
        self.assertIn("cannot write /nowhere/x", nowhere.stderr)

    def test_a_sweep_tells_its_knee(self):
        engine = self.engine(first_s=0.3, at_once=2)
        done = bench(f"{engine.url}#m", "--local", "--sweep", "--requests", "2", "--slo",
                     "ttft=100000", "--json")
        found, _ = tables(done.stdout)
        self.assertEqual((found["knee"]["knee"], found["knee"]["limits kept"]),
                         ("2 at once", "at all"))
        self.assertIn("Knee: 2 at once", json.loads(done.stdout)["answer"])
        charts = [c for s in json.loads(done.stdout)["sections"].values()
                  for c in s["charts"] if c["id"] == "sweep_chart"]
        self.assertEqual(charts[0]["series"][0]["x"], [1, 2, 4])
        self.assertIn("2 at once", bench(f"{engine.url}#m", "--local", "--sweep",
                                         "--requests", "2").stdout)

    def test_a_target_that_dies_in_a_sweep(self):
        engine = self.engine(fails=range(3, 1000))
        found, notes = tables(bench(f"{engine.url}#m", "--local", "--sweep", "--requests",
                                    "2", "--slo", "ttft=100000", "--json").stdout)
        self.assertEqual((found["knee"]["knee"], found["knee"]["limits kept"]),
                         ("1 at once", "up to 1"))
        self.assertRegex(notes, r"5 failed with \w+")

    def test_results_are_kept_and_stand_before_estimates(self):
        engine = self.engine(first_s=0.02, gap_s=0.01)
        with tempfile.TemporaryDirectory() as folder:
            env = {"XDG_STATE_HOME": f"{folder}/state"}
            self.assertIn("Nothing is kept yet", bench("--list", env=env).stdout)
            for n in (2, 3):
                bench(f"{engine.url}#qwen2.5:7b", "--local", "--requests", str(n),
                      "--concurrency", "1,2", env=env)
            bench(f"{engine.url}#qwen2.5:7b", "--local", "--requests", "2", "--as", "vllm",
                  env=env)
            path = Path(folder) / "state/weir/bench.jsonl"
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            self.assertNotIn("weir-bench", path.read_text(), "no word of a prompt")
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            self.assertEqual([r["id"] for r in rows], [1, 2, 3, 4, 5])
            self.assertEqual([r["streams"] for r in rows], [1, 2, 1, 2, 1])
            self.assertEqual({r["side"] for r in rows}, {"local"})
            listed, _ = tables(bench("--list", "--json", env=env).stdout)
            self.assertEqual((listed["kept"]["id"], listed["kept"]["model"]),
                             ("1", "qwen2.5:7b"))
            shown = bench("--show", "3", "--json", env=env).stdout
            value = json.loads(shown)["sections"]["run"]["values"]["stream_speed"]
            self.assertAlmostEqual(float(value["value"]), rows[2]["stream_tok_s"], 3)
            self.assertIn("no run 77", bench("--show", "77", env=env, code=2).stderr)

            def ask(*words):
                done = subprocess.run([WEIR, *words], env={**os.environ, **env}, text=True,
                                      capture_output=True, timeout=60, check=False)
                return done.stdout + done.stderr
            today = time.strftime("%Y-%m-%d", time.gmtime())
            fit = ask("fit", "qwen2.5:7b")
            self.assertRegex(fit, r"measured here +\d+ tok/s")
            self.assertIn(f"run 3, qwen2.5:7b on target, {today}", fit)
            self.assertNotIn("measured here", ask("fit", "qwen2.5:7b", "--device",
                                                  "RTX 4090"))
            self.assertNotIn("measured here", ask("fit", "llama-3.1-8b"))
            planned = ask("plan", "--model", "gpt-4o-mini", "--requests-per-day", "100",
                          "--input-tokens", "500", "--output-tokens", "200", "--local-model",
                          "qwen2.5:7b", "--load-watts", "100", "--capex",
                          "1000")
            self.assertIn(f"weir bench, one stream on this machine, {today}",
                          " ".join(planned.split()))

    def test_routing_reads_what_was_measured(self):
        slow, soon = self.engine(first_s=0.5), self.engine()
        weir = harness.Weir(
            "policy: seed-table\nengines:\n"
            f"  - {{name: box, kind: openai, side: local, url: \"{slow.url}\", "
            "models: [{name: small}]}\n"
            f"  - {{name: far, kind: openai, side: cloud, url: \"{soon.url}\", "
            "models: [{name: cheap, price: openai/gpt-4o}]}\n"
            "roles: {local_small: box/small, cloud_cheap: far/cheap}\n")
        self.addCleanup(weir.remove)

        def route():
            done = weir.run("route", "-c", "weir.yaml", "--latency-ms", "400", "--stream",
                            "--sensitivity", "public", "--json", "hello")
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout)
        self.assertEqual(route()["engine"], "box")
        bench("-c", "weir.yaml", "box", "far", "--requests", "3", "--yes", cwd=weir.folder)
        kept = [json.loads(line) for line in
                (weir.folder / "state/bench.jsonl").read_text().splitlines()]
        self.assertEqual([(r["engine"], r["side"]) for r in kept],
                         [("box", "local"), ("far", "cloud")])
        if kept[1]["ttft_ms_p50"] > 399:
            self.skipTest("this machine is too busy: the engine that answers at once took "
                          f"{kept[1]['ttft_ms_p50']} ms")
        decided = route()
        self.assertEqual(decided["engine"], "far")
        self.assertIn("by weir bench", json.dumps(decided["reasons"]))
        weir.start()
        asked = urllib.request.Request(
            f"{weir.url}/v1/chat/completions",
            json.dumps({"model": "auto", "stream": True, "messages": [
                {"role": "user", "content": "hello"}]}).encode(),
            {"Content-Type": "application/json", "x-weir-latency-ms": "400",
             "x-weir-sensitivity": "public"})
        with urllib.request.urlopen(asked, timeout=harness.PATIENCE_S) as answer:
            self.assertEqual(answer.headers["x-weir-side"], "cloud")
            self.assertIn("by weir bench", answer.headers["x-weir-reason"])
        weir.stop()

    def test_a_clock_that_is_set_changes_no_duration(self):
        """By an hour, forward and back, with every prompt that comes."""
        with tempfile.TemporaryDirectory() as folder:
            wall, state = Path(folder) / "wall", Path(folder) / "state"
            wall.write_bytes(bytes(8))

            def says(_):
                hours = -1 if len(engine.prompts) % 2 else 1
                with open(wall, "r+b") as f:
                    f.write((hours * 3600000).to_bytes(8, "little", signed=True))
                return ("ab ",) * 4
            engine = self.engine(first_s=0.01, gap_s=0.01, says=says)
            env = {"WEIR_WALL_FILE": str(wall), "XDG_STATE_HOME": str(state)}
            for load in (("--concurrency", "2"), ("--rate", "50")):
                began = time.monotonic()
                bench(f"{engine.url}#m", "--local", "--requests", "12", *load, env=env)
                took_ms = 1000 * (time.monotonic() - began)
                row = json.loads((state / "weir/bench.jsonl").read_text().splitlines()[-1])
                for figure in ("ttft_cold_ms", "ttft_ms_p50", "ttft_ms_p99", "itl_ms_p99"):
                    self.assertGreater(row[figure], 0, figure)
                    self.assertLess(row[figure], took_ms, figure)
                self.assertGreater(row["ttft_ms_p50"], 9)
                self.assertGreater(row["all_tok_s"], 0)
                self.assertLess(row["stream_tok_s"], 7 / 0.03 + 1)

    def test_energy_is_counted_where_the_machine_tells_it(self):
        engine = self.engine(first_s=1.5)
        with tempfile.TemporaryDirectory() as folder:
            zone = Path(folder) / "intel-rapl:0"
            zone.mkdir()
            for name, text in (("name", "package-0"), ("max_energy_range_uj", "4000000000"),
                               ("energy_uj", "3999000000")):
                (zone / name).write_text(text)
            smi = Path(folder) / "nvidia-smi"
            smi.write_text("#!/bin/sh\nwhile echo '0, 250.00'; do sleep 0.1; done\n")
            smi.chmod(0o755)

            def draw():  # 1,001 J, of which the counter holds 1 J before it begins anew
                while len(engine.prompts) < 2:
                    time.sleep(0.01)
                time.sleep(0.2)
                (zone / "energy_uj").write_text("1000000000")
            drawer = threading.Thread(target=draw)
            drawer.start()
            done = bench(f"{engine.url}#m", "--local", "--requests", "1", "--json",
                         env={"WEIR_POWERCAP": folder,
                              "PATH": f"{folder}:{os.environ['PATH']}"})
            drawer.join()
        found, _ = tables(done.stdout)
        energy = found["energy"]
        self.assertEqual(energy["counted by"], "RAPL (1 package), nvidia-smi (1 card)")
        self.assertGreaterEqual(float(energy["joules"]), 1001 + 1.5 * 250 - 1)
        self.assertEqual(energy["idle watts"], "250")
        self.assertAlmostEqual(float(energy["J/token"]), float(energy["joules"]) / 8,
                               delta=1)

    def test_without_a_meter_energy_is_unknown(self):
        engine = self.engine()
        found, _ = tables(bench(f"{engine.url}#m", "--local", "--requests", "1", "--json",
                                env={"WEIR_POWERCAP": "/nowhere"}).stdout)
        if "nvidia-smi" in found["energy"]["counted by"] and \
                found["energy"]["joules"] != "unknown":
            self.skipTest("a card of this machine tells its watts")
        self.assertEqual({found["energy"][c] for c in ("joules", "watts", "J/token")},
                         {"unknown"})
        self.assertIn("nobody: this machine has neither", found["energy"]["counted by"])

    def test_a_stall_is_in_the_figures_of_an_open_loop(self):
        engine = self.engine(stall=(3, 1.5))
        found, notes = tables(bench(f"{engine.url}#m", "--local", "--rate", "20",
                                    "--requests", "40", "--json").stdout)
        self.assertEqual(found["load"]["requests"], "40")
        self.assertGreaterEqual(float(found["ttft"]["p99"]), 1400)
        self.assertIn("constant", found["ttft"]["workload"])
        self.assertIsInstance(notes, str)

    def test_what_may_cost_money_asks_first(self):
        engine = self.engine()
        done = bench(f"{engine.url}#m", "--requests", "3", code=2)
        self.assertIn("--yes", done.stderr)
        self.assertIn("price is not known", done.stderr)
        self.assertEqual(engine.prompts, [], "nothing was sent")
        done = bench(f"{engine.url}#m", "--requests", "3", "--max-usd", "1", "--yes",
                     code=2)
        self.assertIn("--max-usd cannot be kept", done.stderr)
        self.assertEqual(engine.prompts, [])
        bench(f"{engine.url}#m", "--requests", "3", "--yes")
        self.assertEqual(len(engine.prompts), 4)

    def priced(self, engine):
        weir = harness.Weir(
            "engines:\n"
            f"  - {{name: far, kind: openai, side: cloud, url: \"{engine.url}\", "
            "models: [{name: m, price: openai/gpt-4o}]}\n")
        self.addCleanup(weir.stop)
        return str(weir.folder / "weir.yaml")

    def test_a_budget_is_kept(self):
        engine = self.engine()
        path = self.priced(engine)
        words = ["-c", path, "far", "--requests", "50", "--yes"]
        found, notes = tables(bench(*words, "--max-usd", "0.006", "--json").stdout)
        self.assertIn("--max-usd would not have covered", notes)
        self.assertLess(len(engine.prompts), 50)
        self.assertGreater(len(engine.prompts), 1)
        self.assertLessEqual(float(found["load"]["cost"].lstrip("$")), 0.006)
        self.assertEqual(bench(*words, "--max-usd", "0", code=1).returncode, 1)

    def test_what_the_cloud_is_sent_has_its_records(self):
        engine = self.engine()
        path = self.priced(engine)
        done = bench("-c", path, "far", "--requests", "3", "--yes", "--json")
        found, notes = tables(done.stdout)
        self.assertEqual((found["load"]["requests"], found["load"]["failed"]), ("3", "0"))
        self.assertIn("asked through weir", notes)
        self.assertRegex(found["load"]["cost"], r"^\$0\.0")
        state = str(Path(path).parent / "state")
        ledger = subprocess.run([WEIR, "ledger", "--json", "--state-dir", state], text=True,
                                capture_output=True, timeout=60, check=True)
        rows = [json.loads(line) for line in ledger.stdout.splitlines()]
        self.assertEqual([(r["engine"], r["outcome"], r["tokens"]["output"]) for r in rows],
                         4 * [("far", "ok", 8)])
        proof = subprocess.run([WEIR, "prove", "--state-dir", state], text=True,
                               capture_output=True, timeout=60, check=False)
        self.assertIn("records, whole", proof.stdout)
        self.assertIn("Left     4 as they were", proof.stdout)
        self.assertEqual(len(engine.prompts), 4)

    def test_where_no_record_can_be_written_nothing_is_sent(self):
        engine = self.engine()
        path = self.priced(engine)
        (Path(path).parent / "state").write_text("a file where the folder should be")
        done = bench("-c", path, "far", "--requests", "3", "--yes", code=1)
        self.assertIn("No request was answered", done.stdout)
        self.assertEqual(engine.prompts, [])

    def test_a_request_that_got_no_answer_may_have_cost_something(self):
        engine = self.engine(drops=True)
        path = self.priced(engine)
        bench("-c", path, "far", "--requests", "50", "--yes", "--max-usd", "0.012", code=1)
        self.assertLess(len(engine.prompts), 10, "each is counted at its worst")
        self.assertGreater(len(engine.prompts), 1)

    def test_what_must_stay_is_not_sent(self):
        engine = self.engine()
        path = self.file('{"prompt": "Say hello."}\n'
                         '{"prompt": "password = \\"hunter2-Quokka!9\\", is it weak?"}\n')
        done = bench("-c", self.priced(engine), "far", "--workload", path, "--yes",
                     code=1)
        self.assertIn("prompt 2 of the workload", done.stderr)
        self.assertIn("may not leave", done.stderr)
        self.assertNotIn("hunter2", done.stderr)
        self.assertEqual(engine.prompts, [])

    def test_ctrl_c_prints_what_there_is(self):
        engine = self.engine(gap_s=0.02)
        process = subprocess.Popen([WEIR, "bench", f"{engine.url}#m", "--local",
                                    "--requests", "100000", "--json", "--state-dir",
                                    STATE.name],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        deadline = time.monotonic() + harness.PATIENCE_S
        while len(engine.prompts) < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=harness.PATIENCE_S)
        self.assertEqual(process.returncode, 0, err)
        found, notes = tables(out)
        self.assertGreaterEqual(int(found["load"]["requests"]), 3)
        self.assertIn("the run was stopped", notes)

    def test_the_ledger_tells_the_same_of_real_traffic(self):
        engine = self.engine(first_s=0.05, gap_s=0.01)
        weir = harness.Weir(
            f"engines:\n  - {{name: box, kind: openai, side: local, url: \"{engine.url}\", "
            "models: [{name: m}]}\n").start()
        self.addCleanup(weir.stop)
        for streamed in (True, True, True, False):
            body = json.dumps({"model": "m", "stream": streamed, "messages": [
                {"role": "user", "content": "hello"}]}).encode()
            asked = urllib.request.Request(f"{weir.url}/v1/chat/completions", body,
                                           {"Content-Type": "application/json"})
            urllib.request.urlopen(asked, timeout=harness.PATIENCE_S).read()
        weir.stop()
        words = [WEIR, "ledger", "--latency", "--state-dir", str(weir.folder / "state")]
        line = json.loads(subprocess.check_output([*words, "--json"], text=True))
        self.assertEqual((line["engine"], line["model"], line["side"], line["legs"],
                          line["streamed"], line["after_pause"]),
                         ("box", "m", "local", 4, 3, 1))
        self.assertGreaterEqual(line["ttft_ms_p50"], 50)
        self.assertGreaterEqual(line["ttft_ms_after_pause_p50"], 50)
        self.assertGreater(line["tokens_per_s_p50"], 0)
        table = subprocess.check_output(words, text=True)
        self.assertIn("p50 cold", table)
        self.assertRegex(table, r"local +m +3 ")

    def test_faults_name_their_place(self):
        bad = self.file('{"prompt": "a"}\n{"prompt": 5}\n')
        for words, wanted in (
                (["http://127.0.0.1:9/v1"], "#MODEL"),
                (["http://127.0.0.1:9/v1#m", "--local", "--workload", bad],
                 f"{bad}:2: 'prompt' is a text"),
                (["--workload", "poem"], "no workload is called 'poem'"),
                (["--rate", "0"], "--rate is requests a second"),
                (["--sweep", "--concurrency", "2"], "leave one of the two out"),
                (["--slo", "fast"], "ttft=200"),
                (["--as", "wrk"], "not 'wrk'")):
            done = bench(*words, code=2)
            self.assertIn(wanted, done.stderr)


if __name__ == "__main__":
    unittest.main()
