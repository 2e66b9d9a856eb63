"""A property: once a pause of the cloud is acknowledged, no byte reaches a cloud engine,
whatever is under way: requests in all stages, streams, mirrors, judges, escalations,
large bodies that an engine reads slowly, engines that fail.  The engine counts the bytes itself, in one thread
that first takes all that lies in its sockets' buffers.  When the cloud is opened again
bytes come again: a test in which nothing is asked would show nothing."""
import fcntl
import json
import random
import selectors
import socket
import struct
import termios
import threading
import time
import unittest
import urllib.request

import harness
import talk

ROUNDS, CLIENTS = 12, 10
QUIET_S = 0.4
CONFIG = """
workers: 3
access_log: off
mirror: {{to: big, share: 100%}}
escalate: {{threshold: 0.999, judge: big}}
engines:
  - {{name: here, kind: openai, side: local, max_inflight: 64, url: {here},
      models: [{{name: m}}]}}
  - {{name: sky, kind: openai, side: cloud, max_inflight: 6, queue: 64, url: {sky},
      models: [{{name: big}}]}}
  - {{name: slow, kind: openai, side: cloud, max_inflight: 6, queue: 64, url: {slow},
      models: [{{name: large}}]}}
"""
ANSWER = json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "x",
                     "usage": {"prompt_tokens": 1, "completion_tokens": 1,
                               "total_tokens": 2},
                     "choices": [{"index": 0, "finish_reason": "stop", "message": {
                         "role": "assistant", "content": "hello"}}]}).encode()


class Cloud(threading.Thread):
    """Answers each request; is_slow: reads a little at a time.  `late` counts the bytes
    that came after mark()."""

    def __init__(self, is_slow):
        super().__init__(daemon=True)
        self.piece, self.rest_s = (2048, 0.005) if is_slow else (1 << 18, 0)
        self.rests = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        if is_slow:  # what it has not read stays with the sender
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.listener.setblocking(False)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        self.bell, self.rung = socket.socketpair()
        self.taken, self.late, self.is_marked = 0, 0, False
        self.wants_mark, self.has_marked = threading.Event(), threading.Event()
        self.waits = selectors.DefaultSelector()
        self.waits.register(self.listener, selectors.EVENT_READ)
        self.waits.register(self.rung, selectors.EVENT_READ)
        self.got, self.is_over = {}, False
        self.random = random.Random(3)
        self.start()

    def ring(self):
        self.bell.send(b"!")

    def mark(self):
        """From here on nothing may come."""
        self.has_marked.clear()
        self.wants_mark.set()
        self.ring()
        assert self.has_marked.wait(harness.PATIENCE_S)

    def unmark(self):
        self.is_marked = False

    def close(self):
        self.is_over = True
        self.ring()
        self.join()

    def drop(self, sock):
        self.waits.unregister(sock)
        del self.got[sock]
        sock.close()

    def read(self, sock, size):
        """False: nothing lies there now."""
        try:
            data = sock.recv(size)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.drop(sock)
            return False
        self.taken += len(data)
        self.late += len(data) if self.is_marked else 0
        self.got[sock] += data
        self.answer(sock)
        return True

    def answer(self, sock):
        """Some are answered with an error, some by an end."""
        head, found, body = self.got[sock].partition(b"\r\n\r\n")
        if not found:
            return
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < size:
            return
        self.got[sock] = body[size:]
        luck = self.random.random()
        if luck < 0.02:
            self.drop(sock)
            return
        status = b"500 Oh" if luck < 0.04 else b"200 OK"
        try:
            sock.send(b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: "
                      b"%d\r\n\r\n%s" % (status, len(ANSWER), ANSWER))
        except OSError:
            self.drop(sock)

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setblocking(False)
            self.got[sock] = b""
            self.waits.register(sock, selectors.EVENT_READ)

    def take_all(self):
        """What lies in the buffers at this moment, and no more."""
        self.accept()
        for sock in list(self.got):
            there = struct.unpack("i", fcntl.ioctl(sock, termios.FIONREAD, b"1234"))[0]
            while there > 0 and sock in self.got:
                before = self.taken
                if not self.read(sock, there):
                    break
                there -= self.taken - before

    def run(self):
        while not self.is_over:
            self.rests.wait(self.rest_s)
            for key, _ in self.waits.select():
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj is self.rung:
                    self.rung.recv(64)
                elif key.fileobj in self.got:
                    self.read(key.fileobj, self.piece)
            if self.wants_mark.is_set():
                self.wants_mark.clear()
                self.take_all()
                self.is_marked = True
                self.has_marked.set()


