#!/usr/bin/env python3
"""How long one turn of a worker's loop takes: stall.py --weir WEIR

All clients of a worker wait for its loop.  While bodies and answers of 1 to 30 MB come and
go, one at a time and several at once, the longest turn must stay below 20 ms, the time that
the thread waited for a core not counted (WEIR_TURN_METER=1).  A release build, and alone on
the machine: what is measured is milliseconds."""
import json
import sys
import time

import common
import turns

WORDS = "lorem ipsum "


def text(mb):
    return WORDS * (mb * 1_000_000 // len(WORDS))


def ask_all(case, requests):
    for thread in [case.send(r) for r in requests]:
        thread.join(60)


def expect_ok(case, data):
    status, got = case.ask(data, 120)
    if status != 200:
        case.troubles.append(f"answered {got[:300]}")


def one(model, mb, prefix=""):
    import memory

    def run(case):
        expect_ok(case, memory.request(model, "small", prefix + text(mb)))
    return run


def raw(body):
    """A body as it stands, for the local engine."""
    import memory

    def run(case):
        head = memory.request("home", "small").split(b"Content-Length")[0]
        expect_ok(case, head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    return run


def with_text(json_text, mb):
    return raw(b'{"user":"small","model":"home","messages":[{"role":"user","content":"' +
               json_text * (mb * 1_000_000 // len(json_text)) + b'"}]}')


def with_member(name, json_text):
    return raw(b'{"user":"small","model":"home","messages":[{"role":"user","content":"hi"}],' +
               name + b":" + json_text + b"}")


def many(model, mb, n):
    import memory

    def run(case):
        ask_all(case, [memory.request(model, "small", text(mb))] * n)
        time.sleep(3)
    return run


def answer(model, how, stream=False):
    import memory

    def run(case):
        case.ask(memory.request("sky", "small", "Write to maria.schmidt@gmail.com."))
        expect_ok(case, memory.request(model, how, stream=stream))
    return run


def messages(n):
    return raw(json.dumps({"user": "small", "model": "home", "messages": [
        {"role": "user", "content": f"message {i}"} for i in range(n)]}).encode())


def members(n):
    return json.dumps({f"member {i}": i for i in range(n)}).encode()


def cases():
    address = "Write to maria.schmidt@gmail.com. "
    return {
        "small requests": lambda c: c.small_ones(2),
        "a local body of 1 MB": one("home", 1),
        "a local body of 8 MB": one("home", 8),
        "a local body of 30 MB": one("home", 30),
        "a cloud body of 1 MB": one("sky", 1),
        "a cloud body of 30 MB": one("sky", 30),
        "a masked body of 1 MB": one("sky", 1, address),
        "a masked body of 30 MB": one("sky", 30, address),
        "100,000 messages": messages(100_000),
        "30 MB of escapes": with_text(rb"\u00e4", 30),
        "30 MB of line ends": with_text(rb"a line\n", 30),
        "30 MB of Chinese": with_text("\u4e2d\u6587".encode(), 30),
        "30 MB of quotes": with_text(rb"\"", 30),
        "30 MB of numbers": with_member(b'"metadata"', b"[" + b"1234," * 5_900_000 + b"1]"),
        "30 MB of brackets": with_member(b'"metadata"', b"[" + b"[],[{}]," * 3_700_000 + b"1]"),
        "a million members": with_member(b'"metadata"', members(1_000_000)),
        "8 bodies of 30 MB at once": many("home", 30, 8),
        "a plain answer of 20 MB": answer("home", "plain"),
        "a plain answer of 20 MB to a stream": answer("home", "plain", True),
        "a joined answer of 20 MB": answer("home", "joined"),
        "a restored answer of 20 MB": answer("sky", "plain"),
        "a stream of 20 MB": answer("home", "flood", True),
        "a restored stream of 20 MB": answer("sky", "flood", True),
        "an event of 15 MB": answer("home", "event", True),
    }


def main():
    args = common.arguments(__doc__, only="")
    import memory
    table = common.Table()
    for item, run in cases().items():
        if args.only not in item:
            continue
        case = memory.Case(512)
        try:
            run(case)
        except OSError as why:
            case.troubles.append(f"{why!r}")
        ms = turns.longest_ms(case.weir.url)
        if ms is None or ms > turns.MOST_MS:
            case.troubles.append(f"a turn took {ms} ms")
        troubles = case.end()
        table.row(item, f"longest turn {ms or 0:.1f} ms", troubles)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
