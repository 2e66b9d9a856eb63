#!/usr/bin/env python3
"""Figures of the scanner on labelled texts: eval_guard.py WEIR DATA [HALF [SCAN_BENCH]]

Runs `weir scan` on every pii_*_HALF and secrets_HALF file under DATA/pii (HALF is
"dev" unless said) and scores what it prints with DATA/tools/eval_pii.py and
eval_actions.py.  Each line of the table is: what, the goal, what was seen, k of n."""
import gzip
import json
import os
import subprocess
import sys
import tempfile
import types
from pathlib import Path


def gold_rows(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as f:
        rows = [json.loads(line) for line in f if line.strip()]
    for i, row in enumerate(rows):
        row.setdefault("id", f"{path.stem}-{i}")
    return rows


def scan(command, rows):
    lines = "".join(json.dumps({"id": r["id"], "text": r["text"]}) + "\n" for r in rows)
    done = subprocess.run(command, input=lines.encode(), capture_output=True, check=True)
    return {r["id"]: r for r in map(json.loads, done.stdout.splitlines())}


def arguments(**more):
    base = dict(level="type", iou=0.9, presidio_nb=False, fast=False, rules=False)
    return types.SimpleNamespace(**{**base, **more})


def rate(k, n):
    return f"{k} of {n} ({k / n:.4f})" if n else "none"


def prf(acc, kinds):
    tp, pr, an = (sum(c[t] for t in kinds) for c in (acc.tp, acc.pr, acc.an))
    return tp, pr, an


def f2(tp, pr, an):
    p, r = (tp / pr if pr else 0), (tp / an if an else 0)
    return 5 * p * r / (4 * p + r) if p + r else 0


class Table:
    def line(self, what, goal, seen):
        print(f"{what:58} {goal:>14}  {seen}", flush=True)


def actions(ea, rows, pred):
    """(held, must), (masked, sensitive), {class: (held, n)}, as eval_actions counts."""
    with tempfile.TemporaryDirectory() as d:
        g, p = os.path.join(d, "g"), os.path.join(d, "p")
        Path(g).write_text("".join(json.dumps(r) + "\n" for r in rows))
        Path(p).write_text("".join(json.dumps(r) + "\n" for r in pred.values()))
        out = subprocess.run([sys.executable, ea, g, p], capture_output=True, text=True,
                             check=True).stdout
    return dict(line.split(": ", 1) for line in out.splitlines() if ": " in line)


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
    for r in rows[3:5]:
        t.line(r["what"] + ", p50", "-", "%.1f ms" % (r["p50_us"] / 1e3))
    for r in rows[5:]:
        t.line(r["what"] + ", per delta", "200 ns", "%d ns" % r["ns_per_delta"])


def main():
    weir, data = sys.argv[1], Path(sys.argv[2])
    half = sys.argv[3] if len(sys.argv) > 3 else "dev"
    sys.path.insert(0, str(data / "tools"))
    import eval_pii as ep
    ea = str(data / "tools" / "eval_actions.py")
    command = weir.split() + ["scan"] if "/scan" not in weir else weir.split()
    gold, pred = {}, {}
    for path in sorted((data / "pii").glob(f"*_{half}.jsonl*")):
        name = path.name.split(f"_{half}")[0].removeprefix("pii_")
        gold[name] = gold_rows(path)
        pred[name] = scan(command, gold[name])
    t = Table()
    t.line("what", "goal", "seen")

    a = actions(ea, gold["gateway"], pred["gateway"])
    t.line("gateway: forced local", "0.9995", a["forced local"])
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
    t.line("national ids, gateway: precision", "0.995", rate(tp, pr))
    t.line("national ids, gateway: recall", "0.99", rate(tp, an))
    for kind in ("CREDIT_CARD", "IBAN", "US_SSN"):
        for name, r in (("gateway", gw), ("Presidio", pz)):
            tp, pr, an = prf(r.exact, [kind])
            t.line(f"{kind}, {name}: precision", "0.99", rate(tp, pr))
            t.line(f"{kind}, {name}: recall", "0.999", rate(tp, an))
    for what, r, kind, goal in (
            ("PERSON F2, gateway (exact)", gw.exact, "PERSON", 0.94),
            ("PERSON F2, Presidio (span)", pz.span, "PERSON", 0.88),
            ("PERSON F2, wild (exact)", wild.exact, "PERSON", 0.60),
            ("ADDRESS F2, gateway (exact)", gw.exact, "ADDRESS", 0.93),
            ("ADDRESS F2, Presidio (span)", pz.span, "ADDRESS", 0.80)):
        tp, pr, an = prf(r, [kind])
        t.line(what, goal, f"{f2(tp, pr, an):.3f} (P {rate(tp, pr)}, R {rate(tp, an)})")

    k = [0, 0, 0, 0]
    for r in gold["secrets"]:
        spans = pred["secrets"].get(r["id"], {}).get("spans", [])
        flagged = any(ep.group(s["type"]) == "SECRET" for s in spans)
        k[(0 if flagged else 1) if r["is_secret"] else (2 if flagged else 3)] += 1
    t.line("secrets: F2", "0.92", "%.3f (recall %s)" %
           (f2(k[0], k[0] + k[2], k[0] + k[1]), rate(k[0], k[0] + k[1])))
    t.line("secrets: false positives", "0.08", rate(k[2], k[2] + k[3]))

    adv = ep.score(gold["adversarial"], pred["adversarial"], arguments(fast=True)).adv
    t.line("adversarial values masked", "0.80",
           rate(sum(v[1] for v in adv.values()), sum(v[0] for v in adv.values())))
    for kind, (n, masked) in sorted(adv.items()):
        t.line(f"  {kind}", "", rate(masked, n))
    lng = ep.score(gold["long"], pred["long"], arguments(fast=True))
    t.line("100 KB texts: values masked", "0.97",
           rate(sum(lng.masked.values()), sum(lng.sens.values())))

    a = actions(ea, gold["neg"], pred["neg"])
    goals = {"chat": 0.005, "code": 0.01, "clinical": 0.005, "hard": 0.01}
    for key in sorted(x for x in a if x.startswith("false ")):
        cls = key.split("_", 1)[1]
        t.line(f"false force-local: {cls}", str(goals.get(cls, "-")), a[key])
    near = data / "pii" / f"near_misses_{half}.json"
    if near.exists():
        rows = json.loads(near.read_text())
        p = scan(command, rows)
        held = sum(p[r["id"]]["action"] in ("local", "block") for r in rows)
        t.line("false force-local: near misses", "0.01", rate(held, len(rows)))
    if len(sys.argv) > 4:
        speed(t, sys.argv[4], gold["long"])


if __name__ == "__main__":
    main()
