/* label_words.c -- what keeps a request here, in words and for programs. */
#include "gateway/request.h"

#include "json/write.h"

/* In quotes, where a shell takes everything as it is but the quote itself. */
static struct str quoted(struct str s, struct arena *a)
{
    const struct str quote = STR("'\\''");
    char *p = arena_raw(a, quote.n * s.n + 2);
    size_t n = 0;
    if (!p)
        return s;
    p[n++] = '\'';
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\'') {
            p[n++] = s.p[i];
            continue;
        }
        memcpy(p + n, quote.p, quote.n);
        n += quote.n;
    }
    p[n++] = '\'';
    return (struct str){p, n};
}

/* A word of a command line, quoted where a shell would take it apart. */
static struct str shell_word(struct str s, struct arena *a)
{
    bool is_plain = true;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        is_plain &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= '0' && c <= '9') || (c && strchr("/._-+@,:", c) != NULL);
    }
    return is_plain ? s : quoted(s, a);
}

/* What the command needs to find this weir: nothing when its state is where it is looked
 * for, else the file that says where. */
static struct str where_weir_is(const struct request *r, struct arena *a)
{
    const struct config *c = r->setup->config;
    if (c->is_default_state_dir)
        return STR("");
    bool has_file = c->is_file;
    struct str word = shell_word(has_file ? c->path : c->state_dir, a);
    return arena_printf(a, " %s %.*s", has_file ? "-c" : "--state-dir", STR_ARG(word));
}

/* Said only where it would help: a label that was declared is its declarer's to lower,
 * and what cannot be masked stays whatever a person accepts. */
struct str label_offer(const struct request *r, struct arena *a)
{
    char session[SESSION_TEXT_BYTES];
    if (!r->can_lower)
        return STR("");
    session_format(r->label_session, session);
    return arena_printf(a,
                        "to let its session leave with values masked: weir label lower "
                        "%s --why REASON%.*s",
                        session, STR_ARG(where_weir_is(r, a)));
}

/* How it can be resolved; each a sentence or a command. */
static void write_ways_out(const struct request *r, const struct held_place *p,
                           struct json_writer *w, struct arena *a)
{
    char value[VALUE_TEXT_BYTES];
    struct str offer = label_offer(r, a);
    bool is_blocked = r->draft->screened->verdict.action == ACTION_BLOCK;
    json_key(w, "resolve");
    json_array_open(w);
    json_str(w, str_of(p->remedy));
    if (!is_blocked)
        json_str(w, STR("ask for the model local, or auto"));
    if (p->value) {
        value_format(p->value, value);
        json_str(w, arena_printf(a,
                                 "its operator, if it is nothing: weir label nothing "
                                 "%s --why REASON%.*s",
                                 value, STR_ARG(where_weir_is(r, a))));
    }
    if (offer.n)
        json_str(w, offer);
    json_array_close(w);
}

static void write_hold(const struct held_place *p, struct json_writer *w)
{
    char value[VALUE_TEXT_BYTES];
    json_key(w, "kind");
    json_str(w, str_of(p->kind));
    json_key(w, "reason");
    json_str(w, str_of(p->reason));
    if (p->member.n) {
        json_key(w, "member");
        json_str(w, p->member);
    }
    if (p->line) {
        json_key(w, "line");
        json_u64(w, p->line);
        json_key(w, "column");
        json_u64(w, p->column);
    }
    if (p->byte) {
        json_key(w, "byte");
        json_u64(w, p->byte);
    }
    if (p->value) {
        value_format(p->value, value);
        json_key(w, "value");
        json_str(w, str_of(value));
    }
}

static void write_others(const struct request *r, struct json_writer *w)
{
    const struct screened *s = r->draft->screened;
    char id[17];
    if (s->nholds > 1) {
        json_key(w, "also");
        json_array_open(w);
        for (uint32_t i = 1; i < s->nholds; i++) {
            json_object_open(w);
            write_hold(&s->holds[i], w);
            json_key(w, "remedy");
            json_str(w, str_of(s->holds[i].remedy));
            json_object_close(w);
        }
        json_array_close(w);
    }
    if (s->nmore) {
        json_key(w, "more");
        json_u64(w, s->nmore);
    }
    if (r->label.by) {
        ledger_format_uid(r->label.by, id);
        json_key(w, "label_from");
        json_str(w, str_of(id));
    }
}

/* Of a request that was refused for its label, what holds it, for programs; p NULL: it
 * was not. */
struct str label_found_json(const struct request *r, struct arena *a)
{
    const struct screened *s = r->draft ? r->draft->screened : NULL;
    struct buf b;
    struct json_writer w;
    if (!s || !s->nholds)
        return (struct str){NULL, 0};
    buf_init(&b, 16384);
    json_writer_init(&w, &b);
    json_object_open(&w);
    write_hold(&s->holds[0], &w);
    write_ways_out(r, &s->holds[0], &w, a);
    write_others(r, &w);
    json_object_close(&w);
    struct str ret = b.failed ? (struct str){NULL, 0} : arena_strdup(a, buf_view(&b));
    buf_release(&b);
    return ret;
}

struct str label_origin(const struct request *r, struct arena *a)
{
    char id[17];
    if (!r->label.by)
        return STR("");
    ledger_format_uid(r->label.by, id);
    return arena_printf(a, "its session has the label from request %s", id);
}
