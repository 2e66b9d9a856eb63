/* api_chain.c -- GET /weir/api/chain: is the audit chain whole?
 *
 * The check of `weir prove`, on the page's thread.  A chain of more than WHOLE_BYTES is
 * checked from its newest file on.  A result is kept: the chain is checked anew when it
 * has grown, and so seldom that the check takes at most a twentieth of the thread's
 * time. */
#include "web/later.h"

#include "core/clean.h"
#include "core/clock.h"
#include "core/mem.h"
#include "ledger/audit/audit_check.h"
#include "json/scan.h"

#include <stdio.h>

enum { WHOLE_BYTES = 128 << 20, AGAIN_MS = 2000, REST = 20, PEOPLE = 20 };
enum { NAME_TEXT = 64, WHY_TEXT = 204 };

struct by_person {
    enum audit_decision decision;
    uint64_t ms;
    char name[NAME_TEXT], why[WHY_TEXT];
};

struct web_proof {
    struct audit_chain chain;
    uint64_t bytes, checked_ms, next_ms; /* next_ms: monotonic */
    uint64_t took_ms, first_ms, newest_ms, lost;
    uint64_t by[AUDIT_DECISIONS];
    struct by_person people[PEOPLE]; /* a ring; npeople in all */
    uint64_t npeople;
};

static void keep(char *out, size_t size, struct str s)
{
    size_t n = s.n < size ? s.n : size - 1;
    if (n)
        memcpy(out, s.p, n);
    out[clean_in_place(out, n)] = '\0';
}

static bool is_of_person(enum audit_decision d)
{
    return d == AUDIT_LOWERED || d == AUDIT_ALLOWED || d == AUDIT_PAUSED ||
           d == AUDIT_RESUMED || d == AUDIT_STOPPED || d == AUDIT_STARTED ||
           d == AUDIT_DELETED;
}

static void visit(void *ctx, const struct audit_seen *s)
{
    struct web_proof *p = ctx;
    p->by[s->decision]++;
    p->lost += s->lost;
    p->newest_ms = s->ts_ms;
    if (!p->first_ms)
        p->first_ms = s->ts_ms;
    if (!is_of_person(s->decision))
        return;
    struct by_person *k = &p->people[p->npeople++ % PEOPLE];
    bool is_engine = s->decision == AUDIT_STOPPED || s->decision == AUDIT_STARTED;
    struct str name = is_engine   ? s->engine
                      : s->what.n ? s->what
                                  : json_get(s->json, "session");
    if (name.n >= 2 && name.p[0] == '"')
        name = str_sub(name, 1, name.n - 1);
    *k = (struct by_person){.decision = s->decision, .ms = s->ts_ms};
    keep(k->name, sizeof k->name, name);
    keep(k->why, sizeof k->why, s->reason);
}

static int check(struct web_proof *p, const char *state_dir, uint64_t bytes,
                 struct err *err)
{
    uint64_t began = clock_mono_ms();
    *p = (struct web_proof){.bytes = bytes, .checked_ms = clock_wall_ms()};
    if (audit_check(state_dir, bytes > WHOLE_BYTES ? UINT64_MAX : 0, visit, p, &p->chain,
                    err) < 0) {
        p->bytes = 0;
        return -1;
    }
    uint64_t now = clock_mono_ms();
    p->took_ms = now - began;
    p->next_ms = now + (REST * p->took_ms > AGAIN_MS ? REST * p->took_ms : AGAIN_MS);
    return 0;
}

/* -- writing --------------------------------------------------------------------------
 */

static void write_broken(struct json_writer *w, const struct audit_chain *c)
{
    json_key(w, "broken");
    if (!c->broken) {
        json_str(w, (struct str){NULL, 0});
        return;
    }
    json_object_open(w);
    web_key_str(w, "why", str_of(c->broken));
    web_key_u64(w, "record", c->bad_record);
    web_key_u64(w, "byte", c->bad_byte);
    web_key_str(w, "file", str_of(c->bad_file));
    json_object_close(w);
}

