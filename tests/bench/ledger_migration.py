#!/usr/bin/env python3
"""How long a large store of weir 0.1.1 takes to become one of this weir's format.

    ledger_migration.py WEIR [ROWS]

Makes a store of ROWS rows (10,000,000) from tests/fixtures/ledger/0.1.1, one request in a
hundred with failed attempts, and prints the seconds of the copy and of the steps together,
of the first sums, and of the second ones, which migrate nothing."""
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def grow(state, rows):
    db = sqlite3.connect(state / "ledger.sqlite")
    db.executescript("PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-200000;")
    names = [r[1] for r in db.execute("PRAGMA table_info(rows)") if r[1] != "uid"]
    columns = ", ".join(names)
    sums = [r[1] for r in db.execute("PRAGMA table_info(rollup)")][6:]
    plain, = db.execute("SELECT uid FROM rows WHERE bits >> 20 & 1 = 0 AND status = 200").fetchone()
    failed, = db.execute("SELECT uid FROM rows WHERE bits >> 20 & 1").fetchone()
    db.execute(f"DELETE FROM rows WHERE uid NOT IN ({plain}, {failed})")
    db.execute(f"DELETE FROM spent WHERE uid <> {failed}")
    first = max(plain, failed)
    count = ("WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k"
             f" WHERE i < {rows - 2})")
    db.execute(f"{count} INSERT INTO rows(uid, {columns}) SELECT {first} + (i << 22), {columns}"
               f" FROM k JOIN rows ON uid = iif(i % 100 = 0, {failed}, {plain})")
    db.execute(f"{count} INSERT INTO spent SELECT {first} + (i << 22), n, engine, model, side,"
               f" cost_nanousd FROM k JOIN spent WHERE i % 100 = 0")
    db.execute("UPDATE rollup SET " + ", ".join(f"{c}={c}*{rows // 29}" for c in sums))
    db.execute("DELETE FROM open")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def timed(weir, state):
    began = time.monotonic()
    subprocess.run([weir, "ledger", "--state-dir", str(state)], check=True,
                   stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main():
    weir, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-migration-"))
    try:
        state = folder / "state"
        shutil.copytree(HERE.parent / "fixtures" / "ledger" / "0.1.1" / "state", state)
        grow(state, rows)
        size = (state / "ledger.sqlite").stat().st_size
        print(f"{rows} rows, {size / 1e6:.0f} MB, {rows // 100} with failed attempts")
        first, second = timed(weir, state), timed(weir, state)
        print(f"migrated and summed in {first:.1f} s; summed again in {second:.2f} s")
    finally:
        shutil.rmtree(folder)


main()
