"""relay.py -- stands before an engine or before weir, keeps every request and answer, and passes both
on.

`on_request(path, headers, body)` may change the headers (a dict), or give (status, body bytes) to
answer in place of who is behind.  Answers pass as they come, piece by piece."""
import http.client
import http.server
import threading
import urllib.parse

HOP = {"host", "connection", "transfer-encoding", "content-length", "keep-alive", "accept-encoding"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *words):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
        instead = self.server.note(self.command, self.path, headers, body)
        if instead:
            return self.whole(*instead)
        there = http.client.HTTPConnection(*self.server.behind, timeout=600)
        try:
            there.request(self.command, self.path, body or None, headers)
            return self.passed_on(there.getresponse())
        finally:
            there.close()

    do_GET = do_POST = do_HEAD = do_DELETE = do_PUT = handle_any

    def whole(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def passed_on(self, answer):
        length = answer.getheader("content-length")
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        if length is None:
            self.send_header("transfer-encoding", "chunked")
        else:
            self.send_header("content-length", length)
        self.end_headers()
        whole = []
        while data := answer.read1(65536):
            whole.append(data)
            if length is None:
                data = b"%x\r\n%s\r\n" % (len(data), data)
            self.wfile.write(data)
            self.wfile.flush()
        if length is None:
            self.wfile.write(b"0\r\n\r\n")
        self.server.answers.append((answer.status, b"".join(whole)))


class Relay(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, url, on_request=None):
        super().__init__(("127.0.0.1", 0), Handler)
        parts = urllib.parse.urlsplit(url)
        self.behind = (parts.hostname, parts.port)
        self.on_request, self.lock = on_request, threading.Lock()
        self.requests, self.answers, self.seen = [], [], []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def note(self, method, path, headers, body):
        """Requests come one after another here, whoever sends them."""
        with self.lock:
            self.requests.append((method, path, dict(headers), body))
            self.seen.append(body.decode(errors="replace"))
            return self.on_request(path, headers, body) if self.on_request else None

    def handle_error(self, request, client_address):
        pass  # who asked has gone

    def end(self):
        self.shutdown()
        self.server_close()
