/* toolnames.h -- inside engine/: names of tools that an engine's form does not take.
 *
 * Each form has its own rule; clients of other forms have names that break it
 * ("files.read:all", or longer ones).  Such a name becomes one that every form takes: its
 * beginning, with '_' for what may not stand there, "_x", and a digest of it.  What it
 * becomes depends on the name alone, so it is the same in each turn, in a declaration, a
 * call and a result, and after a restart.  A name that looks like one so made is made
 * anew too: so no name that stays as it is can be one that was made.  Two names whose
 * digests are the same are refused.
 *
 * Answers, and what the engine says of an error, have the client's own names again:
 * engine_names_back() and engine_names_in_words() (engine.h). */
#ifndef WEIR_ENGINE_TOOLNAMES_H
#define WEIR_ENGINE_TOOLNAMES_H

#include "engine/translator.h"

/* At most `most` (64 or more) bytes of letters, digits, '_' and those of `more`; where
 * `begins_with_letter` says so, the first is a letter or '_'. */
struct name_form {
    size_t most;
    const char *more;
    bool begins_with_letter;
};

/* Puts names that the form takes in the place of all others in c, and writes down in
 * q->names which are whose: an object in JSON, the engine's name and the client's.  A
 * tool or a call without a name is refused. */
int toolnames_fit(const struct engine_asking *q, struct arena *a, struct conversation *c,
                  struct err *err);

/* A sink that hands on the events with the client's own names. */
struct names_back {
    struct str names;
    event_sink *sink;
    void *ctx;
    struct err *err; /* NULL is fine */
};
int names_back_event(void *ctx, const struct event *e);

/* A name in the arena that every form takes; p == NULL: no memory. */
struct str toolname_made(struct str name, struct arena *a);

#endif
