"""taps.py -- engines that misbehave at random, keep every byte they were sent, and say
back the last words of what they were asked, each with another beginning, in pieces when
they stream."""
import json
import random
import re
import socket
import struct
import threading

from acceptor import Acceptor

ECHO_CHARS, PIECE_CHARS = 400, 3


def said_last(asked):
    content = asked["messages"][-1]["content"]
    if isinstance(content, list):
        content = content[-1]["text"]
    return content[-ECHO_CHARS:]


USAGE = {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6}
FAULTS = ("close", "reset", "429", "500", "503", "stall",
          "error-in-200", "truncated", "half-plain", "no-answer-head")
STALL_S = 0.3


class Tap(Acceptor):
    """Listens; each request is kept in `requests` as the raw bytes it came in, before
    anything is answered.  `seed` decides what happens to which request."""

    def __init__(self, seed):
        self.random, self.lock = random.Random(seed), threading.Lock()
        self.requests, self.strays = [], []
        self.fault_rate = self.random.choice((0, 0.2, 0.6))
        super().__init__()

    def talk(self, sock):
        data = b""
        try:
            sock.settimeout(60)
            while not self.is_over.is_set():
                head_end = data.find(b"\r\n\r\n")
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", data[:head_end])
                whole = head_end + 4 + int(length.group(1)) if length else None
                if head_end >= 0 and whole is not None and len(data) >= whole:
                    request, data = data[:whole], data[whole:]
                    if not self.answer(sock, request, request[head_end + 4:]):
                        break
                    continue
                more = sock.recv(65536)
                if not more:
                    break
                data += more
        except OSError:
            pass
        finally:
            with self.lock:
                self.strays.append(data)
            sock.close()

    def answer(self, sock, raw, body):
        """False: the connection is over."""
        with self.lock:
            self.requests.append(raw)
            is_well = self.random.random() >= self.fault_rate
            fault = "none" if is_well else self.random.choice(FAULTS)
        asked = json.loads(body)
        if fault in ("reset", "no-answer-head"):
            if fault == "no-answer-head":
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if fault == "close":
            return False
        if fault == "stall":
            self.is_over.wait(STALL_S)
            return False
        if fault in ("429", "500", "503"):
            return self.whole(sock, {"error": {"message": "not now", "type": "x"}},
                              int(fault))
        if fault == "error-in-200":
            return self.whole(sock, {"error": {"message": "no", "type": "x"}})
        text = f"{self.url[-8:]} heard: {said_last(asked)}"
        if asked.get("stream"):
            return self.stream(sock, fault, text)
        value = {"id": "c", "object": "chat.completion", "created": 1, "usage": USAGE,
                 "model": asked["model"], "choices": [
                     {"index": 0, "finish_reason": "stop",
                      "message": {"role": "assistant", "content": text}}]}
        return self.whole(sock, value, is_cut=fault in ("truncated", "half-plain"))

    @staticmethod
    def whole(sock, value, status=200, is_cut=False):
        body = json.dumps(value).encode()
        sent = body[:len(body) // 2] if is_cut else body
        sock.sendall(b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (status, len(body), sent))
        return not is_cut

    @staticmethod
    def stream(sock, fault, text):
        def event(choices, **more):
            value = {"id": "c", "object": "chat.completion.chunk", "created": 1,
                     "model": "x", "choices": choices, **more}
            return b"data: " + json.dumps(value).encode() + b"\n\n"

        def choice(delta, finish=None):
            return [{"index": 0, "delta": delta, "finish_reason": finish}]
        events = [event(choice({"role": "assistant", "content": ""}))]
        events += [event(choice({"content": text[i:i + PIECE_CHARS]}))
                   for i in range(0, len(text), PIECE_CHARS)]
        events += [event(choice({}, "stop")), event([], usage=USAGE),
                   b"data: [DONE]\n\n"]
        if fault == "truncated":
            events = events[:2]
        if fault == "half-plain":
            events = []
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n")
        for data in events:
            sock.sendall(b"%x\r\n%s\r\n" % (len(data), data))
        if fault in ("truncated", "half-plain"):
            return False
        sock.sendall(b"0\r\n\r\n")
        return True
