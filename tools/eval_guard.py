#!/usr/bin/env python3
"""Figures of the scanner on labelled texts: eval_guard.py WEIR DATA [options]

Runs `weir scan` on the labelled sets under DATA and on installed sources, and prints one
table: what, the goal, what was seen, k of n, and a 95 % interval by template (see
guard_score.py).  A name in brackets says of which set a row is.

  --half dev        which half of the sets (NAME_HALF.jsonl.gz)
  --genres a,b      of sets that have genres, these alone
  --by genre        each genre of the second set on lines of its own
  --leave a,b       genres that somebody has looked at; they do not count for the held-out
                    figure.  Those in tools/guard_genres_seen.txt are left out always
  --bench PROGRAM   scan_bench: speed rows too
  --json            rows as JSON, one a line
  --quick           the labelled sets alone: no sources, negatives, real names, speed"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import types
from pathlib import Path

import guard_ordinary
from guard_score import Judged, People, Share, Types, is_harmed, read_rows
from names_split import is_learnt

HERE = Path(__file__).resolve().parent
BLIND = HERE.parent / "tests" / "blind"
BATCH = 2000
SCRIPTS = {
    "English mail and web": (.92, ["uner_en_ewt"]),
    "English social": (.75, ["btc_en", "wnut17_en"]),
    "other Latin": (.88, ["dane_da", "germeval_de", "ler_de", "meddocan_es", "nerkor_hu",
                          "norne_no", "ronec_ro", "swe_sv", "turku_fi", "uner_hr_set",
                          "europeana_fr"]),
    "Cyrillic, Greek": (.85, ["m_uk_ner", "m_elner_el"]),
    "Han, Hangul, Devanagari, Arabic": (.80, ["uner_zh_gsd", "uner_zh_hans", "stockmark_ja",
                                              "klue_ko", "hiner_hi", "m_aner_ar"])}
MOST_SENTENCES = 1500


def share_words(k, n):
    return f"{k} of {n} ({k / n:.4f})" if n else "none"


class Table:
    def __init__(self, as_json):
        self.as_json = as_json

    def line(self, what, goal, seen, **more):
        if self.as_json:
            row = {"what": what.strip(), "goal": goal, "seen": seen, **more}
            print(json.dumps(row), flush=True)
        else:
            print(f"{what:66} {goal:>8}  {seen}", flush=True)

    def share(self, what, goal, share):
        k, n = share.sums()
        if not n:
            return self.line(what, goal, "none", k=0, n=0)
        low, high = share.interval()
        words = f"{share_words(k, n)} [{low:.3f}, {high:.3f}]"
        more = dict(k=k, n=n, low=round(low, 4), high=round(high, 4))
        a, b = share.templates()
        if b != n:
            words += f", templates {a} of {b}"
            more |= dict(templates=a, of_templates=b)
        self.line(what, goal, words, **more)


class Scan:
    """`weir scan` on rows, in batches, with a bar while there is a terminal."""

    def __init__(self, command):
        self.command = command

    def bar(self, what, done, n):
        if sys.stderr.isatty():
            full = 30 * done // max(1, n)
            end = "\r" + " " * 79 + "\r" if done >= n else ""
            print(f"\r[{'#' * full}{'.' * (30 - full)}] {what} {done} of {n}", end=end,
                  file=sys.stderr, flush=True)

    def __call__(self, what, rows, extra=()):
        pred = {}
        for i in range(0, len(rows), BATCH):
            self.bar(what, i, len(rows))
            lines = "".join(json.dumps({"id": r["id"], "text": r["text"]}) + "\n"
                            for r in rows[i:i + BATCH])
            done = subprocess.run([*self.command, *extra], input=lines.encode(),
                                  capture_output=True, check=True)
            pred |= {r["id"]: r for r in map(json.loads, done.stdout.splitlines())}
        self.bar(what, len(rows), len(rows))
        return pred

    def knows(self, option):
        done = subprocess.run([*self.command, "--help"], capture_output=True, text=True)
        return option in done.stdout


def counted(judged, hit, of=lambda d: True):
    share = Share()
    for d in judged:
        if of(d):
            share.add(d.template, hit(d))
    return share


def leaks(t, name, judged, goals=("-",) * 4):
    """What the first promise is about: the four rows of a labelled set."""
    t.share(f"{name}: must stay, not held", goals[0],
            counted(judged, lambda d: not d.held, lambda d: d.must_stay))
    t.share(f"{name}: a must-stay value leaves readable", goals[1],
            counted(judged, lambda d: d.leaks_stay))
    any_value = counted(judged, lambda d: d.leaks)
    t.share(f"{name}: any value leaves readable", goals[2], any_value)
    if any_value.sums()[1] != any_value.templates()[1]:
        a, b = any_value.templates()
        of_all = Share()
        for group in any_value.by.values():
            of_all.add(len(of_all.by), group[0])
        low, high = of_all.interval()
        t.line(f"{name}: templates with at least one leak", goals[3],
               f"{share_words(a, b)} [{low:.3f}, {high:.3f}]", k=a, n=b)
    t.share(f"{name}: held, though masking is enough", "-",
            counted(judged, lambda d: d.held, lambda d: d.has_values and not d.must_stay))


def seen_genres(given):
    listed = (HERE / "guard_genres_seen.txt").read_text().split("\n")
    return {line.split()[0] for line in listed if line.strip() and line[0] != "#"} | given


def second_set(t, scan, kinds, path, args):
    rows = [r for r in read_rows(path) if not args.genres or r["genre"] in args.genres]
    pred = scan("second set", rows)
    judged = [Judged(r, pred[r["id"]], kinds) for r in rows]
    leaks(t, "second set", judged, ("0.05", "0.03", "0.08", "0.15"))
    seen = seen_genres(args.leave)
    fresh = [d for d in judged if d.genre not in seen]
    if seen:
        t.line("second set, held out: genres nobody looked at", "-",
               f"{len({d.genre for d in fresh})} of {len({d.genre for d in judged})}")
        leaks(t, "second set, held out", fresh, ("0.05", "0.03", "0.08", "0.15"))
    for genre in sorted({d.genre for d in judged}) if args.by else []:
        leaks(t, f"  {genre}", [d for d in judged if d.genre == genre])


def blind_sets(t, scan, kinds):
    """Written without knowledge of the rules, and frozen: tests/blind/DATE."""
    for folder in sorted(p for p in BLIND.glob("*") if p.is_dir()):
        name = f"blind {folder.name}"
        for file, what in (("documents", name), ("reserve", f"{name}, reserve")):
            rows = read_rows(folder / f"{file}.jsonl.gz")
            pred = scan(what, rows)
            leaks(t, what, [Judged(r, pred[r["id"]], kinds) for r in rows],
                  ("0.05", "0.03", "0.08", "0.15"))
        for file, part in (("ordinary", "ordinary"), ("ordinary_reserve", "ordinary, reserve")):
            path = folder / f"{file}.jsonl.gz"
            if not path.exists():
                continue  # the first sets have no second part
            rows = read_rows(path)
            pred = scan(f"{name}, {part}", rows)
            ordinary(t, f"{name}, {part}", rows, pred, ("0.05", "0.003"))
            harmed(t, f"{name}, {part}", rows, pred)


def ordinary(t, what, rows, pred, goals):
    masked, held = Share(), Share()
    for r in rows:
        action = pred[r["id"]]["action"]
        masked.add(r.get("tpl", r["id"]), action == "mask")
        held.add(r.get("tpl", r["id"]), action in ("local", "block"))
    t.share(f"{what}: masked", goals[0], masked)
    t.share(f"{what}: held", goals[1], held)


def harmed(t, what, rows, pred):
    """Of ordinary prompts, those whose answer suffers: guard_score.is_harmed()."""
    share = Share()
    for r in rows:
        share.add(r.get("tpl", r["id"]), is_harmed(r, pred[r["id"]]))
    t.share(f"{what}: harmful to the answer", "0.01", share)


def by_class(rows, key):
    groups = {}
    for r in rows:
        groups.setdefault(key(r), []).append(r)
    return sorted(groups.items())


def invented(t, rows, pred):
    """Real negatives with a person that the scan would replace."""
    def tongue(r):
        return "code" if r["kind"] == "code" else {"en": "English", "de": "German"}.get(
            r["lang"], "other languages")
    for name, some in by_class(rows, tongue):
        share = Share()
        for r in some:
            spans = pred[r["id"]]["spans"]
            share.add(r["id"], any(s["type"] == "PERSON" and s.get("action") != "clear"
                                   for s in spans))
        t.share(f"negatives with an invented person: {name}",
                "0.01" if name == "code" else "0.02", share)


def ordinary_texts(t, scan, data, args):
    goals = ("0.05", "0.003")
    path = data / "pii2" / f"ordinary_{args.half}.jsonl.gz"
    if path.exists():
        rows = read_rows(path)
        pred = scan("ordinary prompts", rows)
        ordinary(t, "ordinary prompts", rows, pred, goals)
        harmed(t, "ordinary prompts", rows, pred)
        for name, some in by_class(rows, lambda r: r["cls"]):
            ordinary(t, f"  {name}", some, pred, ("-", "-"))
    if args.quick:
        return
    if (data / "ner" / "negatives").is_dir():
        rows = guard_ordinary.negative_rows(data / "ner" / "negatives")
        pred = scan("negatives", rows)
        ordinary(t, "negatives, held out", rows, pred, goals)
        for name, some in by_class(rows, lambda r: f"{r['cls']}, {r['lang']}"):
            if len(some) >= 100:
                ordinary(t, f"  {name}", some, pred, ("-", "-"))
        invented(t, rows, pred)
    rows = guard_ordinary.code_rows()
    pred = scan("code", rows)
    ordinary(t, f"code chunks of {guard_ordinary.CHUNK_LINES} lines", rows, pred,
             ("0.03", "0.0005"))
    for name, some in by_class(rows, lambda r: r["cls"]):
        ordinary(t, f"  {name}", some, pred, ("-", "-"))


def real_names(t, scan, folder):
    extra = ["--names"] if scan.knows("--names") else []
    for name, (goal, sources) in SCRIPTS.items():
        people = People()
        for path in [p for s in sources for p in sorted(folder.glob(f"{s}.dev.jsonl.gz"))]:
            rows = [r for r in read_rows(path) if not is_learnt(r)]
            rows = rows[::1 + len(rows) // MOST_SENTENCES]
            pred = scan(name, rows, extra)
            for r in rows:
                people.add(r["spans"], pred[r["id"]]["spans"])
        f2, p, r = people.f2()
        t.line(f"PERSON on real text, F2: {name}", str(goal),
               f"{f2:.3f} (P {p:.3f}, R {r:.3f} of {people.gold})", f2=round(f2, 4), n=people.gold)


def prf(acc, kinds):
    tp, pr, an = (sum(c[t] for t in kinds) for c in (acc.tp, acc.pr, acc.an))
    return tp, pr, an


def f2(tp, pr, an):
    p, r = (tp / pr if pr else 0), (tp / an if an else 0)
    return 5 * p * r / (4 * p + r) if p + r else 0


def arguments(**more):
    base = dict(level="type", iou=0.9, presidio_nb=False, fast=False, rules=False)
    return types.SimpleNamespace(**{**base, **more})


def actions(ea, rows, pred):
    """(held, must), (masked, sensitive), {class: (held, n)}, as eval_actions counts."""
    with tempfile.TemporaryDirectory() as d:
        g, p = os.path.join(d, "g"), os.path.join(d, "p")
        Path(g).write_text("".join(json.dumps(r) + "\n" for r in rows))
        Path(p).write_text("".join(json.dumps(r) + "\n" for r in pred.values()))
        out = subprocess.run([sys.executable, ea, g, p], capture_output=True, text=True,
                             check=True).stdout
    return dict(line.split(": ", 1) for line in out.splitlines() if ": " in line)


def first_sets(t, scan, kinds, ep, data, args):
    """The sets that the rules were written beside."""
    ea = str(data / "tools" / "eval_actions.py")
    gold, pred = {}, {}
    for path in sorted((data / "pii").glob(f"*_{args.half}.jsonl*")):
        name = path.name.split(f"_{args.half}")[0].removeprefix("pii_")
        gold[name] = read_rows(path)
        pred[name] = scan(name, gold[name])
    for name, title in (("gateway", "gateway"), ("presidio", "Presidio set")):
        judged = [Judged(r, pred[name][r["id"]], kinds) for r in gold[name]]
        leaks(t, title, judged)
        t.share(f"{title}: masked or held, strict", "0.92" if name == "presidio" else "-",
                counted(judged, lambda d: not d.leaks, lambda d: d.has_values))
    spans_of_first_sets(t, ea, ep, gold, pred)
    secrets_and_encodings(t, ep, gold, pred)
    false_holds(t, scan, ea, data, gold, pred, args)
    return gold


def spans_of_first_sets(t, ea, ep, gold, pred):
    a = actions(ea, gold["gateway"], pred["gateway"])
    t.line("gateway: forced local", "0.995", a["forced local"])
    t.line("gateway: masked or held", "0.97", a["masked or held"])
    a = actions(ea, gold["presidio"], pred["presidio"])
    t.line("Presidio set: forced local", "-", a.get("forced local", "none"))
    t.line("Presidio set: masked or held", "0.90", a["masked or held"])
    nb = ep.score(gold["presidio"], pred["presidio"], arguments(presidio_nb=True))
    t.line("Presidio set: any type, notebook counting, F2", "0.88",
           "%.3f (P %.3f R %.3f)" % tuple(nb.gs.prf("PII")[i] or 0 for i in (2, 0, 1)))

    gw = ep.score(gold["gateway"], pred["gateway"], arguments())
    pz = ep.score(gold["presidio"], pred["presidio"], arguments())
    wild = ep.score(gold["prose"], pred["prose"], arguments())
    ids = [k for k in set(gw.exact.an) | set(gw.exact.pr) if ep.group(k) == "NATIONAL_ID"]
    tp, pr, an = prf(gw.exact, ids)
    t.line("national ids, gateway: precision", "0.995", share_words(tp, pr))
    t.line("national ids, gateway: recall", "0.99", share_words(tp, an))
    for kind in ("CREDIT_CARD", "IBAN", "US_SSN"):
        for name, r in (("gateway", gw), ("Presidio", pz)):
            tp, pr, an = prf(r.exact, [kind])
            t.line(f"{kind}, {name}: precision", "0.99", share_words(tp, pr))
            t.line(f"{kind}, {name}: recall", "0.999", share_words(tp, an))
    for what, r, kind, goal in (
            ("PERSON F2, gateway (exact)", gw.exact, "PERSON", 0.94),
            ("PERSON F2, Presidio (span)", pz.span, "PERSON", 0.88),
            ("PERSON F2, wild (exact)", wild.exact, "PERSON", 0.60),
            ("ADDRESS F2, gateway (exact)", gw.exact, "ADDRESS", 0.93),
            ("ADDRESS F2, Presidio (span)", pz.span, "ADDRESS", 0.80)):
        tp, pr, an = prf(r, [kind])
        t.line(what, str(goal), f"{f2(tp, pr, an):.3f} (P {share_words(tp, pr)}, R {share_words(tp, an)})")


def secrets_and_encodings(t, ep, gold, pred):
    k = [0, 0, 0, 0]
    for r in gold["secrets"]:
        spans = pred["secrets"].get(r["id"], {}).get("spans", [])
        flagged = any(ep.group(s["type"]) == "SECRET" for s in spans)
        k[(0 if flagged else 1) if r["is_secret"] else (2 if flagged else 3)] += 1
    t.line("secrets: F2", "0.93", "%.3f (recall %s)" %
           (f2(k[0], k[0] + k[2], k[0] + k[1]), share_words(k[0], k[0] + k[1])))
    t.line("secrets: false positives", "0.08", share_words(k[2], k[2] + k[3]))

    adv = ep.score(gold["adversarial"], pred["adversarial"], arguments(fast=True)).adv
    t.line("adversarial values masked", "254",
           share_words(sum(v[1] for v in adv.values()), sum(v[0] for v in adv.values())))
    for kind, (n, masked) in sorted(adv.items()):
        t.line(f"  {kind}", "", share_words(masked, n))
    lng = ep.score(gold["long"], pred["long"], arguments(fast=True))
    t.line("100 KB texts: values masked", "0.97",
           share_words(sum(lng.masked.values()), sum(lng.sens.values())))


def false_holds(t, scan, ea, data, gold, pred, args):
    a = actions(ea, gold["neg"], pred["neg"])
    goals = {"chat": 0.005, "code": 0.01, "clinical": 0.005, "hard": 0.01}
    for key in sorted(x for x in a if x.startswith("false ")):
        cls = key.split("_", 1)[1]
        t.line(f"false force-local: {cls}", str(goals.get(cls, "-")), a[key])
    near = data / "pii" / f"near_misses_{args.half}.json"
    if near.exists():
        rows = json.loads(near.read_text())
        p = scan("near misses", rows)
        held = sum(p[r["id"]]["action"] in ("local", "block") for r in rows)
        t.line("false force-local: near misses", "0.01", share_words(held, len(rows)))


def speed(t, bench, long):
    """CPU time in one process on one core, best of its rounds; see scan_bench.c."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as f:
        f.writelines(json.dumps({"text": r["text"]}) + "\n" for r in long)
        f.flush()
        done = subprocess.run([bench, f.name], capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    turn, texts = rows[0], rows[2]
    t.line("2 KB turn, p99", "0.3 ms", "%.2f ms" % (turn["p99_us"] / 1e3))
    t.line("100 KB texts, p50", "4 ms", "%.1f ms" % (texts["p50_us"] / 1e3))
    t.line("100 KB texts, p99", "10 ms", "%.1f ms" % (texts["p99_us"] / 1e3))
    for r in (r for r in rows[3:] if "bodies" in r):
        goal = {"1 MB bodies": "600 ms", "1 MB bodies, one more turn": "8 ms"}.get(r["what"], "-")
        t.line(r["what"] + ", p50", goal, "%.1f ms" % (r["p50_us"] / 1e3))
    for r in (r for r in rows[3:] if "requests" in r):
        t.line(f"loop's share of a scan, {r['what']}, p50", "0.1 ms",
               "%.2f ms, %s" % (r["p50_us"] / 1e3, "whole" if r["whole"] else "the rest is the pool's"))
    for r in (r for r in rows[3:] if "deltas" in r):
        t.line(r["what"] + ", per delta", "200 ns", "%d ns" % r["ns_per_delta"])


def read_arguments():
    def names(text):
        return {name for name in text.split(",") if name}
    p = argparse.ArgumentParser(description=__doc__, usage=argparse.SUPPRESS,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("weir")
    p.add_argument("data", type=Path)
    p.add_argument("--half", default="dev")
    p.add_argument("--genres", type=names, default=set())
    p.add_argument("--leave", type=names, default=set())
    p.add_argument("--by", choices=["genre"])
    p.add_argument("--bench")
    p.add_argument("--json", action="store_true")
    p.add_argument("--quick", action="store_true")
    return p.parse_args()


def main():
    args = read_arguments()
    sys.path.insert(0, str(args.data / "tools"))
    import eval_pii as ep
    kinds, t = Types(ep), Table(args.json)
    scan = Scan(args.weir.split() + ([] if "/scan" in args.weir else ["scan"]))
    if not args.json:
        t.line("what", "goal", "seen")
    path = args.data / "pii2" / f"guard2_{args.half}.jsonl.gz"
    if path.exists():
        second_set(t, scan, kinds, path, args)
    blind_sets(t, scan, kinds)
    ordinary_texts(t, scan, args.data, args)
    gold = first_sets(t, scan, kinds, ep, args.data, args)
    if not args.quick and (args.data / "ner" / "corpora").is_dir():
        real_names(t, scan, args.data / "ner" / "corpora")
    if args.bench and not args.quick:
        speed(t, args.bench, gold["long"])


if __name__ == "__main__":
    main()
