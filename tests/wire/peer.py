"""peer.py -- one socket of a test: bytes out, HTTP messages in, all of it noted.

The reading is lenient on purpose: the tests decide what is right.  What a role last
read is what its `expect` looks at."""
import json
import re
import socket
import ssl
import struct
import time

from lang import to_text

PATIENCE_S = 60  # of real time: longer means that the test failed


class Failure(Exception):
    pass


class Closed(Failure):
    pass


class Message:
    def __init__(self, start):
        self.start, self.fields, self.body = start, [], b""
        self.is_whole = False
        self.nread = 0  # events taken by read_event()

    def header(self, name):
        values = [v for k, v in self.fields if k.lower() == name.lower()]
        return ", ".join(values) if values else None

    def events(self):
        """The data of every whole server-sent event of the body."""
        out = []
        for block in re.split(rb"\r?\n\r?\n", self.body)[:-1]:
            lines = [line[5:].removeprefix(b" ") for line in block.splitlines()
                     if line.startswith(b"data:")]
            if lines:
                out.append(to_text(b"\n".join(lines)))
        return out

    def content(self):
        """The text that a reader of choice 0 would have put together."""
        out = []
        for event in self.events():
            if event != "[DONE]":
                for choice in json.loads(event).get("choices") or []:
                    if choice.get("index", 0) == 0:
                        out.append((choice.get("delta") or {}).get("content") or "")
        return "".join(out)


class Peer:
    def __init__(self, sock, name, note):
        self.sock, self.name, self.note = sock, name, note
        self.pending = b""
        self.message = None
        sock.settimeout(PATIENCE_S)
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # -- out
    def send(self, data):
        self.note(self.name, ">>", data)
        try:
            self.sock.sendall(data)
        except (OSError, ValueError) as e:
            raise Closed(f"could not send: {e}") from None

    def send_in_pieces(self, pieces):
        """Each piece by itself, with a moment for the other side to read it."""
        for piece in pieces:
            self.send(piece)
            time.sleep(0.002)

    def close(self):
        self.note(self.name, "--", b"closes")
        try:
            if isinstance(self.sock, ssl.SSLSocket):
                self.sock.settimeout(1)
                self.sock.unwrap()
        except OSError:
            pass  # the other side need not answer
        self.cut()

    def cut(self):
        """Ends the connection without TLS's goodbye."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def reset(self):
        self.note(self.name, "--", b"resets")
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    # -- in
    def more(self):
        """Reads once; False at the end."""
        try:
            data = self.sock.recv(262144)
        except TimeoutError:
            raise Failure(f"nothing came for {PATIENCE_S} s; "
                          f"unread: {self.pending[:200]!r}") from None
        except OSError as e:
            self.note(self.name, "<<", f"({e})".encode())
            return False
        if data:
            self.note(self.name, "<<", data)
            self.pending += data
        else:
            self.note(self.name, "<<", b"(end)")
        return bool(data)

    def until(self, mark):
        searched = 0
        while (found := self.pending.find(mark, searched)) < 0:
            searched = max(0, len(self.pending) - len(mark))
            if not self.more():
                raise Closed(f"closed before {mark!r}; had {self.pending[-200:]!r}")
        out, self.pending = (self.pending[:found + len(mark)],
                             self.pending[found + len(mark):])
        return out

    def exactly(self, n):
        pieces, have = [self.pending], len(self.pending)
        while have < n:
            self.pending = b""
            if not self.more():
                raise Closed(f"closed after {have} of {n} bytes")
            pieces.append(self.pending)
            have += len(self.pending)
        whole = b"".join(pieces)
        self.pending = whole[n:]
        return whole[:n]

    def read_head(self):
        lines = to_text(self.until(b"\r\n\r\n")).split("\r\n")
        self.message = Message(lines[0])
        for line in lines[1:-2]:
            name, _, value = line.partition(":")
            self.message.fields.append((name, value.strip()))
        return self.message

    def body_length(self, is_request):
        m = self.message
        if (m.header("transfer-encoding") or "").lower() == "chunked":
            return "chunked"
        if m.header("content-length") is not None:
            return int(m.header("content-length"))
        status = m.start.split(" ")[1] if not is_request else ""
        if is_request or status.startswith("1") or status in ("204", "304"):
            return 0
        return "close"

    def read_body(self, is_request=False):
        length = self.body_length(is_request)
        if length == "close":
            while self.more():
                pass
            self.message.body, self.pending = self.message.body + self.pending, b""
        elif length == "chunked":
            while self.read_chunk():
                pass
        else:
            self.message.body += self.exactly(length - len(self.message.body))
        self.message.is_whole = True

    def read_chunk(self):
        n = int(self.until(b"\r\n").split(b";")[0], 16)
        data = self.exactly(n + 2)
        if data[-2:] != b"\r\n":
            raise Failure(f"a chunk does not end in CRLF but in {data[-2:]!r}")
        self.message.body += data[:-2]
        return n > 0

    def read_event(self):
        """Reads on until one more event than was read before has come whole."""
        self.message.nread += 1
        while len(self.message.events()) < self.message.nread:
            if not self.read_chunk():
                raise Failure("the stream ended; another event was expected")

    def read_to_end(self):
        while self.more():
            pass
        rest, self.pending = self.pending, b""
        return rest


def lookup(message, path):
    """What `expect PATH ...` means on a message; None: absent."""
    head, _, rest = path.partition(".")
    if message is None:
        raise Failure("nothing has been read yet")
    parts = message.start.split(" ", 2)
    if head == "status":
        return int(parts[1])
    if head in ("method", "path", "version"):
        return parts[("method", "path", "version").index(head)]
    if head == "header":
        return message.header(rest)
    if head == "head":
        return "\r\n".join([message.start] + [f"{k}: {v}" for k, v in message.fields])
    if head == "body":
        return to_text(message.body)
    if head == "bodylen":
        return len(message.body)
    if head == "content":
        return message.content()
    if head == "json":
        return walk(json.loads(message.body), rest)
    if head == "events":
        return walk(message.events(), rest)
    raise Failure(f"'{path}' is nothing that can be expected")


def walk(value, path):
    """Follows "choices.0.text"; "count" counts; a text that is JSON is entered."""
    for step in path.split(".") if path else []:
        if step == "count":
            return len(value)
        if isinstance(value, str):
            value = json.loads(value)
        if isinstance(value, list):
            at = int(step)
            value = value[at] if -len(value) <= at < len(value) else None
        elif isinstance(value, dict):
            value = ("null" if value[step] is None else value[step]) \
                if step in value else None
        else:
            value = None
    return value


def compare(what, actual, op, wanted):
    """Raises Failure unless `actual op wanted`."""
    text = actual if isinstance(actual, str) else json.dumps(actual)
    if op == "absent":
        good = actual is None
    elif op == "present":
        good = actual is not None
    elif actual is None:
        good = op == "!="
    elif op in ("==", "!="):
        good = (text == wanted) == (op == "==")
    elif op in ("~", "!~"):
        good = bool(re.search(wanted, text, re.S)) == (op == "~")
    elif op in ("<", "<=", ">", ">="):
        a, b = float(actual), float(wanted)
        good = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
    else:
        raise Failure(f"'{op}' is no comparison")
    if not good:
        shown = "nothing" if actual is None else text[:600]
        raise Failure(f"expected {what} {op} {wanted or ''}\n    but it is {shown}")
