/* operator.c -- see operator.h. */
#include "gateway/operator.h"

#include "core/clean.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "gateway/pages.h"
#include "gateway/witness.h"
#include "json/scan.h"
#include "json/write.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>

enum { PATH_BYTES = 1200, TOKEN_BYTES = 32, REVIEW_ROWS = 500 };
#define DAY_MS (24ULL * 60 * 60 * 1000)

static bool path_of(const struct server *s, char ret[PATH_BYTES])
{
    return snprintf(ret, PATH_BYTES, "%s/operator", s->state_dir) < PATH_BYTES;
}

static bool draw_token(struct server *s)
{
    unsigned char raw[TOKEN_BYTES];
    if (!random_bytes(raw, sizeof raw))
        return false;
    for (size_t i = 0; i < sizeof raw; i++)
        snprintf(s->operator_token + 2 * i, 3, "%02x", raw[i]);
    return true;
}

/* Where this machine reaches it: a wildcard address is reached by loopback. */
static struct str host_of(struct str listen)
{
    size_t end = listen.n;
    while (end > 0 && listen.p[end - 1] != ':')
        end--;
    struct str host = str_sub(listen, 0, end ? end - 1 : 0);
    if (host.n == 0 || str_eqz(host, "0.0.0.0"))
        return STR("127.0.0.1");
    return str_eqz(host, "[::]") ? STR("[::1]") : host;
}

int operator_address(const struct server *s, char *ret, size_t size)
{
    /* Workers ask too: not of the setup, which the main thread may be replacing. */
    struct str host = host_of(str_of(s->addresses[0].text));
    return snprintf(ret, size, "%.*s:%u", STR_ARG(host), s->port);
}

