/* caught.h -- a command of the command line, run with what it prints caught. */
#ifndef WEIR_TESTS_UNIT_CAUGHT_H
#define WEIR_TESTS_UNIT_CAUGHT_H

#include "cmd/lib/commands.h"
#include "core/buf.h"
#include "facts/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS_MAX = 40 };

/* Runs "claim 14B" with '~' between words, catching what stream `fd` gets. */
static inline int run_catching(const struct command *c, const char *line, int fd,
                               struct buf *out)
{
    char copy[2000];
    char *argv[WORDS_MAX];
    int argc = 0;
    struct err err;
    char path[] = "/tmp/weir-test-XXXXXX";
    snprintf(copy, sizeof copy, "%s", line);
    for (char *p = strtok(copy, "~"); p && argc < WORDS_MAX; p = strtok(NULL, "~"))
        argv[argc++] = p;
    fflush(NULL);
    int file = mkstemp(path);
    int saved = dup(fd);
    assert_true(file >= 0 && saved >= 0);
    dup2(file, fd);
    int rc = c->run(argc, argv);
    fflush(NULL);
    dup2(saved, fd);
    close(saved);
    close(file);
    buf_init(out, 8 << 20);
    assert_int_equal(facts_read_file(path, out, &err), 0);
    unlink(path);
    return rc;
}

static inline int run_out(const struct command *c, const char *line, struct buf *out)
{
    return run_catching(c, line, STDOUT_FILENO, out);
}

static inline bool holds(const struct buf *b, const char *text)
{
    return str_find(buf_view(b), str_of(text)) >= 0;
}

/* A load of which most tests ask. */
#define LOAD_ON(device)                                                                  \
    "plan~--model~gpt-4o-mini~--requests-per-day~5000~--input-tokens~800~"               \
    "--output-tokens~400~--local-model~llama-3.1-8b~--device~" device
#define LOAD LOAD_ON("RTX 4090")

#endif
