"""cases.py -- all cases, in the order of the table."""
import cases_arguments
import cases_basic
import cases_bugs
import cases_errors
import cases_framing
import cases_halves
import cases_kinds
import cases_long
import cases_odd
import cases_same
import cases_sides

CASES = (cases_basic.CASES + cases_sides.CASES + cases_errors.CASES + cases_same.CASES
         + cases_framing.CASES + cases_halves.CASES + cases_kinds.CASES + cases_arguments.CASES
         + cases_odd.CASES + cases_bugs.CASES + cases_long.CASES)
