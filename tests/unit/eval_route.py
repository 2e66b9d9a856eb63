"""eval_route.py -- `weir train router` and `weir eval route`: eval_route.py WEIR

Lines go in, weights and figures come out; what is wrong with a line is said with its
place; a user's own labels replace weights only when they help."""
import json
import random
import re
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
    wanted = ["file", "n", "apgr", "cpt50", "cpt80", "share95", "oracle", "random", "length", "ece",
              "us_p50", "us_p99"]
    check("all figures are there", list(f)[:12] == wanted, f)
    check("what can be learnt is learnt", f["apgr"] > 0.7 and f["n"] == 600, f)
    check("an asked share is realised", f["share_off"] <= 0.03, f)
    check("chance is a half", abs(f["random"] - 0.5) < 0.05, f)
    return out


PAIR = {"id": "a", "prompt": "x", "local_score": 0, "cloud_score": 1}
ROW = {**PAIR, "answers": [{"engine": "l", "text": "y"}]}
SCORES = {"id": "a", "prompt": "x", "scores": {"tiny-7b": 0, "huge": 1}}


def refused(verb, path, place, words):
    """The place and what helps are said, and nothing is written."""
    out = path.with_suffix(".out")
    more = ["--out", out] if verb[0] == "train" else []
    done = weir(*verb, path, *more)
    check("a fault has its place and its remedy", done.returncode == 2 and not out.exists()
          and f"weir {verb[0]} {verb[1]}: {path}{place}: " in done.stderr
          and all(w in done.stderr for w in words), verb, words, done.stderr)


def faulty_scores(folder, verb, good, name):
    def with_score(value):
        row = json.loads(json.dumps({**good, "id": "b"}))
        (row["scores"] if "scores" in row else row)[name] = value
        return row
    path = folder / "bad.jsonl"
    for value, word in ((1.5, "from 0 to 1"), (-0.1, "from 0 to 1"), (1e9, "divide it"),
                        ("1", "a score is a number"), ([1], "a score is a number")):
        refused(verb, write(path, [good, with_score(value)]), ":2", [word])
    for value in ("NaN", "1e999", "Infinity", "0x1"):
        path.write_text(json.dumps(good) + "\n" +
                        json.dumps(with_score("@")).replace('"@"', value) + "\n")
        refused(verb, path, ":2", [])


def faulty_lines(folder, verb, good):
    path = folder / "bad.jsonl"
    member = "scores" if "scores" in good else "local_score"
    for row, word in (({**good, "id": None}, '"id"'), ({**good, "prompt": {"a": 1}}, '"prompt"'),
                      ([good], "one JSON object"), ({**good, member: None}, "score"),
                      ({k: v for k, v in good.items() if k != member}, f'no "{member}"'),
                      (good, "is that of line 1; give each line its own")):
        refused(verb, write(path, [good, row]), ":2", [word])
    path.write_text(json.dumps(good)[:-1])
    refused(verb, path, ":1", ["was expected here"])
    path.write_bytes(b"\x1f\x8b" + bytes(50))
    refused(verb, path, "", ["gunzip"])
    path.write_bytes(json.dumps(good).encode("utf-16"))
    refused(verb, path, "", ["UTF-8"])
    path.write_bytes(bytes(range(256)))
    refused(verb, path, ":1", [])
    path.write_bytes(b"")
    refused(verb, path, "", ["there is no line in it"])
    with open(path, "wb") as f: # a line of more than 64 MiB, most of it no bytes on disk
        f.truncate(66 << 20)
    refused(verb, path, ":1", ["longer than 64 MiB"])
    refused(verb, folder / "none.jsonl", "", ["No such file"])
    (folder / "d").mkdir(exist_ok=True)
    refused(verb, folder / "d", "", ["folder"])


