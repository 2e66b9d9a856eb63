/* operator.c -- see operator.h. */
#include "gateway/operator.h"

#include "core/clean.h"
#include "core/clock.h"
#include "core/log.h"
#include "gateway/pages.h"
#include "gateway/witness.h"
#include "json/scan.h"
#include "json/write.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>

enum { PATH_BYTES = 1200, TOKEN_BYTES = 32, WHY_MAX = 200 };

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

static int write_file(struct server *s, struct err *err)
{
    char path[PATH_BYTES], text[512];
    struct str host = host_of(s->setup->config->listen);
    int n = snprintf(text, sizeof text, "%.*s:%u\n%s\n", STR_ARG(host), s->port,
                     s->operator_token);
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

/* -- POST /v1/label --------------------------------------------------------------------
 */

static bool read_member(struct json_cur *c, struct json_string name, struct arena *a,
                        struct str *session, struct str *why)
{
    struct json_string value;
    if (!json_string_is(name, "session") && !json_string_is(name, "why"))
        return json_skip(c, NULL);
    if (!json_read_string(c, &value))
        return false;
    *(json_string_is(name, "why") ? why : session) = json_unescape(a, value);
    return true;
}

static int read_order(struct request *r, uint64_t *ret_id, struct str *ret_why,
                      struct err *err)
{
    struct json_cur c;
    struct json_string name;
    struct str session = STR("");
    *ret_why = STR("");
    json_begin(&c, buf_view(&r->draft->body));
    bool ok = json_enter_object(&c);
    while (ok && json_next_member(&c, &name))
        ok = read_member(&c, name, &r->draft->arena, &session, ret_why);
    if (!ok || json_finish(&c, err) < 0)
        return err_set(err, ERR_BAD_REQUEST, "invalid_json",
                       "send {\"session\":\"s-...\",\"why\":\"...\"}");
    if (!session_parse(session, ret_id))
        return err_set(err, ERR_BAD_REQUEST, "invalid_session",
                       "session is s- and 16 hexadecimal digits, as x-weir-offer, errors "
                       "and the audit chain name it");
    *ret_why = str_trim(*ret_why);
    if (ret_why->n == 0 || ret_why->n > WHY_MAX)
        return err_set(err, ERR_BAD_REQUEST, "why_missing",
                       "say why, in at most %d bytes: it is kept in the audit chain",
                       WHY_MAX);
    if (!clean_is(*ret_why))
        return err_set(err, ERR_BAD_REQUEST, "why_unprintable",
                       "why is one line, in UTF-8 and without control characters: it is "
                       "kept in the audit chain");
    return 0;
}

/* The record first: a label whose lowering cannot be proven stays. */
static int lower(struct request *r, uint64_t id, struct str why, struct err *err)
{
    struct sessions *s = r->worker->server->sessions;
    uint64_t now = clock_mono_ms();
    if (!sessions_is_raised(s, id, now))
        return err_set(err, ERR_NOT_FOUND, "unknown_session",
                       "no session of this name has a raised label; it may have ended");
    if (witness_lowering(r->worker, id, why, err) < 0)
        return -1;
    sessions_lower(s, id, now);
    return 0;
}

void page_label(struct request *r)
{
    struct err err = {0};
    struct buf out;
    uint64_t id = 0;
    struct str why;
    buf_init(&out, 4096);
    int rc = read_order(r, &id, &why, &err);
    if (rc == 0)
        rc = lower(r, id, why, &err);
    if (rc < 0) {
        r->dialect->encode_error(&err, &out);
    } else {
        char name[SESSION_TEXT_BYTES];
        session_format(id, name);
        log_info("the label of session %s was lowered", name);
        buf_printf(&out, "{\"session\":\"%s\",\"label\":\"unlabelled\"}", name);
    }
    page_answer(r, rc < 0 ? dialect_error_status(r->dialect, &err) : 200,
                STR("application/json"), &out);
    buf_release(&out);
}
