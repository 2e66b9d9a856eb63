"""The page on a bad day: weir is restarted while streams are open, all places are taken, and
somebody comes in anew beside an open tab."""
import json
import re
import resource
import socket
import unittest
import urllib.request

import browser as browsers
from harness import PATIENCE_S, Engine, Weir
from test_page import CONFIG


def port_of(weir):
    return int(weir.url.rpartition(":")[2])


def token_of(weir):
    return (weir.folder / "state" / "operator").read_text().split("\n")[1]


def ask(weir):
    body = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
    urllib.request.urlopen(urllib.request.Request(
        weir.url + "/v1/chat/completions", data=json.dumps(body).encode(),
        headers={"content-type": "application/json"}), timeout=PATIENCE_S).close()


def come_in(weir):
    """By a link; lines of a head that open the page from then on."""
    link = browsers.page_link(weir).partition("#in=")[2]
    asked = urllib.request.Request(weir.url + "/weir/api/enter", data=json.dumps({"link": link}).encode(),
                                   headers={"content-type": "application/json"})
    with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:
        cookie = answer.headers["set-cookie"].partition(";")[0]
        return f"cookie: {cookie}\r\nx-weir-page: {json.load(answer)['mark']}\r\n"


class Stream:
    """GET /weir/events by itself, as a browser that keeps the id of the newest row."""

    def __init__(self, weir, last=None, small=False, opens=None):
        self.last, self.ids, self.gaps, self.ended = last, [], 0, None
        self.sock = socket.socket()
        self.sock.settimeout(PATIENCE_S)
        if small:  # small segments make small buffers on weir's side, too
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.connect(("127.0.0.1", port_of(weir)))
        again = f"last-event-id: {last}\r\n" if last else ""
        opens = opens or f"authorization: Bearer {token_of(weir)}\r\n"
        self.sock.sendall(f"GET /weir/events HTTP/1.1\r\nhost: 127.0.0.1\r\n{opens}{again}\r\n".encode())
        self.rest = b""
        self.read_until(lambda: b"\r\n\r\n" in self.rest)
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])

    def read_until(self, done):
        """False: the stream is over."""
        while not done():
            some = self.sock.recv(1 << 16)
            if not some:
                return False
            self.rest += some
            self.take()
        return True

    def take(self):
        *events, rest = re.split(rb"\n\n", self.rest)
        if b"HTTP/1.1" in self.rest:
            return
        self.rest = rest
        for event in events:
            if found := re.search(rb"id: (\S+)\nevent: rows\ndata: (.*)", event):
                self.last = found.group(1).decode()
                self.ids += [row["id"] for row in json.loads(found.group(2))]
            self.gaps += b"event: gap" in event
            if found := re.search(rb'event: end\ndata: {"why":"(\w+)"', event):
                self.ended = found.group(1).decode()

    def close(self):
        self.sock.close()


class ThreeWorkers(unittest.TestCase):
    """Streams come and go between workers; each row is told once."""

    def setUp(self):
        self.engine = Engine()
        self.addCleanup(self.engine.shutdown)
        self.weir = Weir(CONFIG.format(url=self.engine.url) + "\nworkers: 3\n").start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)

    def test_whoever_comes_back_by_id_misses_no_row_and_sees_none_twice(self):
        stream, seen, gaps = Stream(self.weir), [], 0
        for _ in range(12):
            ask(self.weir)
            stream.read_until(lambda: stream.ids)
            for _ in range(3):
                ask(self.weir)
            stream.close()  # whatever was on its way is lost
            ask(self.weir)
            seen, gaps, last = seen + stream.ids, gaps + stream.gaps, stream.last
            stream = Stream(self.weir, last)
            self.assertEqual(stream.status, 200)
        ask(self.weir)
        stream.read_until(lambda: len(seen) + len(stream.ids) >= 61)
        seen, gaps = seen + stream.ids, gaps + stream.gaps
        stream.close()
        self.assertEqual(gaps, 0)
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(set(seen), {row["id"] for row in self.weir.ledger()})

    def test_a_restart_ends_all_streams_with_a_word_and_waits_for_none(self):
        still = Stream(self.weir, small=True)  # reads no more; what weir has for it does not fit into the kernel
        streams = [Stream(self.weir) for _ in range(15)]
        for s in streams:
            self.assertEqual(s.status, 200)
        for _ in range(8):
            for _ in range(60):
                ask(self.weir)
            streams[0].ids.clear()
            streams[0].read_until(lambda: streams[0].ids)
        self.weir.stop()
        still.close()
        for s in streams:
            self.assertFalse(s.read_until(lambda: False))
            self.assertEqual(s.ended, "draining")
            s.close()


class InABrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)

    def begin(self, more=""):
        self.weir = Weir(CONFIG.format(url=self.engine.url) + more).start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)
        self.browser.open()
        self.browser.do("goto", url=browsers.page_link(self.weir))
        self.wait_state("Live")

    def wait_state(self, word):
        self.browser.wait(f"document.querySelector('.state')?.textContent === {json.dumps(word)}", 60000)

    def rows(self):
        return self.browser.run("[...document.querySelectorAll('.rows tbody tr')].map(r => r.dataset.id)")

    def test_restarts_lose_no_row_and_double_none(self):
        self.begin("\nworkers: 3\n")
        port, config = port_of(self.weir), self.weir.folder / "weir.yaml"
        config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        for round_ in range(3):
            for _ in range(5):
                ask(self.weir)
            self.weir.stop()
            self.weir.start()
            for _ in range(5):
                ask(self.weir)  # perhaps before the page is back
            if round_ < 2:
                self.wait_state("Live")
        self.wait_state("Live")
        self.browser.wait("document.querySelectorAll('.rows tbody tr').length === 30", 60000)
        rows = self.rows()
        self.assertEqual(len(rows), len(set(rows)))
        self.assertEqual(set(rows), {row["id"] for row in self.weir.ledger()})
        self.assertEqual(rows, sorted(rows, reverse=True))

    def test_when_all_places_are_taken_it_says_so_and_comes_back_by_itself(self):
        self.begin()
        self.browser.run("location.hash = '#/spend'")
        self.browser.wait("document.querySelector('.view.spend') !== null")
        self.browser.run("document.querySelector('#top button.quiet:last-of-type').click()")
        self.wait_state("Not updating")
        resource.prlimit(self.weir.process.pid, resource.RLIMIT_NOFILE, (84, 84))
        streams = [Stream(self.weir) for _ in range(15)]  # a quarter of what clients may have
        for s in streams:
            self.assertEqual(s.status, 200)
        self.browser.run("[...document.querySelectorAll('#top button')].find(b => b.textContent === 'Go on').click()")
        self.wait_state("Waiting")
        words = "weir has all of its 15 streams of events in use: close pages that nobody needs; this one asks again by itself"
        self.assertEqual(self.browser.run("document.querySelector('.state').title"), words)
        self.assertEqual(self.browser.run("document.getElementById('status').textContent"), words)
        self.browser.run("location.hash = '#/home'")  # the rest of the page is there
        self.browser.wait("document.querySelector('.view.home') !== null")
        for s in streams:
            s.close()
        self.wait_state("Live")

    def test_a_tab_stays_when_somebody_comes_in_anew_beside_it(self):
        """Another link gives the browser another cookie, of which this tab needs the mark."""
        self.begin()
        link = browsers.page_link(self.weir, "operate")
        entered = self.browser.run("""new Promise(done => {
            const other = document.body.appendChild(document.createElement("iframe"));
            fetch("/weir/api/enter", {method: "POST", headers: {"content-type": "application/json"},
                body: JSON.stringify({link: %s})}).then(a => a.json()).then(now => {
                other.contentWindow.localStorage.setItem("weir-page", now.mark + " " + now.pass);
                done(now.role);
            });
        })""" % json.dumps(link.partition("#in=")[2]))
        self.assertEqual(entered, "operate")
        self.browser.run("location.hash = '#/spend'")
        self.browser.wait("document.querySelector('.view.spend') !== null")
        self.browser.run("location.hash = '#/home'")
        self.browser.wait("document.querySelector('.view.home') !== null")


if __name__ == "__main__":
    unittest.main()
