/* names.c -- features in the words of an explanation: "numbers above usual". */
#include "route/learned/features.h"

static const char *const figures[F_FIRST_WORD] = {
    [F_LENGTH] = "length",
    [F_WORDS] = "words",
    [F_SENTENCES] = "sentences",
    [F_SENTENCE_WORDS] = "words in a sentence",
    [F_WORD_LETTERS] = "letters in a word",
    [F_LONG_WORDS] = "long words",
    [F_PLAIN_WORDS] = "plain words",
    [F_RARE_WORDS] = "rare words",
    [F_RARE_COUNT] = "different rare words",
    [F_VARIETY] = "different words",
    [F_NUMBERS] = "numbers",
    [F_LARGE_NUMBERS] = "large numbers",
    [F_DECIMALS] = "decimal numbers",
    [F_YEARS] = "years",
    [F_NUMBER_SHARE] = "numbers among the words",
    [F_OPERATORS] = "signs of arithmetic",
    [F_LATEX] = "formulas",
    [F_CURRENCY] = "amounts of money or percent",
    [F_BRACKETS] = "brackets",
    [F_CODE_MARKS] = "signs of code",
    [F_QUOTES] = "quotation marks",
    [F_QUESTIONS] = "question marks",
    [F_NO_QUESTION] = "tasks without a question",
    [F_LINES] = "lines",
    [F_BULLETS] = "lines of a list",
    [F_NAMES] = "names",
    [F_ACRONYMS] = "words in capitals",
    [F_WIDE] = "letters beyond ASCII",
    [F_BLANK] = "blanks to fill",
    [F_NUMERALS] = "Roman numerals",
    [F_OPTIONS] = "options to choose from",
    [F_OPTION_LENGTH] = "length of the options",
    [F_OPTION_NUMBERS] = "numbers in the options",
    [F_OPTION_SAME] = "options that say the same in parts",
    [F_PASSAGE] = "text before the question",
    [F_STEPS] = "steps to calculate",
};

static const char *const classes[CUE_COUNT] = {
    [CUE_NONE] = "words of no list",
    [CUE_PLAIN] = "articles and prepositions",
    [CUE_FACT] = "who, when and where",
    [CUE_WHICH] = "what and which",
    [CUE_WHY] = "why and how",
    [CUE_MANY] = "how many and how much",
    [CUE_WRITE] = "words that ask to write",
    [CUE_FICTION] = "words of stories and letters",
    [CUE_EXPLAIN] = "words that ask to explain",
    [CUE_REASON] = "words of reasoning",
    [CUE_CALCULATE] = "words that ask to calculate",
    [CUE_QUANTITY] = "words of quantity",
    [CUE_CONSTRAINT] = "conditions",
    [CUE_NEGATION] = "negations",
    [CUE_CODE] = "words of programming",
    [CUE_MATHS] = "words of mathematics",
    [CUE_SCIENCE] = "words of science",
    [CUE_LAW] = "words of law",
    [CUE_MEDICINE] = "words of medicine",
    [CUE_SELF] = "I and we",
    [CUE_YOU] = "you and your",
    [CUE_FORM] = "words of form",
    [CUE_STEP] = "words of sequence",
    [CUE_JUDGE] = "words of judging",
    [CUE_TIME] = "words of time",
    [CUE_MONEY] = "words of money",
};

const char *feature_name(unsigned f)
{
    if (f < F_FIRST_WORD)
        return figures[f];
    if (f < F_CLASS)
        return "such a first word";
    if (f < F_KIND)
        return classes[f - F_CLASS];
    return "its kind";
}
