#!/usr/bin/env python3
"""How well `weir claim` reads and judges: measured speeds in the words of people.

Every measured row is put into sentences and tables of several wordings.  Half of the
wordings were held out while the reader was written.  For each wording: how many claims
were read as they were meant (model, device, quantisation, speed), and what was said of
these true speeds.  Then the same for claims of articles that are known to be false, and
for hand-written texts.

    tools/eval_claims.py DATA [--weir build/weir] [--set dev|held|all] [--show N]

DATA is a folder with facts/speeds2_dev.json.
"""

import argparse
import copy
import json
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
WORDS = ("impossible", "implausible", "plausible", "below-expectation", "unknown")


def german(value):
    whole, _, part = f"{value:,.2f}".partition(".")
    return whole.replace(",", ".") + "," + part


# A wording makes the lines of a row; r has device, model, quant, v (speed).
DEV = {
    "colon": lambda r: f"{r.model} {r.quant} on {r.device}: {r.v:g} tok/s\n\n",
    "commas": lambda r: f"{r.device}, {r.model} {r.quant}, {r.v:.2f} t/s\n\n",
    "I get": lambda r: f"I get ~{r.v:g} tokens per second with {r.model} ({r.quant}) on my {r.device}.\n\n",
    "table": lambda r: f"\n| GPU | Model | Quant | tok/s |\n|---|---|---|---:|\n| {r.device} | {r.model} | {r.quant} | {r.v:g} |\n\n",
    "range": lambda r: f"Running {r.model} at {r.quant}, the {r.device} does {r.v * 0.97:.2f}-{r.v:g} tok/s.\n\n",
    "German": lambda r: f"Die {r.device} schafft {german(r.v)} Token/s mit {r.model} {r.quant}.\n\n",
    "Ollama": lambda r: f"{r.device}\n$ ollama run {r.model}-{r.quant} --verbose\nprompt eval rate: 1342.26 tokens/s\neval rate: {r.v:g} tokens/s\n\n",
}
HELD = {
    "single": lambda r: f"With {r.quant} weights, {r.model} generates {r.v:g} tokens a second on a single {r.device}\n\n",
    "brackets": lambda r: f"{r.v:g} t/s ({r.model}, {r.quant}, {r.device})\n\n",
    "ms": lambda r: f"My {r.device} manages {1000 / r.v:.4f} ms per token for {r.model} {r.quant}.\n\n",
    "error": lambda r: f"Decode speed of {r.model} in {r.quant} is {r.v:g} \u00b1 {r.v * 0.01:.2f} tps on the {r.device} (prompt processing 512 t/s)\n\n",
    "CSV": lambda r: f"\ndevice,model,quant,tokens/s\n{r.device},{r.model},{r.quant},{r.v:g}\n\n",
    "heading": lambda r: f"# {r.device}\n\nTested today: {r.model} {r.quant} = **{r.v:g}** tok/s\n\n",
    "both": lambda r: f"prompt at 2512 t/s, generation at {r.v:g} t/s with {r.model}-{r.quant}.gguf on {r.device}\n\n",
}

# Claims that articles published and that cannot be true, with where they stand.
FALSE = [
    ("Qwen2.5-7B Q4_K_M on RTX 4060: 68 tok/s", "article on picking an API or a local model, RTX 4060 table"),
    ("Qwen2.5-14B Q4_K_M on RTX 4060 8GB: 31 tok/s", "the same"),
    ("Qwen2.5-14B Q3_K_M on RTX 4060: 38 tok/s", "the same"),
    ("Qwen2.5-14B Q4_K_M on Apple M4 16GB: 44 tok/s", "the same, M4 Mac mini table"),
    ("Qwen2.5-32B Q4_K_M on Apple M4 16GB: 18 tok/s", "the same"),
    ("gemma-3-12b Q5_K_M on Apple M4 16GB: 39 tok/s", "the same"),
    ("RTX 4060 8GB running Qwen2.5-32B Q4_K_M at 10.8 t/s", "the same, its references"),
    ("A 27B-class Q4_K_M quant on a 24 GB RTX 4090: 30-100 tok/s", "overview of 2026-05-16"),
    ("Llama 3.1 8B Q4 on Apple M3 Pro (18 GB unified): 55-75 tok/sec", "primer on local and cloud models, speed table"),
    ("Llama 3.1 8B Q4 on NVIDIA RTX 4060 (8 GB VRAM): 70-100 tok/sec", "the same"),
    ("Llama 3.3 70B on an A100: ~90 t/s", "comparison of performance and cost"),
    ("Qwen2.5-7B Q4_K_M on RTX 3060 12GB: 119 tok/s", "a submission to a public list, 144 % of the ceiling"),
]


class Row:
    def __init__(self, row):
        self.device, self.model = row.get("device") or row["gpu"], row["model"]
        if self.device == "A100p80":  # the label of a data file, no name that people write
            self.device = "A100 PCIe 80GB"
        self.quant, self.v = row["quant"], round(row["tok_s"], 2)
        self.gpus = row.get("gpus", 1)
        if self.gpus > 1:
            self.device = f"{self.gpus}x {self.device}"


    def times(self, factor):
        other = copy.copy(self)
        other.v = round(self.v * factor, 2)
        return other


