"""turns.py -- how long the turns of weir's loops took in a soak, in one line at its end.

All clients of a worker wait for its loop, so no turn may take more than MOST_MS, the time
that the thread waited for a core not counted (WEIR_TURN_METER=1).  With sanitizers, or
while others keep the machine busy, the figure is only told: it would judge them."""
import os
import re
import urllib.request
from pathlib import Path

MOST_MS = 20
HOOKS = (b"__asan_init", b"__tsan_init")


def longest_ms(url, key=None):
    """Of the weir at url, so far; None when it does not tell."""
    request = urllib.request.Request(f"{url}/metrics")
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            found = re.search(rb"\nweir_loop_stall_seconds_max ([0-9.]+)", answer.read())
    except (OSError, ValueError):
        return None
    return float(found.group(1)) * 1000 if found else None


class Turns:
    """Looks at every weir that the harness starts, right before it is stopped."""

    def __init__(self, weir):
        program = Path(weir).read_bytes()
        self.is_release = not any(hook in program for hook in HOOKS)
        self.is_quiet = os.getloadavg()[0] < os.cpu_count() / 2
        self.longest, self.looks = 0.0, 0

    def watch(self, harness):
        start, stop = harness.Weir.start, harness.Weir.stop

        def start_metered(weir):
            weir.env.setdefault("WEIR_TURN_METER", "1")
            return start(weir)

        def stop_after_a_look(weir):
            self.look(weir)
            return stop(weir)
        harness.Weir.start, harness.Weir.stop = start_metered, stop_after_a_look
        return self

    def look(self, weir):
        ended = weir.process is None or weir.process.poll() is not None
        ms = None if ended else longest_ms(weir.url, getattr(weir, "key", None))
        if ms is not None:
            self.longest, self.looks = max(self.longest, ms), self.looks + 1

    def told(self):
        why = "" if self.is_release else "; with sanitizers, not judged"
        if self.is_release and not self.is_quiet:
            why = "; the machine was busy, not judged"
        return f"{self.longest:.1f} ms, of {self.looks} runs of weir{why}"

    def troubles(self):
        """Empty where nothing is wrong or nothing can be judged."""
        if not (self.is_release and self.is_quiet) or self.longest <= MOST_MS:
            return []
        return [f"a turn took {self.longest:.1f} ms, the goal is {MOST_MS}"]
