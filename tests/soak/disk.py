#!/usr/bin/env python3
"""The disk under the ledger is full, again and again, under load: disk.py --weir WEIR

Local requests go on and nothing is lost that fits into what weir keeps; cloud requests
are refused as long as their records cannot be written; when the disk lets weir write
again, every request has its row, once.  Full is a limit on the size of files and, where
this process may mount one, a tmpfs without room; read-only are files that have become
immutable.  (A disk that cannot be written from the start is a wire test, disk_blocked.)"""
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import common

CONFIG = """
access_log: off
engines:
  - {{name: a, kind: openai, side: local, url: {url}, max_inflight: 0,
     models: [{{name: m}}]}}
  - {{name: b, kind: openai, side: cloud, url: {url}, models: [{{name: big}}]}}
"""
PATIENCE_S = 30
REFUSALS = ("ledger_unavailable", "audit_unwritable")
NEVER = resource.RLIM_INFINITY


class Load:
    """Threads that ask for the local model, and one for the cloud's."""

    def __init__(self, weir):
        self.weir, self.is_over = weir, threading.Event()
        self.local, self.cloud = [], []
        self.threads = [threading.Thread(target=self.ask, args=("m", self.local)),
                        threading.Thread(target=self.ask, args=("m", self.local)),
                        threading.Thread(target=self.ask, args=("big", self.cloud))]
        for t in self.threads:
            t.start()

    def ask(self, model, answers):
        import talk
        talker, n = talk.Talker(self.weir.url), 0
        while not self.is_over.is_set():
            name, n = f"{threading.get_ident()}-{n}", n + 1
            try:
                got = talker.ask(talk.chat("x [[sim:words=5]]", model, n % 2 == 0),
                                 {"x-request-id": name})
                answers.append((name, got.code, got.is_ok))
            except talk.Unclean as why:
                answers.append((name, str(why), False))
            time.sleep(0.002)
        talker.close()

    def wait_cloud(self, codes):
        """Until a cloud request that was begun from now on ends so; False: it did not."""
        seen, deadline = len(self.cloud) + 1, time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if any(c in codes for _, c, _ in self.cloud[seen:]):
                return True
            time.sleep(0.01)
        return False

    def stop(self):
        self.is_over.set()
        for t in self.threads:
            t.join()


def judge(weir, load, refused):
    troubles = [f"local request: {c}" for _, c, ok in load.local if not ok]
    troubles += [f"cloud request: {c}" for _, c, ok in load.cloud
                 if not ok and c not in REFUSALS]
    asked = [name for name, _, _ in load.local + load.cloud]
    rows = [row["client_id"] for row in weir.ledger()]
    missing, twice = set(asked) - set(rows), len(rows) - len(set(rows))
    if missing or twice:
        troubles.append(f"{len(missing)} rows missing, {twice} twice of {len(asked)}")
    if not refused:
        troubles.append("no cloud request was refused: the disk was never full")
    return (f"{len(load.local)} local, {len(load.cloud)} cloud, "
            f"{sum(not ok for _, _, ok in load.cloud)} of them refused"), troubles


def cycle(weir, load, break_it, mend_it, rounds=3):
    troubles, refused = [], 0
    for _ in range(rounds):
        break_it()
        if load.wait_cloud(REFUSALS):
            refused += 1
        else:
            troubles.append("nothing was refused while the disk was full")
        time.sleep(0.3)
        mend_it()
        if not load.wait_cloud((None,)):
            troubles.append("no cloud request passed when the disk was mended")
    load.stop()
    weir.stop()
    ran, more = judge(weir, load, refused)
    return ran, troubles + more


def full_by_limit(sim):
    import harness
    weir = harness.Weir(CONFIG.format(url=sim.url)).start()
    load = Load(weir)

    def break_it():
        log = max((weir.folder / "state" / "log").glob("*.log"),
                  key=lambda p: p.stat().st_mtime)
        resource.prlimit(weir.process.pid, resource.RLIMIT_FSIZE,
                         (log.stat().st_size + 500, NEVER))

    def mend_it():
        resource.prlimit(weir.process.pid, resource.RLIMIT_FSIZE, (NEVER, NEVER))
    try:
        return cycle(weir, load, break_it, mend_it)
    finally:
        load.stop()
        weir.remove()


def mount(folder, *words):
    return subprocess.run(["mount", *words, str(folder)], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


def full_tmpfs(sim):
    """None when this process may not mount."""
    import harness
    folder = Path(tempfile.mkdtemp(prefix="weir-disk-"))
    if not mount(folder, "-t", "tmpfs", "-o", "size=64m", "none"):
        folder.rmdir()
        return None
    weir = harness.Weir("")
    text = CONFIG.format(url=sim.url) + f"listen: 127.0.0.1:0\nstate_dir: {folder}/s\n"
    (weir.folder / "weir.yaml").write_text(text)
    (weir.folder / "state").symlink_to(folder / "s")
    load = Load(weir.start())

    def fill():
        subprocess.run(["dd", "if=/dev/zero", f"of={folder}/ballast", "bs=64k"],
                       check=False, stderr=subprocess.DEVNULL)
    try:
        return cycle(weir, load, fill, (folder / "ballast").unlink)
    finally:
        load.stop()
        weir.remove()
        subprocess.run(["umount", str(folder)], check=False)
        folder.rmdir()


def read_only(sim):
    """The ledger's files and folder become immutable; None when that is not to be had."""
    import harness
    weir = harness.Weir(CONFIG.format(url=sim.url)).start()
    folder = weir.folder / "state" / "log"
    audit = [p for p in (weir.folder / "state").rglob("*audit*") if p.is_file()]

    def mark(how):
        return subprocess.run(["chattr", how, *folder.glob("*"), folder, *audit],
                              check=False, stderr=subprocess.DEVNULL).returncode == 0
    if not mark("+i"):
        mark("-i")
        weir.stop()
        weir.remove()
        return None
    mark("-i")
    load = Load(weir)
    try:
        return cycle(weir, load, lambda: mark("+i"), lambda: mark("-i"))
    finally:
        mark("-i")
        load.stop()
        weir.remove()


def main():
    args = common.arguments(__doc__)
    from test_matrix import Sim
    sim, table = Sim("--profile", "instant"), common.Table()
    table.row("file-size limit under load", *full_by_limit(sim))
    done = full_tmpfs(sim)
    if done:
        table.row("full tmpfs under load", *done)
    else:
        print("SKIPPED full tmpfs: this process may not mount one")
    done = read_only(sim)
    if done:
        table.row("read-only files under load", *done)
    else:
        print("SKIPPED read-only files: no immutable attribute here")
    sim.stop()
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
