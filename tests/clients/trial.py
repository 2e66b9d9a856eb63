"""trial.py -- one weir, its two engines, and what became of each client's cells."""
import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import recipes
from cells import CELLS
from engine import Engine
from harness import WEIR, Weir

PATIENCE_S, WIDTH = 600, 30
EXPECTED_ERRORS = {
    # cell: HTTP statuses, a word of the text
    "unknown": ({404}, "nope"),
    "held": ({400}, "confidential"),
    "key": ({401, 400}, "key"),  # the latter is Google's
    "broken": (set(), ""),
    "context": ({400}, "maximum context length"),
}


class Trial:
    def __init__(self, config, key, is_loud=False, engines=None, cells=CELLS):
        self.local, self.cloud = engines or (Engine(), Engine())
        self.cells = cells
        digest = hashlib.sha256(key.encode()).hexdigest()
        text = config.format(local=self.local.url, cloud=self.cloud.url)
        if key:
            text += f'keys: [{{name: clients, hash: "sha256:{digest}"}}]\n'
        self.weir = Weir(text).start()
        self.key, self.is_loud = key, is_loud
        self.table, self.notes, self.skipped = {}, [], []
        self.where = "".join(f" {e.speaks[:4]}" for e in engines or ())

    def end(self):
        self.weir.stop()
        self.weir.remove()
        for engine in (self.local, self.cloud):
            engine.end()

    # -- one client ---------------------------------------------------------------

    def run(self, client, build):
        reason = client.why_not(build)
        if reason:
            self.skipped.append((client.name, reason))
            print(f"SKIPPED {client.name}: {reason}", flush=True)
            return
        before = len(self.rows())
        lines = self.say(client, build)
        row = {cell: self.judge(client, cell, lines.get(cell)) if cell in self.cells else "-"
               for cell in CELLS}
        row["ledger"] = self.judge_ledger(client, self.rows()[before:])
        name = client.name + self.where
        self.table[name] = row
        print(f"{name:{WIDTH}} " + " ".join(row.values()), flush=True)

    def say(self, client, build):
        with tempfile.TemporaryDirectory() as home:
            env = {"PATH": os.environ["PATH"], "HOME": home, "WEIR_KEY": self.key,
                   "WEIR_URL": self.weir.url + "/v1", "OPENAI_API_KEY": self.key,
                   "LANG": "C.UTF-8", "NO_COLOR": "1", "DO_NOT_TRACK": "1"}
            try:
                done = subprocess.run(client.command(build), input=json.dumps(self.cells),
                                      capture_output=True, text=True, env=env, cwd=home,
                                      timeout=PATIENCE_S, check=False)
            except subprocess.TimeoutExpired as late:
                self.notes.append(f"{client.name}: not done after {PATIENCE_S} s")
                out = late.stdout or b""
                return self.lines_of(out.decode(errors="replace"))
        lines = self.lines_of(done.stdout)
        if self.is_loud or not lines:
            print(done.stdout[-4000:], done.stderr[-4000:])
        return lines

    @staticmethod
    def lines_of(out):
        found = [json.loads(line[5:]) for line in out.splitlines()
                 if line.startswith("CELL ")]
        return {line["cell"]: line for line in found}

    def rows(self):
        done = subprocess.run([WEIR, "ledger", "--json", "-c", "weir.yaml"],
                              cwd=self.weir.folder, env=self.weir.env, capture_output=True,
                              text=True, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    # -- right or wrong -----------------------------------------------------------

    def judge(self, client, cell, line):
        if line is None:
            return "-"
        fault = self.fault_of(cell, line)
        wanted = client.wants.get(cell)
        if not fault and wanted and wanted not in line["error"]["bases"]:
            fault = f"raised {line['error']['class']}, not {wanted}"
        if not fault:
            return "W"
        if cell in client.own:
            self.notes.append(f"{client.name}{self.where} {cell}, the client's own: {client.own[cell]}")
            return "O"
        self.notes.append(f"{client.name}{self.where} {cell}: {fault}")
        return "B"

    def fault_of(self, cell, line):
        text, error = self.cells[cell], line.get("error")
        if cell in EXPECTED_ERRORS:
            statuses, word = EXPECTED_ERRORS[cell]
            if not error:
                return f"no error was seen, but {line['value']!r:.200}"
            if statuses and error["status"] not in (None, *statuses):
                return f"status {error['status']}, not of {statuses}: {error['text']:.300}"
            return "" if word in error["text"] else f"does not say why: {error['text']:.300}"
        if error:
            return f"{error['class']}: {error['text']:.300}"
        return self.difference(cell, text, line["value"])

    def difference(self, cell, text, value):
        if cell == "models":
            missing = {"auto", "parrot", "bird", "local_small"} - set(value["list"])
            return f"the list lacks {missing}" if missing else ""
        if cell == "schema":
            return "" if value == {"city": text, "count": 7} else f"got {value!r:.200}"
        if cell == "embed":
            return "" if value == [len(text), 0.5, -1.0] else f"got {value!r:.200}"
        if cell.startswith("masked") and (leaked := self.leaked()):
            return f"the cloud engine saw {leaked}"
        if isinstance(value, dict):
            if not value.get("tokens", 1):
                return "no usage came with the stream"
            value = value["text"]
        if "tools" in cell:
            is_well = value.startswith("The tool said: sunny in ") and value.endswith(text)
        else:
            is_well = value.strip() == text.strip()
        return "" if is_well else f"got {value!r:.200}"

    def leaked(self):
        seen = json.dumps(self.cloud.seen, ensure_ascii=False)
        return [word for word in ("Maria", "maria.schmidt") if word in seen]

    def judge_ledger(self, client, rows):
        """What was delivered whole was not cancelled by anybody."""
        if not rows:
            self.notes.append(f"{client.name}{self.where} ledger: not one row")
            return "B"
        lost = [r for r in rows if r["outcome"] == "cancelled"]
        if not lost:
            return "W"
        self.notes.append(f"{client.name}{self.where} ledger: {len(lost)} of {len(rows)} rows say "
                          f"cancelled, the first {lost[0]['id']} {lost[0]['model_asked']}")
        return "B"

    # -- the guide ----------------------------------------------------------------

    def run_recipes(self, build):
        """What the guide says, word for word: each recipe must print the answer."""
        for recipe in recipes.read(self.weir.url):
            with tempfile.TemporaryDirectory() as home:
                if recipe.kind == "json":
                    continue  # Zed's settings: there is no Zed here
                if recipes.is_missing(recipe, build):
                    self.skipped.append((f"recipe {recipe.name}", "it is not installed"))
                    continue
                code, out = recipes.tried(recipe, Path(home), build)
            is_well = code == 0 and ("Hello" in out or "Cologne" in out)
            self.table[f"recipe {recipe.name}"] = {"works": "W" if is_well else "B"}
            if not is_well:
                self.notes.append(f"recipe {recipe.name}: exit code {code}: {out[-600:]}")
            print(f"recipe {recipe.name}: {'W' if is_well else 'B'}", flush=True)

    # -- the end ------------------------------------------------------------------

    def report(self):
        marks = [mark for row in self.table.values() for mark in row.values()]
        print("\n" + " " * WIDTH, " ".join([*CELLS, "ledger"]))
        for name, row in self.table.items():
            print(f"{name:{WIDTH}}", " ".join(f"{row[c]:^{len(c)}}" for c in row))
        for note in self.notes:
            print("-", note)
        for name, reason in self.skipped:
            print(f"- SKIPPED {name}: {reason}")
        print(f"{marks.count('W')} passed, {marks.count('B')} failed, "
              f"{len(self.skipped)} skipped")
        return 1 if "B" in marks or not marks else 0
