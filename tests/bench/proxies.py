"""proxies.py -- what is measured: each proxy's settings, its start, its processes.

HAProxy and nginx are set up to do the least they can for this traffic: one thread, kept
connections on both sides, no log, no checks, events passed on at once.  weir runs as
one would run it: a key, a policy, the ledger on disk; only the access log is off, since
the others write none."""
import hashlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

PROXY_CPU, LOAD_CPU = 0, 1
KEY = "wk_benchmarkbenchmarkbenchmark"

HAPROXY = """
global
    nbthread 1
    maxconn 9000
defaults
    mode http
    option http-keep-alive
    option http-no-delay
    http-reuse always
    timeout connect 30s
    timeout client 300s
    timeout server 300s
frontend plain
    bind 127.0.0.1:{port}
    default_backend plain
frontend tls
    bind 127.0.0.1:{tls_port}
    default_backend tls
backend plain
    server mock 127.0.0.1:{mock} pool-max-conn -1
backend tls
    server mock 127.0.0.1:{mock_tls} pool-max-conn -1 ssl verify required ca-file {ca} verifyhost localhost
"""

NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log crit;
events {{ worker_connections 19000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_max_body_size 64m;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffering off;
    proxy_request_buffering off;
    proxy_read_timeout 300s;
    proxy_ssl_trusted_certificate {ca};
    proxy_ssl_verify on;
    proxy_ssl_name localhost;
    upstream plain {{ server 127.0.0.1:{mock}; keepalive 512; keepalive_requests 1000000000; }}
    upstream tls {{ server 127.0.0.1:{mock_tls}; keepalive 512; keepalive_requests 1000000000; }}
    server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://plain; }} }}
    server {{ listen 127.0.0.1:{tls_port}; location / {{ proxy_pass https://tls; }} }}
}}
"""

WEIR = """
listen: 127.0.0.1:{port}
workers: {workers}
state_dir: {state}
access_log: off
policy: local-first
engines:
  - name: mock
    side: local
    url: {url}
    max_inflight: 0
    timeouts: {{connect: 30s}}
{extra}    models: [{{name: m, as: mock-model-of-the-bench}}]
keys:
  - name: bench
    hash: "sha256:{hash}"
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, process=None, seconds=180):
    """As long as the process lives: on a busy machine, or under valgrind, starts are slow."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process and process.poll() is not None:
                raise SystemExit(f"bench: {process.args[-1]}: ended with {process.returncode} "
                                 f"before it listened on port {port}")
            if time.monotonic() > deadline:
                raise SystemExit(f"bench: nothing listens on port {port}")
            time.sleep(0.005)


def start(words, cpu, log, **more):
    pinned = words if cpu is None else ["taskset", "-c", str(cpu), *words]
    return subprocess.Popen(pinned, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)


def stop(process):
    if process and process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Mock:
    """The engine, and the authority that signed its certificate."""

    def __init__(self, tools, folder, log):
        self.port, self.tls_port, self.ca = free_port(), free_port(), folder / "mock.pem"
        key = folder / "mock.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", key, "-out", self.ca], check=True, capture_output=True)
        self.process = start([tools / "bench_mock", str(self.port), str(self.tls_port),
                              self.ca, key], LOAD_CPU, log)
        wait_for_port(self.tls_port, self.process)

    def stop(self):
        stop(self.process)


class Proxy:
    """name; port and tls_port for clients (engine plain or TLS); pids for each."""
    cpu = PROXY_CPU

    def __init__(self, name, folder, mock, log):
        self.name, self.folder, self.mock, self.log = name, folder / name, mock, log
        self.folder.mkdir()
        self.port, self.tls_port = free_port(), free_port()
        self.process = self.tls_process = None

    def pid(self, is_tls=False):
        return (self.tls_process if is_tls and self.tls_process else self.process).pid

    def stop(self):
        stop(self.process)
        stop(self.tls_process)

    def settings(self, text):
        return text.format(port=self.port, tls_port=self.tls_port, mock=self.mock.port,
                           mock_tls=self.mock.tls_port, ca=self.mock.ca, dir=self.folder)


class Haproxy(Proxy):
    def start(self):
        path = self.folder / "haproxy.cfg"
        path.write_text(self.settings(HAPROXY))
        self.process = start(["haproxy", "-db", "-f", path], self.cpu, self.log)
        wait_for_port(self.tls_port, self.process)


class Nginx(Proxy):
    def start(self):
        path = self.folder / "nginx.conf"
        path.write_text(self.settings(NGINX))
        self.process = start(["nginx", "-e", self.folder / "nginx.log", "-c", path],
                             self.cpu, self.log)
        wait_for_port(self.tls_port, self.process)


class Weir(Proxy):
    """Two processes: what one measures of threads and memory is then of one kind."""
    binary, workers = None, 1

    def write(self, path, text):
        path.write_text(text)

    def start_one(self, kind, port, url, extra=""):
        path = self.folder / f"{kind}.yaml"
        self.write(path, WEIR.format(port=port, url=url, extra=extra,
                                     workers=self.workers, state=self.folder / kind,
                                     hash=hashlib.sha256(KEY.encode()).hexdigest()))
        process = start([self.binary, "serve", "-c", path], self.cpu, self.log,
                        env={**os.environ, "HOME": str(self.folder)})
        wait_for_port(port, process)
        return process

    def start(self):
        self.process = self.start_one("plain", self.port,
                                      f"http://127.0.0.1:{self.mock.port}/v1")
        self.tls_process = self.start_one(
            "tls", self.tls_port, f"https://localhost:{self.mock.tls_port}/v1",
            f"    ca_file: {self.mock.ca}\n")


class Direct(Proxy):
    """No proxy at all: what the wire, the mock and the load cost by themselves."""

    def start(self):
        self.port, self.tls_port = self.mock.port, self.mock.tls_port
        self.process = self.mock.process

    def stop(self):
        pass


def rss_bytes(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def cpu_ns(pid):
    """{tid: nanoseconds on a CPU} of every thread."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found[int(task.name)] = int((task / "schedstat").read_text().split()[0])
        except OSError:
            pass  # the thread ended meanwhile
    return found
