"""What README shows of commands that reckon is what they print: figures of facts that have
changed must change there, too."""
import pathlib
import re
import shlex
import unittest

import harness

README = pathlib.Path(__file__).parents[2] / "README.md"
RECKONERS = ("claim", "fit", "plan", "advise")


# So many days from today on.
DATED = re.compile(r"(Decide again after) \d{4}-\d\d-\d\d")


def lines(text):
    return [DATED.sub(r"\1 DATE", line.strip()) for line in text.splitlines()]


def shown():
    """(words of the command, what README shows of its output)"""
    text = README.read_text()
    for command, output in re.findall(r"(?m)^    \$ build/weir ((?:.*\\\n)*.*)\n((?:    (?!\$).+\n)*)", text):
        words = shlex.split(command.replace("\\\n", " "), comments=True)
        if words[0] in RECKONERS:
            yield words, lines(output)


class Readme(unittest.TestCase):
    def test_its_figures_are_what_the_commands_print(self):
        weir = harness.Weir("engines: []\n")
        self.addCleanup(weir.remove)
        examples = list(shown())
        self.assertEqual(sorted(words[0] for words, _ in examples), sorted(RECKONERS))
        for words, output in examples:
            with self.subTest(command=words[0]):
                self.assertGreater(len(output), 1)
                printed = lines(weir.run(*words).stdout)
                self.assertEqual(printed[:len(output)], output)
