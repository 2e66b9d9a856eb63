"""page_first.py -- how soon the page's first screen is there: page_first.py BUILD [ROWS] [DAYS]

A ledger of ROWS rows (10,000,000) over the last DAYS days (30), each 33rd with a second try; a weir
that serves it, and Chromium on the same machine. Printed are the first visit after weir's start, then
ten reloads: milliseconds from the navigation to the last byte of what the first screen shows (the
stream of events never ends and does not count), and how much came over the connection."""
import os
import subprocess
import sys
import time
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
os.environ["WEIR"] = str(BUILD / "src/cmd/weir")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from browser import Browser, page_link  # noqa: E402
from harness import Weir  # noqa: E402

CONFIG = """engines:
  - {name: local, kind: sim, side: local, models: [{name: qwen2.5-7b}, {name: llama-3.1-8b}]}
  - {name: openai, kind: sim, side: cloud, models: [{name: gpt-4o-mini}]}
"""
THERE = "performance.getEntriesByType('resource').some(e => e.name.includes('/weir/api/rows') && e.responseEnd > 0)"
LAST_BYTE = """Math.max(...performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')
  .filter(e => !e.name.includes('/weir/events'))).map(e => e.responseEnd))"""
RELOADS = 10


def seen(browser):
    """Milliseconds to the last byte, and bytes, of the visit that has just begun."""
    browser.wait(THERE, ms=60000)
    time.sleep(1)
    ms = browser.run(LAST_BYTE)
    return ms, sum(r["bytes"] or 0 for r in browser.do("requests"))


def main():
    rows = sys.argv[2] if len(sys.argv) > 2 else "10000000"
    days = sys.argv[3] if len(sys.argv) > 3 else "30"
    weir = Weir(CONFIG)
    try:
        state = weir.folder / "state"
        made = subprocess.run([BUILD / "tests/bench/bench_ledger", state, rows, days], capture_output=True, text=True)
        if made.returncode:
            raise SystemExit(f"page_first: bench_ledger: {made.stderr}")
        size = (state / "ledger.sqlite").stat().st_size
        print(f"{int(rows):,} rows over {days} days, {size / 1e9:.2f} GB, written at {float(made.stdout):,.0f} rows/s", flush=True)
        weir.start()
        browser = Browser()
        browser.do("goto", url=page_link(weir))
        ms, sent = seen(browser)
        print(f"first visit after the start: {ms:.0f} ms to the last byte, {sent / 1024:.1f} KB", flush=True)
        again = []
        for _ in range(RELOADS):
            browser.do("requests")
            browser.do("reload")
            again.append(seen(browser))
        times = sorted(ms for ms, _ in again)
        load = os.getloadavg()[0]
        print(f"{RELOADS} reloads: median {(times[4] + times[5]) / 2:.0f} ms, {times[0]:.0f} to {times[-1]:.0f}; "
              f"{max(sent for _, sent in again) / 1024:.1f} KB at most; load {load:.1f} on {os.cpu_count()} CPUs")
        browser.close()
        weir.stop()
    finally:
        weir.remove()


if __name__ == "__main__":
    main()
