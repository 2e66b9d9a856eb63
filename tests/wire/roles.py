"""roles.py -- what a client and a fake engine of a test can do: one method a word.

A role runs its statements in order in a thread of its own.  It may wait for others
only by events (`signal`, `await`), never by sleeping."""
import json
import re
import select
import socket
import threading
import time

from lang import LangError, size, substitute, to_bytes
from peer import PATIENCE_S, Closed, Failure, Peer, compare, lookup

STALL_S = 0.5  # no progress for so long: the other side has stopped reading


class Role:
    is_request = False  # what it reads

    def __init__(self, test, name, variables):
        self.test, self.name = test, name
        self.variables = variables
        self.peer = None
        self.pumped = 0
        self.sh = None

    # -- running statements
    def run(self, statements):
        for s in statements:
            if s.words[0] == "for":
                self.run_for(s)
                continue
            try:
                self.step(s)
            except Failure as e:
                raise type(e)(f"line {s.line}: {e}") from None
            except (LangError, ValueError, KeyError, IndexError, OSError) as e:
                raise Failure(f"line {s.line}: {type(e).__name__}: {e}") from None

    def run_for(self, s):
        """for NAME WORD... { }: a WORD A..B stands for the numbers from A to B."""
        _, name, *words = [substitute(w, self.variables) for w in s.words]
        for word in words:
            low, dots, high = word.partition("..")
            values = range(int(low), int(high) + 1) if dots and low.isdigit() else [word]
            for value in values:
                self.variables[name] = value
                self.run(s.block)

    def step(self, s):
        if self.test.has_failed:
            raise Failure("stopped, because another role failed")
        word, *words = [substitute(w, self.variables) for w in s.words]
        method = getattr(self, "do_" + word.replace("-", "_"), None)
        if not method:
            raise LangError(f"a {type(self).__name__.lower()} does not know '{word}'")
        method(*words)

    # -- words that both sides know
    def do_signal(self, name):
        self.test.event(name).set()

    def do_await(self, name):
        self.test.await_event(name)

    def do_sync(self):
        self.test.sync()

    def do_advance(self, duration):
        self.test.advance(duration)

    def do_wall(self, off):
        self.test.do_wall(off)

    def do_let(self, name, value):
        self.variables[name] = value

    def do_tx(self, *words):
        """Exact bytes.  -bytewise: one by one; -split N: two writes, the first of N."""
        words = list(words)
        how = words.pop(0) if words[0] in ("-bytewise", "-split") else ""
        at = int(words.pop(0)) if how == "-split" else 0
        data = to_bytes("".join(words))
        if how == "-bytewise":
            self.out().send_in_pieces(data[i:i + 1] for i in range(len(data)))
        elif how == "-split":
            self.out().send_in_pieces(p for p in (data[:at], data[at:]) if p)
        else:
            self.out().send(data)

    def out(self):
        if not self.peer:
            self.do_connect()
        return self.peer

    def do_expect(self, path, op, wanted=None):
        compare(path, self.value_of(path), op, wanted)

    def do_keep(self, name, path, regex=None):
        """A part of what was read last, as ${NAME}: all of it, or what REGEX finds."""
        value = str(self.value_of(path))
        found = re.search(regex, value) if regex else None
        if regex and not found:
            raise Failure(f"{path} has nothing like {regex}: {value}")
        self.variables[name] = found.group(0) if found else value

    def value_of(self, path):
        if path == "pumped":
            return self.pumped
        return lookup(self.peer and self.peer.message, path)

    def do_rxeof(self):
        """The other side closes, having said nothing more."""
        rest = self.peer.read_to_end()
        if rest:
            raise Failure(f"expected the end; came {rest[:300]!r}")

    def do_rxrest(self):
        """Whatever comes until the end; `expect body` then looks at it."""
        self.peer.message.body = self.peer.read_to_end()

    def do_rxsome(self, least="1"):
        """At least so many bytes, whatever they are."""
        while len(self.out().pending) < int(least):
            if not self.peer.more():
                raise Failure("the end came instead of bytes")
        self.peer.pending = b""

    def do_close(self):
        if self.peer:
            self.peer.close()
        self.peer = None

    def do_cut(self):
        self.peer.cut()
        self.peer = None

    def do_reset(self):
        self.peer.reset()
        self.peer = None

    def do_shutdown(self):
        self.peer.sock.shutdown(socket.SHUT_WR)

    def do_quiet(self, duration):
        """Nothing comes for so long (real time; for claims of absence only)."""
        if self.peer.pending:
            raise Failure(f"expected silence; had {self.peer.pending[:300]!r}")
        wait_s = self.test.milliseconds(duration) / 1000
        if select.select([self.peer.sock], [], [], wait_s)[0]:
            raise Failure(f"expected silence; came {self.peer.sock.recv(300)!r}")


