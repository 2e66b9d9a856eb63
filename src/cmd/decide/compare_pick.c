/* compare_pick.c -- see compare_pick.h. */
#include "cmd/decide/compare_pick.h"

#include "upstream/fetch.h"
#include "json/write.h"

enum { TRIES = 3, LINE_BYTES = 256, WAIT_MS = 5000, BODY_BYTES = 4096 };

struct pick {
    bool is_good[COMPARE_MODELS];
    size_t named;
    bool is_none; /* "0": none of them */
};

/* False: it is no list of numbers that stand before an answer. */
static bool read_pick(struct str line, const struct compare_column *columns, size_t n,
                      struct pick *ret)
{
    *ret = (struct pick){0};
    for (size_t at = 0; at < line.n;) {
        size_t end = at;
        uint64_t number;
        while (end < line.n && !strchr(" ,\t\r\n", line.p[end]))
            end++;
        if (end == at) {
            at++;
            continue;
        }
        if (!str_to_u64(str_sub(line, at, end), &number) || number > n ||
            (number && !columns[number - 1].was_answered))
            return false;
        ret->is_none |= number == 0;
        if (number) {
            ret->is_good[number - 1] = true;
            ret->named++;
        }
        at = end;
    }
    return !(ret->is_none && ret->named);
}

static void ask(const struct compare_column *columns, size_t n, FILE *out)
{
    for (size_t i = 0; i < n; i++)
        if (columns[i].was_answered)
            fprintf(out, "%zu = %.*s   ", i + 1, STR_ARG(columns[i].model));
    fprintf(out, "\nWhich are good? Numbers; 0 for none; nothing to say nothing: ");
    fflush(out);
}

static int send_verdict(const struct compare_shared *shared, const char *request,
                        bool is_good, struct err *err)
{
    struct fetch f;
    struct buf body;
    struct json_writer w;
    fetch_init(&f);
    buf_init(&body, BODY_BYTES);
    json_writer_init(&w, &body);
    json_object_open(&w);
    json_key(&w, "id");
    json_str(&w, str_of(request));
    json_key(&w, "verdict");
    json_str(&w, is_good ? STR("good") : STR("bad"));
    json_object_close(&w);
    buf_byte(&body, '\0');
    snprintf(f.url, sizeof f.url, "http://%s:%u/v1/feedback", shared->gateway.host,
             shared->gateway.endpoint.port);
    f.bearer = shared->gateway.key;
    f.post = body.p;
    int rc = body.failed ? err_nomem(err) : fetch_all(&f, 1, WAIT_MS, err);
    if (rc == 0 && f.status != 200)
        rc = err_set(err, ERR_INTERNAL, "compare_pick",
                     "weir did not take what you said of %s: it answered %d", request,
                     f.status);
    fetch_release(&f);
    buf_release(&body);
    return rc;
}

int compare_pick(struct compare_shared *shared, const struct compare_column *columns,
                 size_t n, FILE *in, FILE *out, size_t *ret_said, struct err *err)
{
    char line[LINE_BYTES];
    struct pick pick = {0};
    *ret_said = 0;
    for (int tries = 0;; tries++) {
        ask(columns, n, out);
        if (tries == TRIES || !fgets(line, sizeof line, in)) {
            fprintf(out, "\n");
            return 0;
        }
        if (read_pick(str_of(line), columns, n, &pick))
            break;
        fprintf(out, "That is not one of the numbers.\n");
    }
    for (size_t i = 0; (pick.named || pick.is_none) && i < n; i++) {
        if (!columns[i].was_answered || !columns[i].request[0])
            continue;
        if (send_verdict(shared, columns[i].request, pick.is_good[i], err) < 0)
            return -1;
        ++*ret_said;
    }
    return 0;
}
