#!/usr/bin/env python3
"""Fail the first, the second, ... allocation of a whole life of weir: alloc.py --weir W

A life: start, a plain request, a streamed one, one that is refused, a reload, SIGTERM.
Whatever allocation fails, weir must not crash, hang or (under ASan) leave anything to
report, and must end with 0, or with 1 or 2 when it could not start.  One allocation may
cost one answer, by an error or a cut connection that no client takes for a whole answer.
Then the same with all later allocations failing too, where any number may be lost.
Ends with the first number that no allocation had any more."""
import hashlib
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import common

CONFIG = """
policy: complexity
engines:
  - {{name: a, kind: openai, side: local, url: {url}, max_inflight: 2,
     models: [{{name: m, caps: [tools]}}]}}
  - {{name: b, kind: llama-server, side: cloud, url: {url}, api_key: k,
     models: [{{name: big, price: openai/gpt-4o}}]}}
roles: {{local_small: m, cloud_strong: big}}
aliases: {{fast: m}}
keys:
  - {{name: k, hash: "sha256:{hash}", sensitivity: internal}}
"""
PATIENCE_S = 20
SILENT = "the reload said nothing"


def live(n, url, key_hash, and_later):
    """One life.  (did the n-th allocation exist, troubles)"""
    from harness import Weir
    weir = Weir(CONFIG.format(url=url, hash=key_hash))
    weir.env["WEIR_FAIL_ALLOC"] = f"{n}+" if and_later else str(n)
    troubles = []
    try:
        try:
            weir.start()
        except AssertionError:
            pass
        if weir.url:
            troubles += talk_to(weir, and_later)
        troubles += end(weir, and_later)
        if "lines are missing here" in weir.stderr and SILENT in troubles:
            troubles.remove(SILENT)  # that line was what the allocation cost
    finally:
        weir.remove()
    if common.SANITIZER.search(weir.stderr):
        troubles.append(weir.stderr[-1500:])
    return "failed as asked" in weir.stderr, [f"allocation {n}: {t}" for t in troubles]


def talk_to(weir, and_later):
    import talk
    troubles, lost = [], 0
    key = {"authorization": "Bearer k"}
    wanted = [("plain", talk.chat("hello", "m"), key),
              ("stream", talk.chat("hello", "fast", True), key),
              ("refused", talk.chat("hello", "big"), key),
              ("nokey", talk.chat("hello", "m"), {})]
    for round_ in ("before", "after"):
        for name, body, headers in wanted:
            try:
                talk.ask(weir.url, body, {**headers, "x-request-id": f"{name}-{round_}"},
                         timeout_s=PATIENCE_S)
            except talk.Unclean as why:
                lost += 1  # one connection may be lost for want of memory
                if "no answer within" in str(why) or "just stops" in str(why):
                    troubles.append(f"{name} {round_}: {why}")
        if round_ == "before":
            weir.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + PATIENCE_S
            while "reloaded" not in weir.stderr and "stays" not in weir.stderr:
                if weir.process.poll() is not None or time.monotonic() > deadline:
                    troubles.append(SILENT)
                    break
                if and_later and "failed as asked" in weir.stderr:
                    break  # without any memory nothing is said
                time.sleep(0.002)
    if lost > 1 and not and_later:
        troubles.append(f"{lost} answers lost to one allocation")
    return troubles


def end(weir, and_later):
    if weir.process.poll() is None:
        weir.process.terminate()
    try:
        code = weir.process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        return ["weir does not end"]
    weir.reader.join(PATIENCE_S)  # all that it said has been read
    # Without memory for it, one line is not printed: it may be the one with the address.
    is_lost = and_later or "lines are missing here" in weir.stderr
    fine = (0,) if weir.url else (0, 1, 2) if is_lost else (1, 2)
    return [] if code in fine else [f"exit code {code}: {weir.stderr[-1500:]}"]


def walk(args, url, and_later):
    """(how many points there were, whether the end was reached, troubles)"""
    key_hash = hashlib.sha256(b"k").hexdigest()
    troubles, ran, is_over, n = [], 0, False, args.first
    with ThreadPoolExecutor(args.jobs) as pool:
        while not is_over and n <= args.last:
            batch = range(n, min(n + 16 * args.step, args.last + 1), args.step)
            for existed, found in pool.map(
                    lambda i: live(i, url, key_hash, and_later), batch):
                ran += existed
                is_over = is_over or not existed
                troubles += found
            n = batch[-1] + args.step
    return ran, is_over, troubles


def main():
    args = common.arguments(__doc__, first=1, last=100000, step=1, jobs=2)
    from harness import Engine
    engine = Engine()
    table = common.Table()
    for item, and_later in (("each allocation fails once", False),
                            ("and all after it as well", True)):
        ran, is_over, troubles = walk(args, engine.url, and_later)
        where = "to the last one" if is_over else f"up to {args.last}, not the last"
        table.row(item, f"{ran} lives, {where}", troubles)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
