/* prompt_lines.h -- prompts with scores, from files of JSON lines.
 *
 * A pair:   {"id":"q1","prompt":"...","local_score":0.5,"cloud_score":1}
 * A matrix: {"id":"q1","source":"exam","prompt":"...","scores":{"llama-3-8b":0,...}}
 * Scores go from 0 to 1 (or are true or false); one of a matrix may be null.  An id is
 * there once in a file.  Other members are passed over. */
#ifndef WEIR_CMD_DECIDE_PROMPT_LINES_H
#define WEIR_CMD_DECIDE_PROMPT_LINES_H

#include "core/arena.h"
#include "core/err.h"

enum { LINES_MAX_MODELS = 256, LINES_MAX_SOURCES = 64 };

struct prompt_line {
    struct str id, prompt;
    uint32_t source;
    double local, cloud; /* of a pair */
    const float *scores; /* of a matrix: by the source's model; not a number: none */
};

struct prompt_source {
    struct str name;
    struct str models[LINES_MAX_MODELS];
    size_t nmodels;
};

struct prompt_lines {
    struct arena a;
    struct prompt_line *v; /* owned */
    size_t n, cap;
    struct prompt_source sources[LINES_MAX_SOURCES];
    size_t nsources;
};

enum prompt_form { FORM_PAIRS, FORM_MATRIX };

void prompt_lines_init(struct prompt_lines *l);
void prompt_lines_release(struct prompt_lines *l);
/* Adds the lines of a file ("-": standard input), at least one.  -1: "FILE:LINE: what is
 * wrong and what helps". */
int prompt_lines_read(struct prompt_lines *l, const char *path, enum prompt_form form,
                      struct err *err);

#endif