/* Records that are gone, and that weir did not delete. */
static void write_missing(struct json_writer *w, const struct audit_chain *c)
{
    const struct audit_gap *g = &c->gap;
    bool has_gap = c->ngaps && (g->to == 0 || g->to > c->deleted_through);
    bool is_headless =
        c->first > 1 && !c->is_partial && c->deleted_through + 1 < c->first;
    char why[AUDIT_WORD_BYTES + 1];
    json_key(w, "missing");
    if (!has_gap && !is_headless) {
        json_str(w, (struct str){NULL, 0});
        return;
    }
    memcpy(why, g->why, sizeof why);
    why[clean_in_place(why, strlen(why))] = '\0';
    json_object_open(w);
    web_key_known(w, "from", has_gap ? (g->from ? (int64_t)g->from : -1) : 1);
    web_key_u64(w, "to", has_gap && g->to ? g->to : c->first - 1);
    web_key_u64(w, "ms", has_gap ? g->ts_ms : c->first_file_ms);
    web_key_str(w, "why",
                has_gap ? str_of(why)
                        : STR("their files are gone, and weir did not delete them"));
    json_object_close(w);
}

static void write_people(struct json_writer *w, const struct web_proof *p)
{
    json_key(w, "people");
    json_array_open(w);
    for (uint64_t i = p->npeople; i > 0 && p->npeople - i < PEOPLE; i--) {
        const struct by_person *k = &p->people[(i - 1) % PEOPLE];
        json_object_open(w);
        web_key_u64(w, "ms", k->ms);
        web_key_str(w, "decision", str_of(audit_decision_name(k->decision)));
        web_key_str(w, "name", str_of(k->name));
        web_key_str(w, "why", str_of(k->why));
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_proof(struct json_writer *w, const struct web_proof *p)
{
    const struct audit_chain *c = &p->chain;
    json_object_open(w);
    web_key_u64(w, "checked_ms", p->checked_ms);
    web_key_u64(w, "took_ms", p->took_ms);
    web_key_u64(w, "bytes", p->bytes);
    web_key_u64(w, "first", c->first);
    web_key_u64(w, "last", c->count);
    web_key_u64(w, "records", c->count + 1 - c->first);
    web_key_known(w, "since_ms", p->first_ms ? (int64_t)p->first_ms : -1);
    web_key_known(w, "newest_ms", p->newest_ms ? (int64_t)p->newest_ms : -1);
    web_key_str(w, "head", str_of(c->head));
    web_key_bool(w, "is_partial", c->is_partial);
    web_key_u64(w, "deleted_through", c->deleted_through);
    web_key_u64(w, "torn_bytes", c->torn_bytes);
    web_key_u64(w, "lost", p->lost);
    write_broken(w, c);
    write_missing(w, c);
    json_key(w, "decisions");
    json_object_open(w);
    for (unsigned d = 0; d < AUDIT_DECISIONS; d++)
        web_key_u64(w, audit_decision_name((enum audit_decision)d), p->by[d]);
    json_object_close(w);
    write_people(w, p);
    json_object_close(w);
}

static int make(struct later *l, struct err *err)
{
    struct web *web = l->server->pages_ctx;
    const char *state_dir = l->server->state_dir;
    uint64_t bytes = audit_size(state_dir);
    struct json_writer w;
    if (!web->proof)
        web->proof = mem_new(struct web_proof);
    if (!web->proof)
        return err_nomem(err);
    struct web_proof *p = web->proof;
    bool is_known = p->bytes && (p->bytes == bytes || clock_mono_ms() < p->next_ms);
    if (!is_known && check(p, state_dir, bytes, err) < 0)
        return -1;
    json_writer_init(&w, &l->out);
    write_proof(&w, p);
    return 0;
}

void web_chain(struct request *r)
{
    later_answer(r, make);
}