def fields_and_body(words):
    """Reads [header LINE]... [body TEXT | fill SIZE]; returns (lines, bytes or None)."""
    lines, body, words = [], None, list(words)
    while words:
        what = words.pop(0)
        if what == "header":
            lines.append(words.pop(0))
        elif what == "body":
            body = to_bytes(words.pop(0))
        else:
            raise LangError(f"did not expect '{what}'")
    return lines, body


def has(lines, name):
    return any(line.lower().startswith(name + ":") for line in lines)


class Client(Role):
    def do_connect(self, *words):
        """connect [HOST PORT] [-rcvbuf SIZE]"""
        words = list(words)
        host, port = "127.0.0.1", self.variables.get("weir_port", 0)
        if words and not words[0].startswith("-"):
            host, port = words.pop(0), words.pop(0)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        if words:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size(words[1]))
        sock.settimeout(PATIENCE_S)
        sock.connect((host, int(port)))
        self.peer = self.test.own(Peer(sock, self.name, self.test.note))

    def do_txreq(self, method, path, *words):
        """A request with Host, Content-Type and Content-Length unless they are given."""
        lines, body = fields_and_body(words)
        if not has(lines, "host"):
            lines.insert(0, f"Host: 127.0.0.1:{self.variables.get('weir_port', 0)}")
        if body is not None and not has(lines, "content-type"):
            lines.append("Content-Type: application/json")
        if body is not None and not has(lines, "transfer-encoding") \
                and not has(lines, "content-length"):
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])
        self.out().send(to_bytes(head) + (body or b""))

    def do_rxhead(self):
        self.peer.read_head()

    def do_rxresp(self):
        """The whole answer, or the rest of one whose head has been read."""
        if not self.peer.message or self.peer.message.is_whole:
            self.peer.read_head()
        self.peer.read_body()

    def do_rxevent(self):
        """The next server-sent event of a chunked answer."""
        self.peer.read_event()

    def do_refused(self):
        """A new connection is not answered: refused, or closed at once."""
        try:
            self.do_connect()
            self.do_txreq("GET", "/health")
            self.peer.read_head()
        except (Closed, ConnectionError):
            self.peer = None
            return
        raise Failure("a new connection was answered")


