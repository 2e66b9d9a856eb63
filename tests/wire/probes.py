"""probes.py -- 38 requests on whose length or end two readers could disagree.

27 must be refused: answered with an error, the connection closed, nothing passed on.
11 are odd but legal and must be answered.  tests/unit/test_smuggling.c puts the same
kinds of bytes to the reader alone; here they go through a running weir, whose engine
must see exactly the requests that were accepted."""
import socket

from lang import LangError
from peer import Closed, Failure, Peer

JSON = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'  # 57 = 0x39 bytes
POST = b"POST /v1/chat/completions HTTP/1.1\r\n"
HEAD = POST + b"Host: localhost\r\nContent-Type: application/json\r\n"
CL = b"Content-Length: 57\r\n"
TE = b"Transfer-Encoding: chunked\r\n"
CHUNKED = b"39\r\n" + JSON + b"\r\n0\r\n\r\n"
GET = b"GET /health HTTP/1.1\r\n"

REFUSED = {
    "length and chunks": HEAD + CL + TE + b"\r\n" + CHUNKED,
    "chunks and length": HEAD + TE + CL + b"\r\n" + CHUNKED,
    "two lengths that differ": HEAD + CL + b"Content-Length: 5\r\n\r\n" + JSON,
    "two equal lengths": HEAD + CL + CL + b"\r\n" + JSON,
    "length with plus": HEAD + b"Content-Length: +57\r\n\r\n" + JSON,
    "negative length": HEAD + b"Content-Length: -57\r\n\r\n" + JSON,
    "hexadecimal length": HEAD + b"Content-Length: 0x39\r\n\r\n" + JSON,
    "list of lengths": HEAD + b"Content-Length: 57, 57\r\n\r\n" + JSON,
    "length past 64 bits": HEAD + b"Content-Length: 18446744073709551673\r\n\r\n" + JSON,
    "blank before the colon of length": HEAD + b"Content-Length : 57\r\n\r\n" + JSON,
    "blank before the colon of chunks": HEAD + b"Transfer-Encoding : chunked\r\n\r\n"
                                        + CHUNKED,
    "chunked not last": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED,
    "chunked misspelt": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKED,
    "chunked twice": HEAD + TE + TE + b"\r\n" + CHUNKED,
    "chunked on a folded line": HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + CHUNKED,
    "a folded field": HEAD + CL + b"X: a\r\n b\r\n\r\n" + JSON,
    "lines that end in LF": (HEAD + CL + b"\r\n").replace(b"\r\n", b"\n") + JSON,
    "a line that ends in CR": HEAD + b"X: a\r" + CL + b"\r\n" + JSON,
    "NUL in a value": HEAD + CL + b"X: a\0b\r\n\r\n" + JSON,
    "a control character in a value": HEAD + CL + b"X: a\x01b\r\n\r\n" + JSON,
    "no Host": POST + b"Content-Type: application/json\r\n" + CL + b"\r\n" + JSON,
    "two Hosts": HEAD + CL + b"Host: localhost\r\n\r\n" + JSON,
    "negative chunk": HEAD + TE + b"\r\n-39\r\n" + JSON + b"\r\n0\r\n\r\n",
    "chunk past 64 bits": HEAD + TE + b"\r\n10000000000000039\r\n" + JSON + b"\r\n0\r\n\r\n",
    "chunk with 0x": HEAD + TE + b"\r\n0x39\r\n" + JSON + b"\r\n0\r\n\r\n",
    "no CRLF after a chunk": HEAD + TE + b"\r\n39\r\n" + JSON + b"0\r\n\r\n",
    "LF in a chunk's extension": HEAD + TE + b"\r\n39;a\n" + JSON + b"\r\n0\r\n\r\n",
}

ACCEPTED = {
    "a length": HEAD + CL + b"\r\n" + JSON,
    "chunks": HEAD + TE + b"\r\n" + CHUNKED,
    "chunks in two": HEAD + TE + b"\r\n1\r\n{\r\n038\r\n" + JSON[1:] + b"\r\n0\r\n\r\n",
    "names in lower case": (HEAD + CL).lower().replace(b"post /v1/chat/completions http",
                                                       b"POST /v1/chat/completions HTTP")
                           + b"\r\n" + JSON,
    "CHUNKED in upper case": HEAD + TE.upper() + b"\r\n" + CHUNKED,
    "an empty line before": b"\r\n" + HEAD + CL + b"\r\n" + JSON,
    "blanks around values": HEAD.replace(b" localhost", b" \t localhost \t")
                            + b"Content-Length:57 \r\n\r\n" + JSON,
    "an empty value": HEAD + CL + b"X:\r\n\r\n" + JSON,
    "a chunk's extension": HEAD + TE + b"\r\n39;a=\"b\"\r\n" + JSON + b"\r\n0;z\r\n\r\n",
    "a health check": GET + b"Host: localhost\r\n\r\n",
    "HTTP/1.0": b"GET /health HTTP/1.0\r\n\r\n",
}


def ask(scene, name, data):
    """The status of the answer (0: closed without one) and whether weir then closed."""
    sock = socket.create_connection(("127.0.0.1", int(scene.variables["weir_port"])))
    peer = scene.own(Peer(sock, "probe", scene.note))
    scene.note("probe", "--", name.encode())
    peer.send(data)
    try:
        peer.read_head()
        peer.read_body()
        status = int(peer.message.start.split(" ")[1])
    except Closed:
        return 0, True
    is_closed = status >= 400 and not peer.read_to_end()
    peer.close()
    return status, is_closed


def run(scene):
    if (len(REFUSED), len(ACCEPTED)) != (27, 11):
        raise LangError("the table is not 27 and 11 any more")
    wrong, engine = [], scene.servers["s1"]
    for name, data in REFUSED.items():
        before = engine.requests
        status, is_closed = ask(scene, name, data)
        if not (status == 0 or 400 <= status < 500) or not is_closed:
            wrong.append(f"accepted: {name} (status {status})")
        if engine.requests != before:
            wrong.append(f"passed on: {name}")
    for name, data in ACCEPTED.items():
        before = engine.requests
        status, _ = ask(scene, name, data)
        if status != 200:
            wrong.append(f"refused: {name} (status {status})")
        elif engine.requests - before != (b"POST" in data):
            wrong.append(f"passed on {engine.requests - before} times: {name}")
    if wrong:
        raise Failure("\n    ".join(["probes:"] + wrong))