static int write_file(struct server *s, struct err *err)
{
    char path[PATH_BYTES], text[512], address[400];
    operator_address(s, address, sizeof address);
    int n = snprintf(text, sizeof text, "%s\n%s\n", address, s->operator_token);
    int fd = -1;
    if (path_of(s, path) && n < (int)sizeof text) {
        unlink(path);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    bool ok = fd >= 0 && write(fd, text, (size_t)n) == n;
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    return ok ? 0
              : err_sys(err, ERR_INTERNAL, "operator_file", "%s cannot be written", path);
}

int operator_open(struct server *s, struct err *err)
{
    if (!draw_token(s))
        return err_set(err, ERR_INTERNAL, "no_random", "the system has no random source");
    return write_file(s, err);
}

void operator_tend(struct server *s)
{
    char path[PATH_BYTES];
    struct err ignored = {0};
    if (s->operator_token[0] && path_of(s, path) && access(path, F_OK) < 0)
        (void)write_file(s, &ignored); /* the next second tries again */
}

void operator_close(struct server *s)
{
    char path[PATH_BYTES];
    if (s->operator_token[0] && path_of(s, path))
        unlink(path);
}

int operator_check(const struct server *s, struct str authorization, struct err *err)
{
    struct str token = STR("");
    size_t want = strlen(s->operator_token);
    if (str_starts_nocase(authorization, STR("bearer ")))
        token = str_trim(str_sub(authorization, 7, authorization.n));
    if (want && token.n == want && CRYPTO_memcmp(token.p, s->operator_token, want) == 0)
        return 0;
    return err_set(err, ERR_AUTH, "operator_only",
                   "only the operator may do this, on weir's machine: weir label");
}

int operator_check_why(struct str *why, struct err *err)
{
    *why = str_trim(*why);
    if (why->n == 0 || why->n > OPERATOR_WHY_MAX)
        return err_set(err, ERR_BAD_REQUEST, "why_missing",
                       "say why, in at most %d bytes: it is kept in the audit chain",
                       OPERATOR_WHY_MAX);
    if (!clean_is(*why))
        return err_set(err, ERR_BAD_REQUEST, "why_unprintable",
                       "why is one line, in UTF-8 and without control characters: it is "
                       "kept in the audit chain");
    return 0;
}

/* -- POST /v1/label --------------------------------------------------------------------
 */

/* {"session","why"}: its label is lowered.  {"value","why"}: it was nothing. */
struct order {
    struct str session, value, why;
    uint64_t id;
};

static int read_order(struct request *r, struct order *o, struct err *err)
{
    const struct page_text texts[] = {
        {"session", &o->session}, {"value", &o->value}, {"why", &o->why}};
    if (!page_read_texts(r, texts, ARRAY_LEN(texts)))
        return err_set(err, ERR_BAD_REQUEST, "invalid_json",
                       "send {\"session\":\"s-...\",\"why\":\"...\"}, or "
                       "{\"value\":\"v-...\",\"why\":\"...\"}");
    if (o->value.p ? !value_parse(o->value, &o->id) : !session_parse(o->session, &o->id))
        return err_set(err, ERR_BAD_REQUEST, "invalid_session",
                       "session is s- and 16 hexadecimal digits, as x-weir-offer, errors "
                       "and the audit chain name it; value is v- and as many, as weir "
                       "label lists them");
    return operator_check_why(&o->why, err);
}

/* The record first: a label whose lowering cannot be proven stays. */
static int lower(struct request *r, const struct order *o, struct err *err)
{
    struct sessions *s = r->worker->server->sessions;
    uint64_t now = clock_mono_ms();
    if (!sessions_can_lower(s, o->id, now))
        return err_set(err, ERR_NOT_FOUND, "unknown_session",
                       "no session of this name has a raised label; it may have ended");
    if (witness_lowering(r->worker, o->id, o->why, err) < 0)
        return -1;
    sessions_lower(s, o->id, now);
    return 0;
}

static int let_go(struct request *r, const struct order *o, struct err *err)
{
    struct values *v = sessions_values(r->worker->server->sessions);
    uint64_t now = clock_mono_ms();
    if (values_check_allow(v, o->id, now, err) < 0 ||
        witness_allowing(r->worker, o->id, o->why, err) < 0)
        return -1;
    values_allow(v, o->id, now);
    return 0;
}

static void tell_done(const struct order *o, struct buf *out)
{
    if (o->value.p) {
        log_info("value %.*s was let go", STR_ARG(o->value));
        buf_printf(out, "{\"value\":\"%.*s\",\"allowed\":true}", STR_ARG(o->value));
    } else {
        log_info("the label of session %.*s was lowered", STR_ARG(o->session));
        buf_printf(out, "{\"session\":\"%.*s\",\"label\":\"unlabelled\"}",
                   STR_ARG(o->session));
    }
}

void page_label(struct request *r)
{
    struct err err = {0};
    struct buf out;
    struct order o = {.session = STR(""), .why = STR("")};
    buf_init(&out, 4096);
    int rc = read_order(r, &o, &err);
    if (rc == 0)
        rc = o.value.p ? let_go(r, &o, &err) : lower(r, &o, &err);
    if (rc < 0)
        r->dialect->encode_error(&err, &out);
    else
        tell_done(&o, &out);
    page_answer(r, rc < 0 ? dialect_error_status(r->dialect, &err) : 200,
                STR("application/json"), &out);
    buf_release(&out);
}

/* -- GET /v1/label ---------------------------------------------------------------------
 */

static void write_row(struct json_writer *w, const struct value_row *v, uint64_t now_ms)
{
    char value[VALUE_TEXT_BYTES], session[SESSION_TEXT_BYTES], request[17];
    enum guard_type type = (enum guard_type)v->type;
    value_format(v->id, value);
    session_format(v->session, session);
    ledger_format_uid(v->request, request);
    json_object_open(w);
    json_key(w, "value");
    json_str(w, str_of(value));
    json_key(w, "kind");
    json_str(w, str_of(guard_type_name(type)));
    json_key(w, "group");
    json_str(w, str_of(guard_group_name(guard_type_group(type))));
    json_key(w, "key");
    json_str(w, str_of(v->owner));
    json_key(w, "times");
    json_u64(w, v->times);
    json_key(w, "seconds_ago");
    json_u64(w, (now_ms - v->last_ms) / 1000);
    json_key(w, "session");
    json_str(w, v->session ? str_of(session) : STR(""));
    json_key(w, "request");
    json_str(w, v->request ? str_of(request) : STR(""));
    json_key(w, "member");
    json_str(w, str_of(v->member));
    json_key(w, "line");
    json_u64(w, v->line);
    json_key(w, "column");
    json_u64(w, v->column);
    json_key(w, "holds");
    json_bool(w, v->holds);
    json_key(w, "has_check_digits");
    json_bool(w, v->has_check);
    json_key(w, "allowed");
    json_bool(w, v->is_allowed);
    json_object_close(w);
}

void operator_write_held(struct json_writer *w, struct server *s)
{
    uint64_t now = clock_mono_ms();
    struct value_row *rows = mem_zalloc(REVIEW_ROWS * sizeof *rows);
    size_t n = rows ? values_list(sessions_values(s->sessions),
                                  now > DAY_MS ? now - DAY_MS : 0, now, rows, REVIEW_ROWS)
                    : 0;
    json_key(w, "since_ms");
    json_u64(w, s->began_ms);
    json_key(w, "held");
    json_array_open(w);
    for (size_t i = 0; i < n; i++)
        write_row(w, &rows[i], now);
    json_array_close(w);
    w->out->failed |= !rows;
    mem_free(rows);
}

void page_held(struct request *r)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, 1 << 20);
    json_writer_init(&w, &out);
    json_object_open(&w);
    operator_write_held(&w, r->worker->server);
    json_object_close(&w);
    page_answer(r, out.failed ? 500 : 200, STR("application/json"), &out);
    buf_release(&out);
}
