"""weirproc.py -- the weir under test: started, watched, its clock moved, ended."""
import fcntl
import json
import mmap
import os
import re
import resource
import signal
import subprocess
import threading
import time
from pathlib import Path

from peer import PATIENCE_S, Failure

LISTENING = re.compile(r"listening on https?://[^ ]*:(\d+)")
F_SETPIPE_SZ = 1031
SUPPRESSIONS = Path(__file__).resolve().parent.parent / "tsan.supp"
TROUBLE = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|"
                     r"assertion|Assertion")
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:quarantine_size_mb=16",
              "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
              "TSAN_OPTIONS": f"halt_on_error=1:suppressions={SUPPRESSIONS}"}


class Clock:
    """A file with one int64 of milliseconds that weir takes for the monotonic clock."""

    def __init__(self, path):
        self.path, self.now_ms = path, 1_000_000
        with open(path, "wb") as f:
            f.write(self.now_ms.to_bytes(8, "little"))
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 8)

    def advance(self, ms):
        self.now_ms += ms
        self.map[:] = self.now_ms.to_bytes(8, "little")


class WallOff(Clock):
    """A file with one int64 of milliseconds by which weir's wall clock is wrong."""

    def __init__(self, path):
        super().__init__(path)
        self.set(0)

    def set(self, ms):
        self.map[:] = ms.to_bytes(8, "little", signed=True)


class Weir:
    def __init__(self, binary, folder, env, note):
        self.binary, self.folder, self.note = binary, Path(folder), note
        self.env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8",
                    **SANITIZERS, **env}
        self.process, self.port = None, None
        self.lines, self.fsize, self.nofile = [], None, None
        self.reader = None
        self.is_read = threading.Event()  # clear: nobody reads what weir prints
        self.is_read.set()

    def start(self, words=("serve", "-c", "weir.yaml"), must_listen=True):
        def limit():
            if self.nofile is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (self.nofile, self.nofile))
            if self.fsize is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a full disk has no signal
                resource.setrlimit(resource.RLIMIT_FSIZE, (self.fsize, self.fsize))
        self.port = None
        self.process = subprocess.Popen([self.binary, *words], cwd=self.folder,
                                        env=self.env, stderr=subprocess.PIPE, bufsize=0,
                                        stdin=subprocess.DEVNULL, preexec_fn=limit)
        if not self.is_read.is_set():
            fcntl.fcntl(self.process.stderr, F_SETPIPE_SZ, 4096)
        self.reader = threading.Thread(target=self.read_stderr, daemon=True,
                                       args=(self.process.stderr,))
        self.reader.start()
        deadline = time.monotonic() + PATIENCE_S
        while must_listen and not self.port:
            if self.process.poll() is not None and not self.reader.is_alive():
                raise Failure(f"weir ended with {self.process.returncode} at its start")
            if time.monotonic() > deadline:
                raise Failure("weir does not say that it is listening")
            time.sleep(0.005)

    def read_stderr(self, pipe):
        rest = b""
        while data := pipe.read(4096):
            *lines, rest = (rest + data).split(b"\n")
            for raw in lines:
                self.take_line(raw.decode(errors="replace"))
            if self.port:
                self.is_read.wait()
        if rest:
            self.take_line(rest.decode(errors="replace"))

    def take_line(self, line):
        self.note("weir", "!!", line.encode())
        self.lines.append(line)
        found = LISTENING.search(line)
        if found:
            self.port = int(found.group(1))

    def stderr(self):
        return "\n".join(self.lines)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self, name):
        self.process.send_signal(getattr(signal, "SIG" + name))

    def wait(self):
        """The exit code; minus the signal's number when a signal ended it."""
        try:
            code = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise Failure("weir does not end") from None
        self.is_read.set()
        self.reader.join(5)
        return code

    def destroy(self):
        if self.is_running():
            self.process.kill()
            self.process.wait()

    def rss_bytes(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) * 1024

    # -- rest: no unread bytes in any socket of ours, and the loop has turned since
    def unread_bytes(self):
        unread, ours = 0, set()
        for fd in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                ours.add(os.readlink(fd))
            except OSError:
                continue  # closed meanwhile
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                f = line.split()
                if f"socket:[{f[9]}]" in ours and f[3] != "0A":
                    unread += int(f[4].split(":")[1], 16)
        return unread

    def switches(self):
        """How often each thread has gone to sleep and woken."""
        out = {}
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                text = (task / "status").read_text()
                out[task.name] = int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)",
                                               text).group(1))
            except OSError:
                continue
        return out

    def sync(self):
        """Returns when weir has read what was sent and turned its loop a few times."""
        deadline, calm_since = time.monotonic() + PATIENCE_S, None
        while time.monotonic() < deadline:
            if self.unread_bytes():
                calm_since = None
            elif calm_since is None:
                calm_since, before = time.monotonic(), self.switches()
            else:
                turned = [n - before.get(t, 0) for t, n in self.switches().items()]
                if max(turned, default=0) >= 5 and time.monotonic() - calm_since > 0.01:
                    return
                if time.monotonic() - calm_since > 0.3:
                    return  # no virtual clock: an idle loop sleeps on
            time.sleep(0.002)
        raise Failure("weir leaves bytes unread")

    def ledger(self, state_dir):
        done = subprocess.run([self.binary, "ledger", "--json", "--state-dir", state_dir],
                              cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE_S)
        if done.returncode != 0:
            raise Failure(f"weir ledger ended with {done.returncode}: "
                          f"{done.stderr.decode(errors='replace')[:600]}")
        return [json.loads(line) for line in done.stdout.splitlines()]