class CloudPause(unittest.TestCase):
    PATIENCE_S, LARGE = 2 * harness.PATIENCE_S, 20000

    def setUp(self):
        self.local = harness.Engine()
        self.clouds = [Cloud(False), Cloud(True)]
        self.weir = harness.Weir(CONFIG.format(here=self.local.url, sky=self.clouds[0].url,
                                               slow=self.clouds[1].url))
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.local.shutdown)
        self.weir.start()
        state = self.weir.folder / "state" / "operator"
        self.token = state.read_text().splitlines()[1]
        self.is_over = threading.Event()
        self.unclean, self.lock = [], threading.Lock()
        self.codes = {}

    def set_cloud(self, what):
        asked = urllib.request.Request(
            f"{self.weir.url}/v1/cloud", json.dumps({"do": what, "why": "a test"}).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=harness.PATIENCE_S) as answer:
            return json.load(answer)

    def load(self, seed):
        pick, talker = random.Random(seed), talk.Talker(self.weir.url)
        while not self.is_over.is_set():
            model = pick.choice(("auto", "auto", "big", "large", "large", "cloud"))
            text = "word " * (self.LARGE if model == "large" else pick.choice((1, 100, self.LARGE // 10)))
            headers = {"x-weir-policy": pick.choice(("local-first", "complexity"))}
            try:
                got = talker.ask(talk.chat(text, model, pick.random() < 0.5), headers)
            except talk.Unclean as e:
                if not self.is_over.is_set():
                    self.unclean.append(str(e))
                continue
            code = str(got.status)
            if got.status == 503:
                code = json.loads(got.body)["error"]["code"]
            with self.lock:
                self.codes[code] = self.codes.get(code, 0) + 1
        talker.close()

    def wait_for_bytes(self):
        """Each cloud engine is being asked, however slow this machine is."""
        before, rests = [c.taken for c in self.clouds], threading.Event()
        deadline = time.monotonic() + self.PATIENCE_S
        while any(c.taken - n < 4000 for c, n in zip(self.clouds, before)):
            self.assertLess(time.monotonic(), deadline, "nobody asks the cloud")
            rests.wait(0.01)

    def test_no_byte_after_the_acknowledgement(self):
        clients = [threading.Thread(target=self.load, args=(i,)) for i in range(CLIENTS)]
        for c in clients:
            c.start()
        rests = threading.Event()
        for _ in range(ROUNDS):
            self.wait_for_bytes()
            self.assertTrue(self.set_cloud("pause")["paused"])
            for c in self.clouds:
                c.mark()
            rests.wait(QUIET_S)
            late = [c.late for c in self.clouds]
            for c in self.clouds:
                c.unmark()
            self.assertEqual(late, [0, 0])
            self.set_cloud("resume")
        self.is_over.set()
        for c in clients:
            c.join()
        for c in self.clouds:
            c.close()
        self.assertEqual(self.unclean[:3], [])
        self.assertGreater(self.codes.get("cloud_paused", 0), 0, self.codes)
        self.assertGreater(self.codes.get("200", 0), 0, self.codes)
        self.weir.stop()
        purposes = {leg["purpose"] for row in self.weir.ledger() for leg in row["legs"]}
        self.assertLessEqual({"answer", "mirror", "judge", "escalated"}, purposes)
        done = self.weir.run("prove", "--state-dir", f"{self.weir.folder}/state", "--json")
        said = json.loads(done.stdout)
        self.assertEqual((said["paused"], said["resumed"]), (ROUNDS, ROUNDS))
        self.assertIsNone(said["broken"])


if __name__ == "__main__":
    unittest.main()
