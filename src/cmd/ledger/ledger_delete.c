/* ledger_delete.c -- see ledger_delete.h.
 *
 * With a running weir this only writes an order; without one it deletes by itself, and
 * writes the record of it into the chain first. */
#include "cmd/ledger/ledger_delete.h"

#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "core/clean.h"
#include "ledger/audit/audit.h"
#include "ledger/ledger.h"

enum { NAME_BYTES = 512 };

static bool tell_chain(void *ctx, const char *what, uint64_t rows, const char *why)
{
    struct err err = {0};
    const struct audit_record r = {.decision = AUDIT_DELETED,
                                   .what = str_of(what),
                                   .rows = rows,
                                   .reason = str_of(why)};
    struct audit *a = audit_open(ctx, &err);
    struct audit_log *log = a ? audit_log_create(a) : NULL;
    bool ok = log && audit_append(log, &r, &err) == 0 && audit_flush(log, &err) == 0;
    if (!ok)
        say(stderr, "weir ledger: %s", err.msg);
    audit_log_free(log);
    audit_close(a);
    return ok;
}

/* It is kept and shown: nothing that a terminal would obey. */
static bool is_one_line(const char *text, size_t most)
{
    struct str s = str_of(text);
    return str_trim(s).n > 0 && s.n <= most && clean_is(s);
}

/* A name that is misspelt would look like a job done. */
static int tell_none(const char *key, const char *session, const char *state_dir)
{
    say(stderr,
        "weir ledger: no row in %s has the %s '%s', so nothing was deleted; `weir ledger "
        "%s` shows what there is%s",
        state_dir, key ? "key" : "session", key ? key : session,
        key ? "--by key" : "--json",
        key ? ""
            : ". Rows keep a name only where it came as x-weir-session; others have 16 "
              "digits there, which --session takes too");
    return EXIT_NO;
}

int ledger_delete(const struct command *c, const struct options *o, const char *state_dir)
{
    const char *key = options_get(o, "--key"), *session = options_get(o, "--session");
    const char *why = options_get(o, "--why");
    char dir[4096];
    uint64_t rows = 0;
    struct err err = {0};
    if (!key == !session)
        return options_fault(c, "name one of --key NAME and --session S");
    if (!is_one_line(key ? key : session, NAME_BYTES))
        return options_fault(c,
                             "a name is one line of 1 to %d bytes, in UTF-8 and "
                             "without control characters",
                             NAME_BYTES);
    if (!is_one_line(why, LEDGER_WHY_BYTES))
        return options_fault(c,
                             "say --why TEXT, one line of at most %d bytes, in "
                             "UTF-8 and without control characters: it is kept in the "
                             "audit chain",
                             LEDGER_WHY_BYTES);
    const struct ledger_erase_order order = {.key = key ? str_of(key) : STR(""),
                                             .session =
                                                 session ? str_of(session) : STR(""),
                                             .why = str_of(why)};
    snprintf(dir, sizeof dir, "%s", state_dir);
    if (ledger_erase(str_of(state_dir), &order, tell_chain, dir, &rows, &err) < 0) {
        bool is_missing = err.code && strcmp(err.code, "ledger_missing") == 0;
        say(stderr, "weir ledger: %s%s%s",
            is_missing ? "" : "nothing, or not all, was deleted: ", err.msg,
            is_missing ? STATE_DIR_OR_CONFIG : "");
        return EXIT_NO;
    }
    if (rows == 0)
        return tell_none(key, session, state_dir);
    say(stdout, "%llu rows deleted.", (unsigned long long)rows);
    return EXIT_YES;
}
