"""The scorer of labelled texts: what counts as hidden, and how sure a share is."""
import subprocess
import sys
import tempfile
import types
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))
import guard_ordinary  # noqa: E402
from guard_score import Judged, People, Share, Types  # noqa: E402

KINDS = Types(types.SimpleNamespace(
    can=lambda t: t, sensitive=lambda t: t not in ("LOCATION", "DATE_TIME"),
    group=lambda t: "SECRET" if t == "PASSWORD" else t))


def judged(text, gold, spans, action="mask"):
    return Judged({"id": "1", "text": text, "tpl": "t", "spans": gold},
                  {"action": action, "spans": spans}, KINDS)


class Strict(unittest.TestCase):
    PERSON = [{"start": 3, "end": 11, "type": "PERSON"}]

    def test_a_value_under_a_type_that_leaves_is_readable(self):
        under = {"start": 3, "end": 11, "type": "LOCATION"}
        self.assertTrue(judged("by Ann Ford.", self.PERSON, [under]).leaks)
        self.assertFalse(judged("by Ann Ford.", self.PERSON, [dict(under, type="PERSON")]).leaks)

    def test_a_spans_own_action_counts_before_its_type(self):
        under = {"start": 3, "end": 11, "type": "PERSON", "action": "clear"}
        self.assertTrue(judged("by Ann Ford.", self.PERSON, [under]).leaks)
        self.assertFalse(judged("by Ann Ford.", self.PERSON,
                                [dict(under, type="LOCATION", action="mask")]).leaks)

    def test_part_of_a_value_is_readable_and_blanks_need_not_be_hidden(self):
        pieces = [{"start": 3, "end": 6, "type": "PERSON"}]
        self.assertTrue(judged("by Ann Ford.", self.PERSON, pieces).leaks)
        pieces.append({"start": 7, "end": 11, "type": "PERSON"})
        self.assertFalse(judged("by Ann Ford.", self.PERSON, pieces).leaks)

    def test_a_held_text_shows_nothing(self):
        held = judged("by Ann Ford.", self.PERSON, [], "local")
        self.assertTrue(held.held and not held.leaks and not held.leaks_stay)

    def test_what_must_stay(self):
        secret = [{"start": 3, "end": 11, "type": "PASSWORD"}]
        d = judged("pw Ann Ford.", secret, [], "clear")
        self.assertTrue(d.must_stay and d.leaks_stay)
        self.assertFalse(judged("by Ann Ford.", self.PERSON, []).must_stay)


class Intervals(unittest.TestCase):
    def test_five_texts_of_one_template_are_one_try(self):
        alone, together = Share(), Share()
        for i in range(100):
            alone.add(i, i % 10 < 5)
            together.add(i // 5, i // 5 % 2)
        width = [b - a for a, b in (alone.interval(), together.interval())]
        self.assertEqual(alone.sums(), together.sums())
        self.assertEqual(together.templates(), (10, 20))
        self.assertGreater(width[1], 1.8 * width[0])

    def test_none_of_few_is_not_certain(self):
        share = Share()
        for i in range(20):
            share.add(i // 5, False)
        low, high = share.interval()
        self.assertEqual(low, 0)
        self.assertGreater(high, 0.4)

    def test_thousands_of_templates_and_a_few_agree(self):
        share = Share()
        for i in range(4000):
            share.add(i // 4, i // 4 % 4 == 0)
        low, high = share.interval()
        self.assertTrue(0.21 < low < 0.23 and 0.27 < high < 0.29, (low, high))


class Names(unittest.TestCase):
    def test_any_overlap_counts_and_misses_weigh_more(self):
        people = People()
        people.add([{"start": 0, "end": 8, "type": "PERSON"},
                    {"start": 20, "end": 28, "type": "PERSON"}],
                   [{"start": 4, "end": 8, "type": "PERSON"},
                    {"start": 40, "end": 44, "type": "LOCATION"}])
        f2, p, r = people.f2()
        self.assertEqual((p, r), (1.0, 0.5))
        self.assertAlmostEqual(f2, 5 * .5 / 4.5)


class Ordinary(unittest.TestCase):
    def test_sources_are_cut_into_pieces_of_one_language(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "a.py").write_text("x = 1\n" * 100)
            Path(folder, "b.txt").write_text("words\n" * 100)
            rows = guard_ordinary.code_rows([folder])
        self.assertEqual(len(rows), 3)
        self.assertTrue(all(r["cls"] == "Python" and r["text"].count("\n") < 45 for r in rows))

    def test_a_fifth_is_held_out_by_its_number(self):
        self.assertTrue(guard_ordinary.held_out({"id": "commits-15"}))
        self.assertFalse(guard_ordinary.held_out({"id": "commits-16"}))


class Command(unittest.TestCase):
    def test_it_says_how_it_is_called(self):
        done = subprocess.run([sys.executable, TOOLS / "eval_guard.py", "--help"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0)
        self.assertIn("--leave", done.stdout)
