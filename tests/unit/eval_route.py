"""eval_route.py -- `weir train router` and `weir eval route`: eval_route.py WEIR

Lines go in, weights and figures come out; what is wrong with a line is said with its
place; a user's own labels replace weights only when they help."""
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

WEIR = sys.argv[1]
FAMILIAR = ["river", "garden", "kitchen", "winter", "music", "letter", "window", "market"]


def weir(*args):
    return subprocess.run([WEIR, *map(str, args)], capture_output=True, text=True)


def question(rng, is_hard):
    words = " ".join(rng.choice(FAMILIAR) for _ in range(12))
    if is_hard:
        return f"Calculate {rng.randrange(99)} zorbs of {words}, then {rng.random():.3f} each?"
    return f"What is the {words}?"


def write(path, rows):
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def matrix(rng, n, source):
    rows = []
    for i in range(n):
        is_hard = rng.random() < 0.5
        rows.append({"id": f"{source}{i}", "source": source, "prompt": question(rng, is_hard),
                     "scores": {"tiny-7b": float(not is_hard), "huge": 1.0, "other": None}})
    return rows


def pairs(rng, n, is_reversed=False):
    rows = []
    for i in range(n):
        is_hard = rng.random() < 0.5
        rows.append({"id": f"p{i}", "prompt": question(rng, is_hard), "local_score":
                     float(is_hard == is_reversed), "cloud_score": 1})
    return rows


def check(what, is_true, *shown):
    if not is_true:
        sys.exit(f"eval_route: {what}: {shown}")


def figures(*args):
    done = weir("eval", "route", *args, "--json")
    check("eval works", done.returncode == 0, done.stderr)
    return json.loads(done.stdout)


def training(folder, rng):
    lines = write(folder / "m.jsonl", matrix(rng, 400, "one") + matrix(rng, 100, "two"))
    out, again, left = (folder / name for name in ("w.bin", "w2.bin", "w3.bin"))
    for path, more in ((out, []), (again, []), (left, ["--leave", "two"])):
        done = weir("train", "router", lines, "--out", path, *more)
        check("training works", done.returncode == 0, done.stderr)
    check("the same lines give the same bytes", out.read_bytes() == again.read_bytes())
    check("a source left out is not learnt", out.read_bytes() != left.read_bytes())
    held = write(folder / "held.jsonl", pairs(rng, 600))
    f = figures(held, "--weights", out)
    wanted = ["n", "apgr", "cpt50", "cpt80", "share95", "oracle", "random", "length", "ece",
              "us_p50", "us_p99"]
    check("all figures are there", list(f)[:11] == wanted, f)
    check("what can be learnt is learnt", f["apgr"] > 0.7 and f["n"] == 600, f)
    check("an asked share is realised", f["share_off"] <= 0.03, f)
    check("chance is a half", abs(f["random"] - 0.5) < 0.05, f)
    return out


def faults(folder):
    good = {"id": "a", "prompt": "x", "local_score": 0, "cloud_score": 1}
    rows = [({"id": "a", "prompt": "x", "cloud_score": 1}, 'there is no "local_score"'),
            ({**good, "local_score": "1"}, "a score is a number"),
            ({**good, "cloud_score": 1e9}, "out of range"), ({**good, "id": ""}, '"id"')]
    for row, words in rows:
        path = write(folder / "bad.jsonl", [good, row])
        done = weir("eval", "route", path)
        check("a fault has its place", done.returncode == 2 and f"{path}:2:" in done.stderr
              and words in done.stderr, done.stderr)
    done = weir("eval", "route", folder / "none.jsonl")
    check("a missing file is named", done.returncode == 2 and "none.jsonl" in done.stderr)
    done = weir("eval", "route", write(folder / "empty.jsonl", []))
    check("an empty one too", done.returncode == 2 and "has no line" in done.stderr)
    (folder / "no.bin").write_bytes(b"WEIRROUT and no more")
    done = weir("eval", "route", write(folder / "g.jsonl", [good]), "--weights",
                folder / "no.bin")
    check("damaged weights are refused", done.returncode == 2, done.stderr)


def page(folder, rng):
    lines = write(folder / "page.jsonl", pairs(rng, 100))
    done = weir("eval", "route", lines, "--html", folder / "page.html")
    text = (folder / "page.html").read_text()
    check("the page has its curves", done.returncode == 0 and text.count("<polyline") >= 8
          and "oracle" in text and "length-keyword" in text and "http" not in
          text.split("</style>", 1)[1], done.stderr)


def a_better_local_side(folder, rng):
    rows = pairs(rng, 100)
    for row in rows:
        row["local_score"], row["cloud_score"] = row["cloud_score"], row["local_score"]
    done = weir("eval", "route", write(folder / "local.jsonl", rows))
    check("a better local side is said", "nothing to buy" in " ".join(done.stdout.split()),
          done.stdout)


def own_labels(folder, rng):
    out = folder / "own.bin"
    few = write(folder / "few.jsonl", pairs(rng, 60, True))
    done = weir("train", "router", "--own", few, "--out", out)
    check("few labels replace nothing", done.returncode == 1 and not out.exists(), done.stdout)
    many = write(folder / "many.jsonl", pairs(rng, 400, True))
    done = weir("train", "router", "--own", many, "--out", out)
    check("many that say something do", done.returncode == 0 and out.exists(), done.stdout)
    held = write(folder / "held2.jsonl", pairs(rng, 600, True))
    check("and they help", figures(held, "--weights", out)["apgr"] >
          figures(held)["apgr"] + 0.1)
    for row in (noise := pairs(rng, 400)):
        row["local_score"] = float(rng.random() < 0.5)
    out.unlink()
    done = weir("train", "router", "--own", write(folder / "noise.jsonl", noise), "--out", out)
    check("noise does not", done.returncode == 1 and not out.exists(), done.stdout)


def main():
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        training(folder, rng)
        faults(folder)
        page(folder, rng)
        a_better_local_side(folder, rng)
        own_labels(folder, rng)


main()
