/* features.h -- what a prompt looks like, in one pass over its bytes.
 *
 * Words and pairs of neighbouring words become terms (hashes); marks, numbers and kinds
 * of words become some sixty figures, which carry over from one kind of prompt to another
 * better than words do.  Pure, without allocation; bytes that are no UTF-8 are letters
 * like others. */
#ifndef WEIR_ROUTE_LEARNED_FEATURES_H
#define WEIR_ROUTE_LEARNED_FEATURES_H

#include "route/learned/cues.h"

enum {
    PROMPT_HEAD_BYTES = 2048, /* of a long prompt its beginning */
    PROMPT_TAIL_BYTES = 2048, /* ... and its end are read */
    PROMPT_MAX_TERMS = 4096
};

/* A figure is at least 0, and seldom above 8: logarithms, shares and marks of kind. */
enum feature {
    F_LENGTH,         /* ln(1 + characters) */
    F_WORDS,          /* ln(1 + words) */
    F_SENTENCES,      /* ln(1 + sentences) */
    F_SENTENCE_WORDS, /* ln(1 + words in a sentence) */
    F_WORD_LETTERS,   /* letters in a word */
    F_LONG_WORDS,     /* share of words of ten letters and more */
    F_PLAIN_WORDS,    /* share of articles, prepositions .. */
    F_RARE_WORDS,     /* share of words that few prompts have */
    F_RARE_COUNT,     /* ln(1 + such words) */
    F_VARIETY,        /* different words / sqrt(2 words) */
    F_NUMBERS,        /* ln(1 + numbers) */
    F_LARGE_NUMBERS,  /* ln(1 + numbers of three digits and more) */
    F_DECIMALS,       /* ln(1 + decimal numbers) */
    F_YEARS,          /* ln(1 + years) */
    F_NUMBER_SHARE,   /* numbers in a word */
    F_OPERATORS,      /* ln(1 + of + * / = < > ^ %) */
    F_LATEX,          /* ln(1 + backslash words, $, ^, _) */
    F_CURRENCY,       /* ln(1 + amounts: $12, 12%) */
    F_BRACKETS,       /* ln(1 + brackets) */
    F_CODE_MARKS,     /* ln(1 + of {} ; () == -> :: and indented lines) */
    F_QUOTES,         /* ln(1 + quotation marks) */
    F_QUESTIONS,      /* ln(1 + question marks) */
    F_NO_QUESTION,    /* none */
    F_LINES,          /* ln(1 + lines) */
    F_BULLETS,        /* ln(1 + lines of a list) */
    F_NAMES,          /* share of words with a capital inside a sentence */
    F_ACRONYMS,       /* ln(1 + words in capitals) */
    F_WIDE,           /* share of letters beyond ASCII */
    F_BLANK,          /* a blank to fill */
    F_NUMERALS,       /* ln(1 + I, II, III, IV) */
    F_OPTIONS,        /* ln(1 + options A. B. ..) */
    F_OPTION_LENGTH,  /* ln(1 + characters of an option) */
    F_OPTION_NUMBERS, /* share of options that are mostly numbers */
    F_OPTION_SAME,    /* share of options that begin like the one before */
    F_PASSAGE,        /* ln(1 + characters before the last line) */
    F_STEPS,          /* of a word problem: ln(1 + numbers and words of quantity) */
    F_FIRST_WORD,     /* F_FIRST_WORD + class: the class of the first word; 26 of them */
    F_CLASS = F_FIRST_WORD + CUE_COUNT, /* F_CLASS + class: ln(1 + words of it) */
    F_KIND = F_CLASS + CUE_COUNT,       /* F_KIND + kind: 1 for the prompt's kind */
};

enum prompt_kind {
    KIND_OTHER,
    KIND_CHOICE,       /* options to choose from */
    KIND_CODE,         /* code, or asks for code */
    KIND_FORMAL,       /* formulas */
    KIND_WORD_PROBLEM, /* numbers in prose and a question */
    KIND_OPEN,         /* asks to write or to explain */
    KIND_FACT,         /* one short question */
    KIND_NKINDS
};

enum {
    /* Length by kind: longer is harder in a word problem and easier in a chat. */
    F_KIND_LENGTH = F_KIND + KIND_NKINDS,
    F_NFEATURES = F_KIND_LENGTH + KIND_NKINDS
};

struct prompt {
    float f[F_NFEATURES];
    uint32_t term[PROMPT_MAX_TERMS]; /* hashes; each once, mostly */
    uint32_t nterms;
    enum prompt_kind kind;
};

/* Words that are frequent: a bit for each value of the hash's low 16 bits. */
enum { COMMON_BITS = 65536, COMMON_BYTES = COMMON_BITS / 8 };

/* Reads the prompt.  `common` may be NULL: then no word is rare. */
void prompt_read(const struct cue_table *words, const uint8_t *common, struct str text,
                 struct prompt *ret);

/* Counts in df the words that the text has, each once, by the low 16 bits of their hash.
 */
void prompt_count_words(struct str text, uint32_t df[COMMON_BITS]);

/* What a feature counts, to stand before "above usual": "numbers". */
const char *feature_name(unsigned f);

#endif
