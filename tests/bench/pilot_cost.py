"""pilot_cost.py -- what a pilot takes of the requests it compares: pilot_cost.py BUILD [WEIR]

Instructions of the serving thread for a 1 KB request, by callgrind, as instructions.py
counts them: without a pilot, with one that the request is not in, with one that takes a
tenth of the requests, and with one that takes each of them.  Of the last, what is done for
the client's own request is told apart from what the mirror takes: what runs inside the
functions of pairing.c, without the mirror's beginning.  These keep their names only in a
WEIR that is built with -Db_lto=false; of another one that part is 0."""
import http.client
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from instructions import HEADERS, Counted, body_of, events
from proxies import Mock

FEW, MANY = 100, 600
OWN = ("pairing_begin", "pairing_event", "pairing_take", "pairing_answered", "pairing_free")
TWO_SIDES = """\
    models: [{name: m, as: mock-model-of-the-bench, price: openai/gpt-4o}]
  - name: home
    side: local
    url: URL
    max_inflight: 0
    models: [{name: h, as: mock-model-of-the-bench}]
"""


def requests(port, n):
    """Each of a session of its own: a pilot takes sessions whole or not at all."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    for i in range(n):
        c.request("POST", "/v1/chat/completions", body_of(1024),
                  {**HEADERS, "x-weir-session": f"session-{i}"})
        answer = c.getresponse()
        if answer.read() and answer.status != 200:
            raise SystemExit(f"pilot_cost: status {answer.status}")
    c.close()


def stop(process):
    """All pairs are counted first, which under callgrind takes its time."""
    process.terminate()
    process.wait(300)


class Compared(Counted):
    share = None

    def write(self, path, text):
        url = re.search(r"url: (\S+)", text).group(1)
        text = text.replace("side: local", "side: cloud", 1)
        text = text.replace("policy: local-first", "policy: cloud-only")
        text = re.sub(r"    models: \[.*\]\n", TWO_SIDES.replace("URL", url), text, count=1)
        super().write(path, text)
        if self.share:
            subprocess.run([self.binary, "pilot", "start", "-c", path, "--to", "home/h",
                            "--share", self.share, "--margin", "0.1"], check=True, capture_output=True,
                           cwd=self.folder)

    def inside(self, kind):
        """Instructions inside of pairing.c's functions, the mirror's beginning apart."""
        total = 0
        for path in self.folder.glob(f"{kind}.out-*"):
            if "http_reader_feed" not in path.read_text():
                continue
            told = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100",
                                   path], capture_output=True, text=True, check=True).stdout
            for name, sign in [(f, 1) for f in OWN] + [("aside_ask_for_pair", -1)]:
                for number in re.findall(rf"^ *([\d,]+) .*:{name}(?:'\d+)? ", told, re.M):
                    total += sign * int(number.replace(",", ""))
        return total


def count(binary, mock, folder, load, share, n, log):
    log.truncate(0)
    proxy = Compared(f"{load.__name__}-{n}-{time.monotonic_ns()}", folder, mock, log)
    proxy.binary, proxy.share = binary, share
    process = proxy.start_one("plain", proxy.port, f"http://127.0.0.1:{mock.port}/v1")
    try:
        while share and "a pilot runs" not in (folder / "log").read_text():
            time.sleep(0.2)
        load(proxy.port, n)
    finally:
        stop(process)
    pairs = proxy.folder / "plain" / "pilot.pairs"
    found = pairs.read_text().count("pair_ms") if pairs.exists() else 0
    return proxy.count("plain"), proxy.inside("plain"), found


def main():
    build = Path(sys.argv[1]).resolve()
    binary = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else build / "src/cmd/weir"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        log = open(folder / "log", "a")
        mock = Mock(build / "tests/bench", folder, log)
        try:
            # The events are those of one session: in the pilot, or not.
            for title, load, few, many, shares in (
                    ("1 KB request", requests, FEW, MANY, (None, "0.0001%", "10%", "100%")),
                    ("streamed event", events, 500, 2500, (None, "0.0001%", "100%"))):
                base = None
                for share in shares:
                    seen = [count(binary, mock, folder, load, share, n, log)
                            for n in (few, many)]
                    all_, own = ((seen[1][i] - seen[0][i]) / (many - few) for i in (0, 1))
                    base = base or all_
                    print(f"{title:16} share {share or 'none':8} {all_:10,.0f} in all "
                          f"({all_ / base:.3f}), {own:8,.0f} of the client's own "
                          f"({own / base:.4f}), {seen[1][2]} pairs", flush=True)
        finally:
            mock.stop()


if __name__ == "__main__":
    main()
