"""limits: buffered bounds what weir holds; `make soak-memory` is the large version."""
import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "soak"))
import memory  # noqa: E402

# Beside the idle program, whose code grows with what weir can do: ASan's red zones, and
# what it has not given back yet.
ASAN_SPARE = 30 * memory.MIB
# What is freed counts as freed soon, or the peak says more of ASan than of weir.
ASAN_ENV = {"ASAN_OPTIONS": "quarantine_size_mb=1"}


class Memory(unittest.TestCase):
    def test_answers_that_nobody_reads_stay_within_the_limit(self):
        case = memory.Case(32, ASAN_SPARE, ASAN_ENV, from_idle=True)
        memory.unread(case, "home", "joined", clients=12, seconds=2)
        self.assertEqual(case.end(), [])
        self.assertGreater(case.peak, 32 * memory.MIB)

    def test_events_that_do_not_end_stay_within_the_limit(self):
        case = memory.Case(32, ASAN_SPARE, ASAN_ENV, from_idle=True)
        for _ in range(14):
            case.send(memory.request("home", "gather", stream=True))
        case.small_ones(2)
        self.assertEqual(case.end(), [])
