"""instructions.py -- instructions of weir's serving thread: instructions.py BUILD [WEIR...]

BUILD is a release build with -Dbench=true, for its engine.  Each WEIR (default: that of
BUILD) runs under callgrind, which counts instructions and not seconds: what else the
machine does changes nothing.  A load is done twice, once short and once long; the
difference divided by the difference in units is the figure, so that starting up and the
first requests cancel out.  With several WEIR the last column compares each to the first.
The kernel's instructions are not counted."""
import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from proxies import KEY, Mock, Weir, stop

HEADERS = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}


class Counted(Weir):
    """weir under callgrind; a thread has a file of its own."""

    def start_one(self, kind, port, url, extra=""):
        out = self.folder / f"{kind}.out"
        real, self.binary = self.binary, self.folder / "weir-counted"
        self.binary.write_text("#!/bin/sh\nexec valgrind -q --tool=callgrind "
                               "--separate-threads=yes --callgrind-out-file="
                               f"'{out}' '{real}' \"$@\"\n")
        self.binary.chmod(0o755)
        try:
            process = super().start_one(kind, port, url, extra)
        finally:
            self.binary = real
        return process

    def count(self, kind):
        """Instructions of the serving thread: the one that reads HTTP."""
        texts = [path.read_text() for path in self.folder.glob(f"{kind}.out-*")]
        totals = [int(re.search(r"^(?:totals|summary): (\d+)", text, re.M).group(1))
                  for text in texts if "http_reader_feed" in text]
        if not totals:
            raise SystemExit(f"instructions: no thread of {self.binary} read HTTP")
        return max(totals)


def body_of(size, hint="", **more):
    if "messages" in more:
        return json.dumps({"model": "m", **more}).encode()
    text = hint + "x" * max(size - 120, 1)
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text}],
                       **more}).encode()


def ask(port, n, size, path="/v1/chat/completions", **more):
    """n requests, one after the other, on one connection."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    body = body_of(size, **more)
    for _ in range(n):
        c.request("POST", path, body, HEADERS)
        answer = c.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"instructions: status {answer.status}: {text[:300]!r}")
    c.close()


def requests(port, n):
    ask(port, n, 1024)


def bodies(port, n):
    ask(port, n, 100_000)


def events(port, n):
    ask(port, 1, 200, hint=f"bench events={n} pace_ms=0. ", stream=True)


def paced_events(port, n):
    """One event a turn of the loop: callgrind is slow, so they must not come too fast."""
    ask(port, 1, 200, hint=f"bench events={n} pace_ms=4. ", stream=True)


def agent(chat):
    """About 100 KB of an agent's conversation: 12 tools, 60 turns with calls and results."""
    parameters = {"type": "object", "properties": {"path": {"type": "string"}}}
    messages = [{"role": "user", "content": "mend the tests " + "x" * 2000}]
    for i in range(30):
        arguments, result = {"path": f"src/file{i}.c"}, f"line {i} of a file\n" * 150
        if chat:
            messages += [{"role": "assistant", "content": "I look.", "tool_calls": [
                {"id": f"call_{i}", "type": "function",
                 "function": {"name": "read3", "arguments": json.dumps(arguments)}}]},
                {"role": "tool", "tool_call_id": f"call_{i}", "content": result}]
        else:
            messages += [{"role": "assistant", "content": [
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": f"call_{i}", "name": "read3", "input": arguments}]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": f"call_{i}", "content": result}]}]
    tools = [{"name": f"read{i}", "description": "reads a file " * 20} for i in range(12)]
    for tool in tools:
        tool["parameters" if chat else "input_schema"] = parameters
    if chat:
        tools = [{"type": "function", "function": tool} for tool in tools]
    return {"messages": messages, "tools": tools, "max_tokens": 64}


def agents(port, n):
    ask(port, n, 1, **agent(True))


# A client of Anthropic's Messages before the same engine, which speaks OpenAI's form: each
# of its requests and events is translated.

MESSAGES = {"path": "/v1/messages", "max_tokens": 64}


def messages_requests(port, n):
    ask(port, n, 1024, **MESSAGES)


def messages_agents(port, n):
    ask(port, n, 1, path="/v1/messages", **agent(False))


def messages_events(port, n):
    ask(port, 1, 200, hint=f"bench events={n} pace_ms=0. ", stream=True, **MESSAGES)


def messages_paced(port, n):
    ask(port, 1, 200, hint=f"bench events={n} pace_ms=4. ", stream=True, **MESSAGES)


LOADS = [("1 KB request", "plain", requests, 200, 1200),
         ("100 KB body", "plain", bodies, 20, 120),
         ("streamed event, in a burst", "plain", events, 1000, 11000),
         ("streamed event, one a turn", "plain", paced_events, 100, 600),
         ("1 KB request, TLS engine", "tls", requests, 200, 1200),
         ("agent's body of 100 KB", "plain", agents, 20, 80)]

# ... and the load of one dialect that each is compared with.
TRANSLATED = [("1 KB request, translated", messages_requests, 200, 1200, "1 KB request"),
              ("agent's body, translated", messages_agents, 20, 80, "agent's body of 100 KB"),
              ("event in a burst, translated", messages_events, 1000, 11000,
               "streamed event, in a burst"),
              ("event, one a turn, translated", messages_paced, 100, 600,
               "streamed event, one a turn")]


def count(binary, mock, folder, kind, load, n, log):
    proxy = Counted(f"{binary.parent.parent.name}-{load.__name__}-{n}-{time.monotonic_ns()}",
                    folder, mock, log)
    proxy.binary = binary
    url = (f"http://127.0.0.1:{mock.port}/v1" if kind == "plain"
           else f"https://localhost:{mock.tls_port}/v1")
    extra = "" if kind == "plain" else f"    ca_file: {mock.ca}\n"
    process = proxy.start_one(kind, proxy.port, url, extra)
    try:
        load(proxy.port, n)
    finally:
        stop(process)
    return proxy.count(kind)


def main():
    build = Path(sys.argv[1]).resolve()
    binaries = [Path(p).resolve() for p in sys.argv[2:]] or [build / "src/cmd/weir"]
    print(f"{'instructions of':32}" + "".join(f"{'weir ' + str(i + 1):>12}"
                                             for i in range(len(binaries))) + "   ratio")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        log = open(folder / "log", "w")
        mock = Mock(build / "tests/bench", folder, log)
        try:
            def each(kind, load, few, many):
                return [(count(b, mock, folder, kind, load, many, log)
                         - count(b, mock, folder, kind, load, few, log)) / (many - few)
                        for b in binaries]

            own = {}
            for title, kind, load, few, many in LOADS:
                own[title] = seen = each(kind, load, few, many)
                print(f"{title:32}" + "".join(f"{x:12,.0f}" for x in seen)
                      + "".join(f"   {x / seen[0]:.3f}" for x in seen[1:]), flush=True)
            for title, load, few, many, beside in TRANSLATED:
                seen = each("plain", load, few, many)
                print(f"{title:32}" + "".join(f"{x:12,.0f}" for x in seen)
                      + "".join(f"   x {x / base:.2f} of one dialect"
                                for x, base in zip(seen, own[beside])), flush=True)
        finally:
            mock.stop()


if __name__ == "__main__":
    main()
