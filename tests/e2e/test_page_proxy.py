"""The page behind a real nginx that speaks TLS (page: {behind: ...}), set up as docs/page.md says:
events come as they happen, forged headers gain nothing, and no request that nginx and weir might
read in two ways opens the page for whoever has not come in."""
import json
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

import tls
from harness import PATIENCE_S, Engine, Weir

HOST = "weir.example.com"
CONFIG = """
page: {{behind: "https://{host}:{port}"}}
engines:
  - {{name: here, kind: openai, side: local, url: {url}, models: [{{name: m}}]}}
"""
# Without and with connections that are kept to weir, and with nginx's buffers as they are
# when nobody says anything of them.
PROXY = """
daemon off;
master_process off;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log notice;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    ssl_certificate {dir}/good.pem;
    ssl_certificate_key {dir}/good.key;
    upstream kept {{ server 127.0.0.1:{weir}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{plain} ssl;
        location /weir {{ proxy_pass http://127.0.0.1:{weir}; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
                         proxy_http_version 1.1; proxy_buffering off; }}
    }}
    server {{
        listen 127.0.0.1:{port} ssl;
        location / {{ proxy_pass http://kept; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
                     proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")
        found = re.match(r"HTTP/1\.\d (\d{3})", self.head)
        self.status = int(found.group(1)) if found else 0

    def json(self):
        return json.loads(self.body)


def read_answer(sock):
    """One answer with a length, or with chunks, which are joined."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        some = sock.recv(1 << 16)
        if not some:
            return Answer(raw)
        raw += some
    head, _, body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    chunked = re.search(rb"(?i)transfer-encoding: chunked", head)
    while (length and len(body) < int(length.group(1))) or (chunked and not body.endswith(b"0\r\n\r\n")):
        some = sock.recv(1 << 16)
        if not some:
            break
        body += some
    if chunked:
        body = re.sub(rb"[0-9a-f]+\r\n(.*?)\r\n", rb"\1", body, flags=re.S)
    return Answer(head + b"\r\n\r\n" + body)


@unittest.skipUnless(shutil.which("nginx") or Path("/usr/sbin/nginx").exists(),
                     "no nginx: install nginx-light (tools/setup.sh test)")
class BehindNginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="weir-nginx-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        tls.make(cls.folder)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)
        cls.port, cls.plain = free_port(), free_port()
        cls.weir = Weir(CONFIG.format(host=HOST, port=cls.port, url=cls.engine.url)).start()
        cls.addClassCleanup(cls.weir.remove)
        cls.addClassCleanup(cls.weir.stop)
        cls.weir_port = int(cls.weir.url.rpartition(":")[2])
        cls.token = (cls.weir.folder / "state" / "operator").read_text().split("\n")[1]
        (cls.folder / "nginx.conf").write_text(PROXY.format(
            dir=cls.folder, weir=cls.weir_port, port=cls.port, plain=cls.plain))
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        cls.nginx = subprocess.Popen([program, "-e", cls.folder / "nginx.log", "-c", cls.folder / "nginx.conf"],
                                     stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.nginx.wait)
        cls.addClassCleanup(cls.nginx.terminate)
        cls.context = ssl.create_default_context(cafile=cls.folder / "ca.pem")
        cls.context.check_hostname = False
        cls.until_it_listens()
        cls.visit = cls.enter()

    @classmethod
    def until_it_listens(cls):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return cls.connect().close()
            except OSError:
                if cls.nginx.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((cls.folder / "nginx.log").read_text()) from None
                time.sleep(0.02)

    @classmethod
    def connect(cls, port=None):
        sock = socket.create_connection(("127.0.0.1", port or cls.port), timeout=PATIENCE_S)
        return cls.context.wrap_socket(sock, server_hostname=HOST)

    @classmethod
    def enter(cls):
        """By a link of `weir page`; what opens the page from then on, as lines of a head."""
        done = cls.weir.run("page", "-c", "weir.yaml", "--role", "operate")
        link = re.search(rf"https://{HOST}:{cls.port}/weir/#in=([0-9a-f]{{64}})", done.stdout).group(1)
        body = json.dumps({"link": link})
        answer = cls.ask("/weir/api/enter", method="POST", body=body, fields=(
            "content-type: application/json", f"origin: https://{HOST}:{cls.port}", "sec-fetch-site: same-origin"))
        assert answer.status == 200, answer.head
        cookie = re.search(r"__Host-weir=[^;]+", answer.head).group(0)
        return f"cookie: {cookie}", f"x-weir-page: {answer.json()['mark']}"

    @classmethod
    def ask(cls, path, fields=(), method="GET", body="", host=None, port=None):
        with cls.connect(port) as sock:
            lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'{HOST}:{cls.port}'}", *fields]
            lines += [f"content-length: {len(body)}"] if body else []
            sock.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
            return read_answer(sock)

    # -- events

    def test_events_come_as_they_happen(self):
        for port in (self.port, self.plain):
            with self.subTest(buffering=port == self.port), self.connect(port) as sock:
                sock.sendall((f"GET /weir/events HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n"
                              + "\r\n".join(self.visit) + "\r\n\r\n").encode())
                seen = b""
                while b"event: overview" not in seen:
                    seen += self.some(sock, seen)
                request = urllib.request.Request(
                    f"{self.weir.url}/v1/chat/completions", headers={"content-type": "application/json"},
                    data=json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode())
                urllib.request.urlopen(request, timeout=PATIENCE_S).close()
                while b"event: rows" not in seen:
                    seen += self.some(sock, seen)
                self.assertIn(b"HTTP/1.1 200", seen)

    def some(self, sock, seen):
        some = sock.recv(1 << 16)
        self.assertTrue(some, seen)
        return some

    # -- headers that somebody made up

    def test_what_the_visitor_says_of_himself_gains_nothing(self):
        forged = ("x-forwarded-for: 127.0.0.1", "x-forwarded-host: 127.0.0.1", "x-real-ip: 127.0.0.1", "x-forwarded-proto: https",
                  "forwarded: for=127.0.0.1;host=127.0.0.1;proto=https", "via: 1.1 weir", f"x-weir-page: {'0' * 64}",
                  "x-original-url: /weir/api/me", "x-rewrite-url: /weir/api/me", "x-http-method-override: POST")
        for field in forged:
            with self.subTest(field=field):
                self.assertEqual(self.ask("/weir/api/me", [field]).status, 401)
        self.assertEqual(self.ask("/weir/api/me", self.visit).json()["role"], "operate")
        self.assertEqual(self.ask("/weir/api/me", [*self.visit, "x-forwarded-for: 127.0.0.1"]).status, 200)
        # nginx says https over the visitor's http.
        self.assertEqual(self.ask("/weir/api/me", [*self.visit, "x-forwarded-proto: http"]).status, 200)
        for fields, code in ((["origin: https://evil.example"], "cross_site"), (["origin: null"], "cross_site"),
                             ([f"origin: http://{HOST}:{self.port}"], "cross_site"), (["sec-fetch-site: cross-site"], "cross_site")):
            with self.subTest(fields=fields):
                answer = self.ask("/weir/api/me", [*self.visit, *fields])
                self.assertEqual((answer.status, answer.json()["error"]["code"]), (403, code))

    def test_another_host_is_no_way_in(self):
        for host in ("127.0.0.1", f"127.0.0.1:{self.weir_port}", "localhost", HOST, f"{HOST}:1", f"{HOST}.evil.example:{self.port}"):
            for port in (self.port, self.plain):
                for fields in (self.visit, [f"authorization: Bearer {self.token}"]):
                    with self.subTest(host=host, port=port, fields=fields):
                        self.assertIn(self.ask("/weir/api/me", fields, host=host, port=port).status, (400, 403, 421))
        # The operator's token is not taken from there, and paths of apps are not under this name.
        self.assertEqual(self.ask("/weir/api/me", [f"authorization: Bearer {self.token}"]).status, 401)
        self.assertEqual(self.ask("/v1/models").status, 403)
        self.assertEqual(self.ask("/v1/label", [f"authorization: Bearer {self.token}"]).status, 403)

    # -- requests that two programs might read in two ways

    def attacks(self):
        host = f"Host: {HOST}:{self.port}\r\n"
        inner = (f"POST /weir/api/cloud HTTP/1.1\r\n{host}content-type: application/json\r\n"
                 'content-length: 400\r\n\r\n{"do":"pause","why":"').encode()
        begin = f"POST /weir/api/enter HTTP/1.1\r\n{host}content-type: application/json\r\n".encode()
        get = f"GET /weir/api/me HTTP/1.1\r\n{host}\r\n".encode()
        chunked = b"0\r\n\r\n" + inner
        yield "CL.TE", begin + b"content-length: %d\r\ntransfer-encoding: chunked\r\n\r\n" % len(chunked) + chunked
        yield "TE.CL", begin + b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(inner), inner)
        for coding in (b"xchunked", b"chunked, identity", b"identity, chunked", b"\x0bchunked", b'"chunked"', b"chunked\r\ntransfer-encoding: x",
                       b"chunk\xc5\xbfd"):
            yield f"TE {coding!r}", begin + b"content-length: %d\r\ntransfer-encoding: %s\r\n\r\n" % (len(chunked), coding) + chunked
        for name in (b"transfer-encoding ", b"transfer_encoding", b" transfer-encoding", b"x: y\ntransfer-encoding", b"x: y\rtransfer-encoding",
                     b"transfer-encoding\x00", b"transfer-encoding:"):
            yield f"name {name!r}", begin + b"content-length: %d\r\n%s: chunked\r\n\r\n" % (len(chunked), name) + chunked
        for second in (b"content-length: 0", b"content-length: +5", b"content-length: 5, 6", b"content-length: 0x5", b"content-length: 5 5",
                       b"content-length: -1", b"content-length:\x0b5", b"content-length : 0"):
            yield f"lengths {second!r}", begin + b"content-length: %d\r\n%s\r\n\r\n" % (len(inner), second) + inner
        yield "length on a GET", f"GET /weir/api/me HTTP/1.1\r\n{host}content-length: {len(inner)}\r\n\r\n".encode() + inner
        yield "obs-fold", begin + b"x-a: b\r\n content-length: 0\r\ncontent-length: %d\r\n\r\n" % len(inner) + inner
        yield "folded coding", begin + b"transfer-encoding:\r\n chunked\r\ncontent-length: %d\r\n\r\n" % len(chunked) + chunked
        yield "NUL in a value", get[:-2] + b"x-a: b\x00c\r\n\r\n"
        yield "NUL in the target", get.replace(b"/me", b"/me\x00")
        yield "bare LF", get.replace(b"\r\n", b"\n")
        yield "bare CR", get.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r")
        yield "chunk size", begin + b"transfer-encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" + inner
        yield "chunk extension", begin + b"transfer-encoding: chunked\r\n\r\n0;a=\"\r\n\"\r\n\r\n" + inner
        yield "chunk end", begin + b"transfer-encoding: chunked\r\n\r\n2\r\n{}x0\r\n\r\n" + inner
        yield "trailer", begin + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\ncookie: x=y\r\ncontent-length: 9\r\n\r\n" + inner
        yield "two hosts", get[:-2] + f"Host: 127.0.0.1:{self.weir_port}\r\n\r\n".encode()
        yield "HTTP/0.9", b"GET /weir/api/me\r\n"
        yield "HTTP/1.0 twice", get.replace(b"HTTP/1.1", b"HTTP/1.0") + get
        for target in ("/weir%2fapi/me", "/weir%2Fapi%2Fme", "//weir/api/me", "/weir//api/me", "/v1/../weir/api/me", "/weir/./api/me",
                       "/weir/x/../api/me", "/weir/..;/weir/api/me", "/%77eir/api/me", "/weir\\api\\me", "/weir/api/me/", "/weir/api/me;x", "/weir/api/me%00",
                       "/weir/api/me#x", "/WEIR/api/me", "*",
                       f"http://127.0.0.1:{self.weir_port}/weir/api/me", f"https://{HOST}:{self.port}/weir/api/me", f"http://{HOST}/weir/api/me"):
            yield f"target {target}", f"GET {target} HTTP/1.1\r\n{host}\r\n".encode()
            yield f"target {target}, with the token", (
                f"GET {target} HTTP/1.1\r\n{host}authorization: Bearer {self.token}\r\n\r\n").encode()

    def test_no_request_opens_the_page_for_a_stranger(self):
        """Each is sent to nginx, and what nginx would never pass on straight to weir. Whatever is
        answered is no answer of the page's; and the next visitor gets his own answers, each one."""
        for name, raw in self.attacks():
            for port in (self.port, self.plain, None):
                with self.subTest(name, port=port or "weir itself"):
                    said = self.send_raw(port, raw)
                    for shown in (b'"role"', b'"state_dir"', b'"paused"', b'"engines"', b'"object"'):
                        self.assertNotIn(shown, said)
            self.see_own_answers(name)
        cloud = self.ask("/weir/api/cloud", self.visit).json()
        self.assertEqual(cloud["paused"], False)

    def send_raw(self, port, raw):
        sock = self.connect(port) if port else socket.create_connection(("127.0.0.1", self.weir_port), timeout=PATIENCE_S)
        said = b""
        with sock:
            try:
                sock.sendall(raw)
                # What is not whole would be waited for: this says that nothing more comes.
                sock.sendall(f"GET /nothing HTTP/1.1\r\nHost: {HOST}:{self.port}\r\nconnection: close\r\n\r\n".encode())
                if not port:
                    sock.shutdown(socket.SHUT_WR)
                sock.settimeout(2)
                while some := sock.recv(1 << 16):
                    said += some
            except (TimeoutError, ssl.SSLError, ConnectionError):
                pass
        return said

    def see_own_answers(self, name):
        """Over the connections that nginx keeps: something left on one would answer here."""
        with self.connect() as sock:
            for path, want in (("/weir/api/me", "role"), ("/weir/api/cloud", "paused"), ("/weir/api/models", "models")):
                sock.sendall((f"GET {path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n" + "\r\n".join(self.visit) + "\r\n\r\n").encode())
                answer = read_answer(sock)
                self.assertEqual(answer.status, 200, f"{name}: {answer.head} {answer.body}")
                self.assertIn(want, answer.json(), name)


if __name__ == "__main__":
    unittest.main()
