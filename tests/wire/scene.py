#!/usr/bin/env python3
"""scene.py -- plays one .wt file: the words of its outermost level, and the end.

Servers run in the background from where they stand in the file.  `weir` starts weir,
`client` runs to its end unless it has -start.  At the end of the file every script
must have come to its end, weir must leave in order on SIGTERM with exit code 0, and
no sanitizer may have spoken."""
import argparse
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import lang
import probes
from peer import PATIENCE_S, Failure, compare, walk
from roles import Client, Role, Server
from tls import Tls
from weirproc import TROUBLE, Clock, WallOff, Weir

SKIPPED = 77
SHOWN_BYTES, SHOWN_LINES = 400, 150  # of the transcript
HI = '"messages":[{"role":"user","content":"hi"}]'
VARIABLES = {
    "chat": '{"model":"m",' + HI + "}",
    "chat_stream": '{"model":"m","stream":true,' + HI + "}",
    "answer": '{"id":"a-1","object":"chat.completion","created":1,"model":"up",'
              '"choices":[{"index":0,"message":{"role":"assistant","content":"hello"},'
              '"finish_reason":"stop"}],"usage":{"prompt_tokens":5,'
              '"completion_tokens":2,"total_tokens":7}}',
}


class Skip(Exception):
    pass


class Scene(Role):
    """The outermost level is a role too: it has words, but no socket."""

    def __init__(self, args, folder):
        super().__init__(self, "test", {**VARIABLES, "tmp": folder})
        self.args, self.folder = args, Path(folder)
        self.log, self.lock, self.began = [], threading.Lock(), time.monotonic()
        self.events, self.peers, self.servers, self.threads = {}, [], {}, []
        self.failures, self.is_over, self.clock, self.wall = [], False, None, None
        self.tls = Tls(args.tls)
        self.weir = Weir(args.weir, folder, {}, self.note)
        self.rss_mark = 0

    # -- what roles ask of the test
    @property
    def has_failed(self):
        return bool(self.failures)

    def note(self, who, arrow, data):
        with self.lock:
            shown = data if who in ("weir", "sh") else data[:SHOWN_BYTES]
            self.log.append((time.monotonic() - self.began, who, arrow, shown, len(data)))

    def own(self, peer):
        with self.lock:
            self.peers.append(peer)
        return peer

    def event(self, name):
        with self.lock:
            return self.events.setdefault(name, threading.Event())

    def await_event(self, name):
        deadline = time.monotonic() + PATIENCE_S
        while not self.event(name).wait(0.05):
            if self.has_failed:
                raise Failure("stopped, because another role failed")
            if time.monotonic() > deadline:
                raise Failure(f"nobody signals '{name}'")

    def sync(self):
        self.weir.sync()

    def advance(self, duration):
        """Lets weir finish what it has, then moves its clock."""
        self.weir.sync()
        self.note("clock", "--", b"+" + duration.encode())
        self.clock.advance(self.milliseconds(duration))

    @staticmethod
    def milliseconds(duration):
        return lang.milliseconds(duration)

    def guard(self, fn, *args):
        """Runs a thread's work; what it raises fails the test and wakes everybody."""
        try:
            fn(*args)
        except Exception as e:  # noqa: BLE001  (a bug of the harness must show as well)
            if self.is_over:
                return
            with self.lock:
                self.failures.append(f"{threading.current_thread().name}: "
                                     f"{'' if isinstance(e, Failure) else repr(e) + ' '}{e}")
            self.drop_sockets()

    def drop_sockets(self):
        for peer in list(self.peers):
            try:
                peer.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def background(self, name, fn, *args):
        thread = threading.Thread(target=self.guard, args=(fn, *args), name=name, daemon=True)
        thread.start()
        return thread

    # -- words
    def step(self, s):
        if s.words[0] in ("server", "client", "weir", "reload"):
            if self.has_failed:
                raise Failure("stopped, because a role failed")
            words = [lang.substitute(w, self.variables) for w in s.words[1:]]
            getattr(self, "start_" + s.words[0])(s, *words)
        else:
            super().step(s)

    def start_server(self, s, name, *options):
        server = Server(self, name, self.variables, options)
        self.servers[name] = server
        self.variables.update({name: server.url, name + "_port": server.port})
        if server.scheme == "https":
            self.variables["ca"] = self.tls.path("ca.pem")
        server.variables = dict(self.variables)
        if "-down" in options:
            return
        run = server.run if server.is_script else server.serve_each
        thread = self.background(f"server {name}", run, s.block)
        if server.is_script:
            self.threads.append(thread)

    def start_client(self, s, name, *options):
        client = Client(self, name, dict(self.variables))
        thread = self.background(f"client {name}", client.run, s.block)
        self.threads.append(thread)
        if "-start" not in options:
            thread.join(60)
            if thread.is_alive():
                raise Failure(f"client {name} does not end")
            self.stop_if_failed()

    def start_weir(self, s, *options):
        """weir [-fails] [-unread] { YAML }, or weir -again after it ended."""
        if "-unread" in options:
            self.weir.is_read.clear()
        if "-again" not in options:
            text = lang.substitute(s.raw, self.variables, keep_unknown=True)
            self.write_config(text)
        self.weir.start(must_listen="-fails" not in options)
        self.variables["weir_port"] = self.weir.port

    def start_reload(self, s):
        """reload { YAML }: rewrites the configuration and sends SIGHUP."""
        self.write_config(lang.substitute(s.raw, self.variables, keep_unknown=True))
        self.weir.kill("HUP")

    def write_config(self, text):
        lines = text.strip("\n").split("\n")
        indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
        lines = [line[min(indents, default=0):] for line in lines]
        tops = {line.split(":")[0] for line in lines if line[:1].strip()}
        if "listen" not in tops:
            lines.append("listen: 127.0.0.1:0")
        if "state_dir" not in tops:
            lines.append(f"state_dir: {self.folder}/state")
        if "workers" not in tops:
            lines.append(f"workers: {self.args.workers}")
        (self.folder / "weir.yaml").write_text("\n".join(lines) + "\n")

    def do_clock(self, kind):
        if kind != "virtual":
            raise lang.LangError("only 'clock virtual' is known")
        self.clock = Clock(self.folder / "clock")
        self.weir.env["WEIR_CLOCK_FILE"] = str(self.clock.path)

    def do_wall(self, off):
        """The wall clock is wrong by so much from now on: 'wall -1h', 'wall 0s'."""
        sign = -1 if off.startswith("-") else 1
        if not self.wall:
            self.wall = WallOff(self.folder / "wall")
            self.weir.env["WEIR_WALL_FILE"] = str(self.wall.path)
        self.note("wall", "--", off.encode())
        self.wall.set(sign * self.milliseconds(off.lstrip("-")))

    def do_env(self, name, value):
        self.weir.env[name] = value

    def do_needs(self, what):
        if what == "ipv6":
            try:
                socket.socket(socket.AF_INET6).bind(("::1", 0))
            except OSError:
                raise Skip("no IPv6 on this machine") from None
        elif not shutil.which(what):
            raise Skip(f"no {what} on this machine")

    def do_file(self, name, text):
        (self.folder / name).write_bytes(lang.to_bytes(text))

    def do_file_limit(self, bytes_):
        self.weir.fsize = lang.size(bytes_)

    def do_descriptor_limit(self, n):
        self.weir.nofile = int(n)

    def do_wait(self, *names):
        """Until these clients and servers have come to their end."""
        for thread in self.threads:
            if thread.name.split()[1] in names:
                thread.join(60)
                if thread.is_alive():
                    raise Failure(f"{thread.name} does not end")
        self.stop_if_failed()

    def stop_if_failed(self):
        if self.has_failed:
            raise Failure("stopped")

    def do_kill(self, name):
        self.weir.kill(name)

    def do_exit(self, code):
        compare("exit code", self.weir.wait(), "==", code)

    def do_stderr(self, op, pattern=None):
        if op == "read":
            self.weir.is_read.set()
            return
        self.patiently(lambda: compare("stderr", self.weir.stderr(), op, pattern),
                       is_absence=op == "!~")

    def patiently(self, check, is_absence=False, limit_s=5):
        """Tries again for a while: what is written elsewhere may come a little later."""
        deadline = time.monotonic() + limit_s
        while True:
            try:
                return check()
            except Failure:
                if is_absence or time.monotonic() > deadline:
                    raise
            time.sleep(0.05)

    def do_ledger(self, path, op, wanted=None):
        """ledger rows == 2; ledger 0.outcome == ok (rows stand oldest first)."""
        def check():
            rows = self.weir.ledger(str(self.folder / "state"))
            value = len(rows) if path == "rows" else walk(rows, path)
            compare(f"ledger {path}", value, op, wanted)
        self.patiently(check)

    def value_of(self, path):
        name, _, what = path.partition(".")
        if name == "sh":
            return getattr(self.sh, what)
        return getattr(self.servers[name], what)

    def do_expect(self, path, op, wanted=None):
        """expect NAME.connections == 0, NAME.requests, sh.status, sh.out"""
        self.patiently(lambda: super(Scene, self).do_expect(path, op, wanted),
                       limit_s=0 if path.startswith("sh.") else 2)

    def do_rss(self, op, amount=None):
        """rss mark; ...; rss grew-less-than 30M"""
        if op == "mark":
            self.rss_mark = self.weir.rss_bytes()
        else:
            compare("growth of memory", self.weir.rss_bytes() - self.rss_mark, "<",
                    str(lang.size(amount)))

    def do_sh(self, command):
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, check=False,
                              env={**self.weir.env, "WEIR": self.args.weir},
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        done.status, done.out = done.returncode, lang.to_text(done.stdout)
        done.err = lang.to_text(done.stderr)
        self.note("sh", "!!", command.encode() + b"\n" + done.stdout + done.stderr)
        self.sh = done

    def do_sh_into(self, name, command):
        """The trimmed output of a command that must succeed becomes ${name}."""
        self.do_sh(command)
        compare("sh.status", self.sh.status, "==", "0")
        self.variables[name] = self.sh.out.strip()

    def do_probes(self):
        probes.run(self)

    # -- the end
    def finish(self):
        for thread in self.threads:
            thread.join(PATIENCE_S + 5)
            if thread.is_alive():
                raise Failure(f"{thread.name} has not come to its end")
        self.stop_if_failed()
        self.is_over = True
        self.drop_sockets()
        if self.weir.is_running():
            self.weir.kill("TERM")
            compare("exit code after SIGTERM", self.weir.wait(), "==", "0")
        if TROUBLE.search(self.weir.stderr()):
            raise Failure("a sanitizer or an assertion spoke")

    def transcript(self):
        out = []
        for at, who, arrow, data, n in sorted(self.log, key=lambda entry: entry[0]):
            cut = f" ... [{n} bytes]" if n > len(data) else ""
            text = data if who == "weir" else repr(lang.to_text(data))[1:-1]
            text = text.decode(errors="replace") if isinstance(text, bytes) else text
            text = re.sub(r"(.)\1{30,}", lambda run: f"{run[1]}*{len(run[0])}", text)
            out.append(f"{at:8.3f} {who:>8} {arrow} {text}{cut}")
        return "\n".join(out[-SHOWN_LINES:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", required=True)
    parser.add_argument("--workers", default="1")
    parser.add_argument("--tls", required=True)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("file", type=Path)
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="weir-wire-")
    scene, code = Scene(args, folder), 0
    try:
        scene.run(lang.parse(args.file.read_text()))
        scene.finish()
    except Skip as why:
        print(why)
        return SKIPPED
    except (Failure, lang.LangError) as e:
        scene.failures.append(str(e))
        code = 1
    finally:
        scene.is_over = True
        scene.weir.destroy()
        scene.drop_sockets()
        if code or args.verbose:
            print(scene.transcript())
        shutil.rmtree(folder, ignore_errors=True)
    for failure in scene.failures:
        if not failure.endswith("stopped"):
            print(f"{args.file.name}: {failure}")
    return code


if __name__ == "__main__":
    sys.exit(main())