def faults(folder):
    for verb, good, name in ((("eval", "route"), PAIR, "local_score"),
                             (("eval", "escalate"), ROW, "cloud_score"),
                             (("train", "judge"), ROW, "local_score"),
                             (("train", "router"), SCORES, "huge"),
                             (("train", "router", "--own"), PAIR, "local_score")):
        faulty_scores(folder, verb, good, name)
        faulty_lines(folder, verb, good)
    (folder / "no.bin").write_bytes(b"WEIRROUT and no more")
    one = write(folder / "g.jsonl", [PAIR])
    for path in (folder / "no.bin", folder / "absent.bin", folder / "d"):
        done = weir("eval", "route", one, "--weights", path)
        check("damaged weights are refused", done.returncode == 2 and f"{path}: " in
              done.stderr, done.stderr)


def what_editors_add(folder, rng):
    """A mark of UTF-8, line ends of Windows, empty lines and no last end change nothing."""
    rows = pairs(rng, 50)
    plain = write(folder / "plain.jsonl", rows)
    odd = folder / "odd.jsonl"
    odd.write_bytes(b"\xef\xbb\xbf" + "\r\n\r\n".join(map(json.dumps, rows)).encode())
    one, two = figures(plain), figures(odd)
    for f in (one, two):
        for name in ("file", "us_p50", "us_p99"):
            del f[name]
    check("editors change nothing", one == two and one["n"] == 50, one, two)
    odd.write_bytes(b"\xef\xbb\xbf" + json.dumps(ROW).encode())
    done = weir("eval", "escalate", odd)
    check("nor do they for escalate", done.returncode == 0, done.stderr)
    odd.write_bytes(b"\xef\xbb\xbf" + b'{"id":"a","text":"call +44 20 7946 0018"}\r\n\r\n')
    done = weir("scan", odd)
    check("nor for scan", done.returncode == 0 and done.stdout.count('"id":"a"') == 1 and
          done.stdout.count("\n") == 1, done.stdout)


def several_files(folder, rng):
    names = [write(folder / f"{n}.jsonl", pairs(rng, n)) for n in (20, 30)]
    done = weir("eval", "route", "--json", *names)
    shown = [json.loads(line) for line in done.stdout.splitlines()]
    check("each file has its object", [(f["file"], f["n"]) for f in shown] ==
          [(str(folder / f"{n}.jsonl"), n) for n in (20, 30)], done)
    alone = [figures(n) for n in names]
    check("and its own figures", [f["apgr"] for f in shown] == [f["apgr"] for f in alone])
    done = weir("eval", "route", *names)
    check("and its own table", done.stdout.count("mean score, all local") == 2 and
          all(str(n) in done.stdout for n in names), done.stdout)
    done = weir("eval", "route", *names, "--html", folder / "two.html")
    check("a page is of one file", done.returncode == 2 and "one file" in done.stderr
          and not (folder / "two.html").exists(), done.stderr)


def figures_that_do_not_exist(folder):
    """Both sides equal, or one prompt alone: unknown, and null, in both verbs."""
    even = [{**ROW, "id": str(i), "local_score": 0.1 * (i % 3), "cloud_score":
             0.1 * ((i + 1) % 3)} for i in range(9)]
    for rows, why in ((even, "equally good"), ([ROW], "One prompt has no order")):
        path = write(folder / "even.jsonl", rows)
        for verb, most in (("route", ["se", "error_to_length"]), ("escalate", [])):
            done = weir("eval", verb, path)
            check("it is unknown", done.returncode == 0 and "unknown" in done.stdout and
                  why in " ".join(done.stdout.split()) and "nan" not in
                  done.stdout.lower(), verb, done.stdout)
            f = json.loads(weir("eval", verb, path, "--json").stdout)
            missing = ["apgr", "cpt50", "cpt80", "oracle", "random", "length", *most]
            check("it is null", all(f[k] is None for k in missing) and f["share95"] is not None
                  and f["local"] is not None, verb, f)


