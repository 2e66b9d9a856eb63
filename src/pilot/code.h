/* code.h -- is the code in an answer whole, as far as reading it without running it
 * tells?
 *
 * Read are the fenced blocks that name a language of this list.  JSON must be one value.
 * Of Python, C, C++, Java and Go strings and comments must end and brackets must match:
 * what is cut off or was put together wrongly fails, and what passes may still not
 * compile, let alone do what it should.  Nothing is run, and no other program is asked.
 * What could be left out on purpose ("...", comments in JSON, branches of a preprocessor)
 * says nothing.  Pure. */
#ifndef WEIR_PILOT_CODE_H
#define WEIR_PILOT_CODE_H

#include "core/str.h"

enum code_language {
    CODE_JSON,
    CODE_PYTHON,
    CODE_C,
    CODE_CPP,
    CODE_JAVA,
    CODE_GO,
    CODE_LANGUAGES
};

struct pilot_code {
    uint32_t broken; /* bits of languages: a block of it is surely not whole */
    uint32_t whole;  /* ... all its blocks are, and there is one */
};

/* Only the first 64 blocks are looked at. */
struct pilot_code pilot_code_of(struct str answer);
/* 1: the first one is whole where the second is broken, in the same language; -1: the
 * other way round; 0: this does not tell them apart. */
int pilot_code_better(struct str first, struct str second);

#endif