class Server(Role):
    """A fake engine.  By default one script for all connections, which must come to
    its end.  -each: the script for every request of every connection, as often as
    they come.  -tap: the same with nothing to say."""
    is_request = True

    def __init__(self, test, name, variables, options):
        super().__init__(test, name, variables)
        self.options = options
        self.connections = self.requests = 0
        self.owner = self
        self.named = {}
        self.scheme = "https" if "-tls" in options or "-tls-untrusted" in options else "http"
        is_v6 = "-6" in options
        self.listener = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET)
        self.listener.bind(("::1" if is_v6 else "127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        if "-down" not in options:
            self.listener.listen(256)
        self.url = f"{self.scheme}://{'[::1]' if is_v6 else '127.0.0.1'}:{self.port}"
        if self.scheme == "https":
            self.url = f"https://localhost:{self.port}"

    @property
    def is_script(self):
        return not {"-each", "-tap", "-down"} & set(self.options)

    def wrap(self, sock):
        kind = "untrusted" if "-tls-untrusted" in self.options else "good"
        return self.test.tls.server(kind, sock)

    def serve_each(self, statements):
        while True:
            try:
                self.do_accept()
            except (Failure, OSError):
                return
            one = Server.__new__(Server)
            one.__dict__.update(self.__dict__, variables=dict(self.variables))
            threading.Thread(target=self.test.guard, daemon=True,
                             args=(one.serve_requests, statements)).start()

    def serve_requests(self, statements):
        while self.peer and not self.test.is_over:
            if not self.peer.pending and not self.peer.more():
                return
            if not statements:
                self.peer.pending = b""
            self.run(statements)

    def do_accept(self, name=None):
        self.listener.settimeout(PATIENCE_S if self.is_script else None)
        try:
            sock, _ = self.listener.accept()
        except TimeoutError:
            raise Failure(f"nobody connected for {PATIENCE_S} s") from None
        self.connections += 1
        if self.scheme == "https":
            sock.settimeout(PATIENCE_S)
            sock = self.wrap(sock)
        self.peer = self.test.own(Peer(sock, self.name, self.test.note))
        if name:
            self.named[name] = self.peer

    def do_use(self, name):
        self.peer = self.named[name]

    def do_starttls(self):
        """After a CONNECT: the same socket goes on in TLS."""
        sock = self.test.tls.server("good", self.peer.sock)
        self.peer = self.test.own(Peer(sock, self.name, self.test.note))

    def do_rejecttls(self):
        """Accepts a connection whose TLS handshake the other side breaks off."""
        try:
            self.do_accept()
        except OSError:
            return
        if self.peer.more():
            raise Failure("the handshake succeeded, and a request came")

    def do_expect(self, path, op, wanted=None):
        if path.startswith("tls."):
            compare(path, self.peer.sock.session_reused if path == "tls.resumed"
                    else getattr(self.peer.sock, "sni", None), op, wanted)
        else:
            super().do_expect(path, op, wanted)

    def out(self):
        if not self.peer:
            self.do_accept()
        return self.peer

    def find_request(self):
        """Where the next request comes: on this connection or, when it is over or a
        new one is made first (each worker has a pool of its own), on that."""
        if not self.peer:
            self.do_accept()
        if not self.is_script or self.peer.pending:
            return
        ready = select.select([self.peer.sock, self.listener], [], [], PATIENCE_S)[0]
        if self.peer.sock in ready and self.peer.more():
            return
        if ready:
            self.do_accept()

    def do_rxhead(self):
        self.find_request()
        self.peer.read_head()

    def do_rxbody(self):
        self.peer.read_body(is_request=True)

    def do_rxreq(self):
        self.find_request()
        self.peer.read_head()
        self.peer.read_body(is_request=True)
        self.owner.requests += 1

    def do_txresp(self, *words):
        """txresp [STATUS] [header LINE]... [body TEXT]"""
        status, words = ("200", words) if not words or not words[0].isdigit() \
            else (words[0], words[1:])
        lines, body = fields_and_body(words)
        if not has(lines, "content-type"):
            lines.insert(0, "Content-Type: application/json")
        if not has(lines, "content-length") and not has(lines, "transfer-encoding"):
            lines.append(f"Content-Length: {len(body or b'')}")
        head = "\r\n".join([f"HTTP/1.1 {status} Whatever", *lines, "", ""])
        self.out().send(to_bytes(head) + (body or b""))

    def do_txstream(self, *words):
        """The head of a chunked event stream."""
        lines, _ = fields_and_body(words)
        head = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream",
                "Transfer-Encoding: chunked", *lines, "", ""]
        self.out().send(to_bytes("\r\n".join(head)))

    def do_chunk(self, *words):
        """One chunk of these bytes."""
        data = to_bytes("".join(words))
        self.out().send(b"%x\r\n%s\r\n" % (len(data), data))

    def do_event(self, data):
        """One chunk that is one server-sent event."""
        self.do_chunk(f"data: {data}\n\n")

    def do_delta(self, text):
        """An event with a content delta of choice 0."""
        self.do_event(json.dumps({
            "id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "up",
            "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}],
        }, ensure_ascii=False))

    def do_finish(self, reason="stop"):
        self.do_event(json.dumps({
            "id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "up",
            "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))

    def do_usage(self, prompt, completion):
        """The usage chunk, as OpenAI sends it: by itself, with no choices."""
        self.do_event(json.dumps({
            "id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "up",
            "choices": [], "usage": {
                "prompt_tokens": int(prompt), "completion_tokens": int(completion),
                "total_tokens": int(prompt) + int(completion)}}))

    def do_done(self):
        """The last event and the end of the body, in one write: whoever has read the event
        has the connection for the next request."""
        last = b"data: [DONE]\n\n"
        self.out().send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(last), last))

    def do_endchunk(self):
        self.out().send(b"0\r\n\r\n")

    def do_pump(self, amount, until_stall=None):
        """Deltas, `amount` bytes of them; with -until-stall the other side must stop
        reading before all of them are gone."""
        text = json.dumps({"id": "c-1", "object": "chat.completion.chunk", "created": 1,
                           "model": "up", "choices": [
                               {"index": 0, "delta": {"content": "x" * 15000}}]})
        event = f"data: {text}\n\n".encode()
        chunk = memoryview(b"%x\r\n%s\r\n" % (len(event), event))
        self.peer.sock.setblocking(False)
        goal, moved = self.pumped + size(amount), time.monotonic()
        while self.pumped < goal or self.pumped % len(chunk):
            try:
                n = self.peer.sock.send(chunk[self.pumped % len(chunk):])
                self.pumped, moved = self.pumped + n, time.monotonic()
            except BlockingIOError:
                if until_stall and time.monotonic() - moved > STALL_S:
                    break
                if time.monotonic() - moved > PATIENCE_S:
                    raise Failure(f"stuck after {self.pumped} bytes") from None
                select.select([], [self.peer.sock], [], 0.05)
        if until_stall and self.pumped >= goal:
            raise Failure(f"all {self.pumped} bytes were taken")
        self.peer.sock.settimeout(PATIENCE_S)