def too_few(folder, rng):
    out = folder / "few.bin"
    for rows in (matrix(rng, 1, "s"), matrix(rng, 399, "s")):
        done = weir("train", "router", write(folder / "few.jsonl", rows), "--out", out)
        check("too few prompts teach nothing", done.returncode == 2 and not out.exists() and
              f"{len(rows)} prompts are too few: at least 400" in done.stderr, done.stderr)
    rows = [{**ROW, "id": i} for i in range(149)]
    done = weir("train", "judge", write(folder / "few.jsonl", rows), "--out", out)
    check("nor do too few answers", done.returncode == 2 and not out.exists() and
          "149 answers are too few: at least 150" in done.stderr, done.stderr)
    lines = write(folder / "some.jsonl", matrix(rng, 400, "s"))
    done = weir("train", "router", lines, "--leave", "other", "--out", out)
    check("a source that is not there", done.returncode == 2 and "--leave other" in done.stderr)
    done = weir("train", "router", lines, "--out", folder / "no" / "w.bin")
    check("a folder that is not there", done.returncode == 1 and "No such file" in
          done.stderr and "cannot write" in done.stderr, done.stderr)


def options_of_others(folder):
    """An option belongs to one part of a verb; elsewhere its owner is named."""
    one = write(folder / "one.jsonl", [ROW])
    for args, owner in ((("eval", "route", one, "--each"), "eval escalate"),
                        (("eval", "escalate", one, "--html", "x"), "eval route"),
                        (("train", "router", one, "--lean", "3"), "train names"),
                        (("train", "judge", one, "--own", "x"), "train router"),
                        (("train", "tagger", "--rate", "3"), "train names"),
                        (("ledger", "--why", "x"), "ledger delete"),
                        (("ledger", "rebuild", "--json"), "ledger"),
                        (("ledger", "escalation", "--by", "day"), "ledger")):
        done = weir(*args)
        check("the owner is named", done.returncode == 2 and f"of `weir {owner}`" in
              done.stderr, args, done.stderr)
    for verb, parts in (("eval", ["escalate", "route"]),
                        ("train", ["tagger", "names", "judge", "router"])):
        text = weir(verb, "--help").stdout
        for part in parts:
            own = weir(verb, part, "--help").stdout
            check("each part has its section", own and own in text and
                  f"\n  weir {verb} {part} " in own, verb, part)
        done = weir(verb)
        check("the parts are named", done.returncode == 2 and all(
            f"weir {verb} {p}" in done.stderr for p in parts), done.stderr)
        done = weir(verb, "nothing")
        check("a word that is none too", done.returncode == 2 and parts[0] in done.stderr)
    for shell in ("bash", "zsh", "fish"):
        text = weir("completions", shell).stdout
        check("the shells know the parts", "'eval route '" in text if shell != "fish" else
              "_from eval; and __fish_seen_subcommand_from route' -l html" in text, shell)


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


def what_is_read_is_not_written(folder, rng):
    """By the same name, another path, either kind of link, or as standard input."""
    lines, other = write(folder / "in.jsonl", pairs(rng, 20)), folder / "other.jsonl"
    write(other, pairs(rng, 20))
    soft, hard = folder / "soft.jsonl", folder / "hard.jsonl"
    soft.symlink_to(lines)
    hard.hardlink_to(lines)
    before = lines.read_bytes()
    for out in (lines, f"{folder}/./in.jsonl", soft, hard):
        for args, option in ((("train", "router", "--own", lines, "--out"), "--out"),
                             (("train", "router", other, lines, "--out"), "--out"),
                             (("train", "judge", other, lines, "--out"), "--out"),
                             (("train", "tagger", "--from", lines, "--out"), "--out"),
                             (("train", "names", "--from", lines, "--out"), "--out"),
                             (("eval", "route", other, "--weights", lines, "--html"), "--html"),
                             (("eval", "route", lines, "--html"), "--html")):
            done = weir(*args, out)
            check("an input is not overwritten", done.returncode == 2 and not done.stdout and
                  f"{out} is read and would be overwritten: give another {option}" in
                  done.stderr and lines.read_bytes() == before and
                  not Path(f"{out}.new").exists(), args, out, done)
    for verb in (("train", "router", "--own"), ("train", "judge")):
        with open(lines, "rb") as f:
            done = subprocess.run([WEIR, *verb, "-", "--out", lines], stdin=f,
                                  capture_output=True, text=True)
        check("nor is standard input", done.returncode == 2 and "is read and would be" in
              done.stderr and lines.read_bytes() == before, verb, done)
    done = weir("eval", "route", lines, "--html", other)
    check("another file is", done.returncode == 0 and "<polyline" in other.read_text(), done)


