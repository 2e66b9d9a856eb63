/* names.h -- what a name that somebody typed means: one row, several, or none.
 *
 * Names of devices and models are written in many ways: "4090", "GeForce RTX 4090",
 * "rtx4090"; "Qwen/Qwen3-8B", "qwen3:8b-q4_K_M".  A name is read as a set of tokens:
 * letters and numbers apart, case and separators dropped, a number with its unit ("8b",
 * "780m") kept in one.  What the rows of a fact file are called, and which words say
 * nothing ("NVIDIA", "Instruct") or the same ("mobile" and "laptop"), is data: the
 * "aliases" of a row and the "words" at the head of its file.
 *
 * A name that is exactly one of a row's means that row.  One that several rows have, or
 * that is only a part of what they are called, is a question.  Nothing is guessed. */
#ifndef WEIR_FACTS_NAMES_H
#define WEIR_FACTS_NAMES_H

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

struct table;

enum name_verdict {
    NAME_UNKNOWN,
    NAME_QUESTION, /* several rows are meant; the caller asks which */
    NAME_FOUND
};

enum { NAME_TEXT = 160, NAME_TOKENS = 20, NAME_ROWS = 48, NAME_FORMAT = 32 };

/* A name in tokens.  Memory ("16GB") and the format of a file ("q4_K_M", "AWQ") are no
 * part of what a row is called and stand apart. */
struct name_tokens {
    char text[NAME_TEXT]; /* of all tokens, in lower case */
    struct name_token {
        uint16_t at, n;   /* in text */
        size_t from, end; /* in what was read */
        bool is_glued;    /* nothing stood between it and the one before */
        bool ends_word;
    } token[NAME_TOKENS];
    size_t n;
    double memory_gb;         /* 0: not said */
    char format[NAME_FORMAT]; /* "q4_k_m", "ud-q4_k_xl", "mlx-4bit"; "": not said */
    size_t format_from;       /* where the first of it stands in what was read */
};

struct names; /* opaque: names.c; what rows are called */

/* Reads the "words" of the table's head.  Strings and the index live in the arena. */
int names_create(struct arena *a, const struct table *t, struct names **ret,
                 struct err *err) NODISCARD;
/* Adds the name of row `row` and its "aliases".  After the last row: names_finish(). */
int names_add_row(struct names *n, const struct table *t, size_t row, struct str name,
                  struct err *err);
int names_finish(struct names *n, struct err *err);

/* False when it is empty, or longer than a name can be. */
bool names_read(const struct names *n, struct str text, struct name_tokens *ret);

struct name_match {
    size_t rows[NAME_ROWS]; /* each once: the shortest names first, else as in the file */
    size_t longer[NAME_ROWS]; /* tokens that the row's name has besides */
    size_t n;
    bool
        is_whole; /* the rows have this name; else it is a part of what they are called */
};
void names_match(const struct names *n, const struct name_tokens *name,
                 struct name_match *ret);

/* The rows whose name stands in a sentence: of several names the longest, of the same
 * length the first.  n = 0: none. */
void names_in_sentence(const struct names *n, struct str sentence,
                       struct name_match *ret);

/* The longest name that begins at `at`, where a word must begin; the end of it in `s`, or
 * 0 when none does.  A name ends where a word does, before the plural of it ("3090s") and
 * before a count ("3090x2"), and no comma, bar, format or end of a sentence stands in it.
 */
size_t names_at(const struct names *n, struct str s, size_t at, struct name_match *ret);

/* The part of a reference that names a model: "Qwen3-8B" of "Qwen/Qwen3-8B", of
 * "accounts/fireworks/models/qwen3-8b", of
 * "https://huggingface.co/Qwen/Qwen3-8B/tree/main" and of "hf.co/unsloth/Qwen3-8B:Q4_K_M"
 * (whose ":Q4_K_M" stays); "qwen3:8b" of "ollama.com/library/qwen3:8b". */
struct str names_of_reference(struct str text);

#endif
