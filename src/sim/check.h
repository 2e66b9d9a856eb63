/* check.h -- what a vendor refuses in a request, in the vendor's words.
 *
 * weir's own readers of a dialect are forgiving where that does no harm; a vendor is not.
 * So these checks read the client's bytes by themselves.  A strict upstream is worth more
 * in a test than a friendly one. */
#ifndef WEIR_SIM_CHECK_H
#define WEIR_SIM_CHECK_H

#include "core/arena.h"
#include "dialect/dialect.h"
#include "sim/faults.h"
#include "sim/trouble.h"
#include "json/scan.h"

struct sim_checking {
    const struct dialect *dialect;
    enum surface surface;
    struct str body;
    struct str version; /* of Anthropic's API, as the header says it */
    const struct sim_directives *asked;
    struct arena *arena;
};
/* True: it would be refused, and *ret says how; its message is in `room`.  What is no
 * JSON passes: every reader refuses that.  Checked unless `asked` says lenient; OpenAI's
 * chats only where it says strict. */
bool sim_check(const struct sim_checking *c, struct sim_trouble *ret,
               char room[SIM_MESSAGE_BYTES]);

/* -- for the files check_*.c ------------------------------------------------ */

struct check {
    const struct sim_checking *asked;
    struct sim_trouble *ret;
    char *room;
};
/* Both return true.  `param` and `code` are static words, or NULL. */
bool check_refuse(struct check *k, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool check_refuse_as(struct check *k, const char *param, const char *code,
                     const char *fmt, ...) PRINTF_LIKE(4, 5);

/* The elements of a raw array; of anything else there are none. */
struct check_list {
    struct json_cur c;
    size_t i; /* which one it is; the first is 0 */
    bool is_open;
};
struct check_list check_list(struct str raw);
bool check_next(struct check_list *l, struct str *ret);

static inline bool check_is(struct str raw, char first)
{
    return raw.n > 0 && raw.p[0] == first;
}
/* A raw string that stands for this word. */
bool check_word(struct str raw, const char *word);
/* What a raw string stands for, in the arena; p == NULL: it is none. */
struct str check_text(const struct check *k, struct str raw);
/* The member under either of two names. */
struct str check_get(struct str object, const char *name, const char *other);
bool check_number(struct str raw, int64_t *ret);
/* Letters, digits, '_' and '-', at least one. */
bool check_is_id(struct str id);

/* Ids that wait for their counterpart. */
enum { CHECK_MAX_IDS = 1024 };
struct check_ids {
    struct str ids[CHECK_MAX_IDS];
    size_t n;
};
bool check_ids_add(struct check_ids *set, struct str id);  /* false: it is there */
bool check_ids_take(struct check_ids *set, struct str id); /* false: it is not */

bool check_anthropic(struct check *k, struct str body);
bool check_gemini(struct check *k, struct str body);
bool check_responses(struct check *k, struct str body);
bool check_ollama(struct check *k, struct str body);
bool check_openai(struct check *k, struct str body);

#endif
