/* judged.h -- what became of a local answer that was to be judged (gateway/escalate.h).
 *
 * The row's last reason says it: {"rule":"judged","detail":WORDS}.  This is the one table
 * of how those words begin, for who writes them, counts them and reads them again. */
#ifndef WEIR_LEDGER_JUDGED_H
#define WEIR_LEDGER_JUDGED_H

#include "ledger/row.h"

/* X(NAME, name in metrics and access lines, how the words begin); of two beginnings the
 * longer one stands first. */
#define JUDGED_RESULTS(X)                                                                \
    X(NO_TIME, "no_time", "kept: no time was left to judge it")                          \
    X(KEPT, "kept", "kept: ")                                                            \
    X(NOTHING_AGAINST, "nothing_against", "kept, as nothing speaks against it: ")        \
    X(UNSURE, "unsure", "kept, as nobody could say more: ")                              \
    X(GIVEN_BACK, "given_back", "kept, as no stronger model answered")                   \
    X(ESCALATED, "escalated", "the local answer is too weak: ")                          \
    X(HOLD, "hold", "not judged: it took longer than `hold`")                            \
    X(HOLD_TOKENS, "hold_tokens", "not judged: it has more tokens than `hold_tokens`")   \
    X(NO_STRONGER, "no_stronger", "not judged: no stronger model could be asked")        \
    X(BY_NAME, "by_name", "not judged: the model or its side was asked for by name")     \
    X(NO_CHAT, "no_chat", "not judged: it is no chat")                                   \
    X(CHOICES, "choices", "not judged: several choices were asked for")                  \
    X(LONG_REQUEST, "long_request", "not judged: the request is too long")               \
    X(LONG_ANSWER, "long_answer", "not judged: it is too long")                          \
    X(UNREADABLE, "unreadable", "not judged: weir cannot read it")                       \
    X(NO_ROOM, "no_room", "not judged: weir has no room to hold it")                     \
    X(NO_MEMORY, "no_memory", "not judged: weir has no memory for it")                   \
    X(LEFT, "left", "not judged: the client left")                                       \
    X(OTHER, "other", "")

enum judged {
    JUDGED_NOT, /* it was not to be judged */
#define JUDGED_NAME(name, word, words) JUDGED_##name,
    JUDGED_RESULTS(JUDGED_NAME)
#undef JUDGED_NAME
        JUDGED_CANCELLED, /* the client left, or an error ended the request */
    JUDGED_COUNT
};

const char *judged_name(enum judged j);  /* "kept"; "" for JUDGED_NOT */
const char *judged_words(enum judged j); /* static; "" where there are none */
/* What the words say of a request that ended so. */
enum judged judged_of(struct str words, enum outcome outcome);
/* The words of a row; empty: it was not to be judged. */
struct str judged_words_of(const struct ledger_row *r);

#endif