def measured(data):
    """Rows of DATA, and those that weir carries and that nobody doubts."""
    new = json.loads((data / "facts" / "speeds2_dev.json").read_text())["rows"]
    carried = json.loads((TOP / "data" / "speeds.json").read_text())["rows"]
    keep = [r for r in carried if not r.get("flag") and r.get("gpus") and r["set"] in ("public", "crowd", "field")]
    return [Row(r) for r in new], [Row(r) for r in keep]


def ask(weir, text):
    out = subprocess.run([weir, "claim", "--file", "-", "--json"], input=text, capture_output=True, text=True, timeout=300)
    if not out.stdout:
        raise SystemExit(out.stderr)
    report = json.loads(out.stdout)
    for section in report["sections"].values():
        for table in section["tables"]:
            if table["id"] == "claims":
                return table["rows"]
    raise SystemExit("no table of claims in the answer")


def names(path, key):
    rows = json.loads((TOP / "data" / path).read_text())["rows"]
    meant = {}
    for row in rows:
        for name in [row[key], *row.get("aliases", [])]:
            meant.setdefault(fold(name), set()).add(row[key])
    return meant


def fold(name):
    name = name.lower()
    for word in ("nvidia ", "geforce ", "apple ", "amd ", "radeon "):
        name = name.replace(word, "")
    return name.replace("-", " ").strip()


def same(meant, written, read):
    wanted = meant.get(fold(written))
    return read in wanted if wanted else fold(written).split("(")[0].strip() in fold(read)


def judge(weir, wordings, rows, meant, show):
    total = {"n": 0, "right": 0, **dict.fromkeys(WORDS, 0)}
    for name, wording in wordings.items():
        lines, text = {}, ""
        for row in rows:
            piece = wording(row)
            first = text.count("\n") + 1
            for number in range(first, first + piece.count("\n")):
                lines[number] = row
            text += piece
        seen = {}
        for claim in ask(weir, text):
            row = lines[int(claim["line"])]
            if claim["of"] != "prompt":
                seen.setdefault(id(row), []).append(claim)
        tally = {"n": len(rows), "right": 0, **dict.fromkeys(WORDS, 0)}
        wrong = []
        for row in rows:
            claims = seen.get(id(row), [])
            for claim in claims:
                tally[claim["verdict"]] += 1
            c = claims[0] if len(claims) == 1 else None
            top = float(c["claim"].split("-")[-1].replace("x", "")) if c else 0
            card = row.device.split("x ")[-1] if row.gpus > 1 else row.device
            quants = [q.lower() for q in c["quant"].split(" to ")] if c else []
            right = (
                c
                and abs(top / row.v - 1) < 0.006
                and same(meant["devices"], card, c["device"].split("x ")[-1] if row.gpus > 1 else c["device"])
                and same(meant["models"], row.model, c["model"])
                and row.quant.lower().replace("bf16", "f16") in quants
            )
            tally["right"] += bool(right)
            if not right or c["verdict"] in WORDS[:2]:
                wrong.append((row, claims))
        print(f"  {name:10} {tally['n']:5} rows, read {tally['right']:5}  " + "  ".join(f"{w} {tally[w]}" for w in WORDS))
        for row, claims in wrong[:show]:
            print("      ", row.device, "|", row.model, row.quant, row.v, "->", [tuple(c.values()) for c in claims])
        for key in total:
            total[key] += tally[key]
    return total


def exaggerated(weir, rows, factor):
    """The same speeds times `factor`: how many are seen through."""
    text = "".join(DEV["colon"](r.times(factor)) for r in rows)
    claims = ask(weir, text)
    caught = sum(c["verdict"] in WORDS[:2] for c in claims)
    print(f"  the same speeds times {factor:g}: impossible or implausible {percent(caught, len(claims))}")


def percent(part, whole):
    return f"{part} of {whole} ({100 * part / max(whole, 1):.1f} %)"


def summary(name, total):
    print(f"{name}: read {percent(total['right'], total['n'])}; of the true speeds " + ", ".join(f"{w} {percent(total[w], total['n'])}" for w in WORDS))


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("data", type=Path)
    args.add_argument("--weir", default=str(TOP / "build" / "weir"))
    args.add_argument("--set", choices=("dev", "held", "all"), default="all")
    args.add_argument("--show", type=int, default=0)
    o = args.parse_args()
    meant = {"devices": names("devices.json", "name"), "models": names("models.json", "id")}
    new, carried = measured(o.data)
    for label, rows in (("collected, not carried", new), ("carried", carried)):
        for kind, wordings in (("held", HELD), ("dev", DEV)):
            if o.set in (kind, "all"):
                print(f"{len(rows)} rows {label}, wordings {'held out' if kind == 'held' else 'of the building'}:")
                summary("  all", judge(o.weir, wordings, rows, meant, o.show))
        for factor in (1.5, 2, 3):
            exaggerated(o.weir, rows, factor)
    found = [ask(o.weir, text + "\n") for text, _ in FALSE]
    caught = sum(any(c["verdict"] in WORDS[:2] for c in claims) for claims in found)
    print(f"false claims of articles called impossible or implausible: {percent(caught, len(FALSE))}")
    for (text, _), claims in zip(FALSE, found):
        if o.show:
            print("   ", text, "->", [c["verdict"] for c in claims])
    return 0


if __name__ == "__main__":
    sys.exit(main())