def given_twice(folder, rng):
    lines, out = write(folder / "twice.jsonl", pairs(rng, 20)), folder / "twice.out"
    link = folder / "twice-link.jsonl"
    link.symlink_to(lines)
    for verb in (("train", "router"), ("train", "judge"), ("eval", "route"),
                 ("eval", "escalate")):
        more = ["--out", out] if verb[0] == "train" else []
        for again, words in ((lines, f"{lines} is given twice\n"),
                             (link, f"{link} is given twice, first as {lines}\n")):
            done = weir(*verb, lines, again, *more)
            check("a file counts once", done.returncode == 2 and not done.stdout and words in
                  done.stderr and not out.exists(), verb, done)
        done = weir(*verb, "-", "-", *more)
        check("so does standard input", done.returncode == 2 and "- is given twice\n" in
              done.stderr, verb, done)


def a_ledger_that_is_not_there(folder):
    """The option that this command has is named, and no other one."""
    done = weir("train", "router", "--ledger", "--state-dir", folder / "none", "--out",
                folder / "adapter.bin")
    check("--state-dir is named", done.returncode == 1 and "--state-dir" in done.stderr and
          " -c" not in done.stderr, done.stderr)


def two_standard_errors(folder):
    """A gain that lies between one and two of its standard errors replaces nothing."""
    rng, between = random.Random(7), 0
    for n in (110, 130, 150, 170, 190):
        out, rows = folder / f"sure{n}.bin", pairs(rng, n, True)
        for row in rows:
            if rng.random() < 0.75:
                row["local_score"] = float(rng.random() < 0.5)
        done = weir("train", "router", "--own", write(folder / "sure.jsonl", rows), "--out", out)
        before, after, error = map(float, re.findall(r"\b\d\.\d{4}", done.stdout)[:3])
        is_clear = before - after > 2 * error
        between += error < before - after < 2 * error
        check("only a clear gain is written", out.exists() == is_clear and done.returncode ==
              (not is_clear) and ("two standard errors" in done.stdout) != is_clear, done)
    check("some gains were neither", between > 0)


def own_labels(folder, rng):
    out = folder / "own.bin"
    few = write(folder / "few.jsonl", pairs(rng, 60, True))
    done = weir("train", "router", "--own", few, "--out", out)
    check("few labels replace nothing", done.returncode == 1 and not out.exists(), done.stdout)
    many = write(folder / "many.jsonl", pairs(rng, 400, True))
    done = weir("train", "router", "--own", many, "--out", out)
    check("many that say something do", done.returncode == 0 and out.exists() and
          f"learned: {{weights: {out}}} uses them." in done.stdout, done.stdout)
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
        what_editors_add(folder, rng)
        several_files(folder, rng)
        figures_that_do_not_exist(folder)
        too_few(folder, rng)
        options_of_others(folder)
        page(folder, rng)
        a_better_local_side(folder, rng)
        own_labels(folder, rng)
        what_is_read_is_not_written(folder, rng)
        given_twice(folder, rng)
        a_ledger_that_is_not_there(folder)
        two_standard_errors(folder)


main()
