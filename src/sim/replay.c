/* replay.c -- the file in memory, and an index of prompt digests beside it.
 *
 * Answers stay as they were written, escapes and all, until somebody asks.  Files that
 * are compressed are refused by name: a pipe (--replay /dev/stdin) does as well, and
 * needs no library. */
#include "sim/replay.h"

#include "core/buf.h"
#include "core/hash.h"
#include "core/mem.h"
#include "sim/file.h"

enum { FILE_MAX_BYTES = 256 * 1024 * 1024 };
enum { PROMPT_MAX_BYTES = 32 * 1024 * 1024 };

struct row {
    uint64_t hash;
    struct json_string prompt, model, answer;
    struct row *next; /* of the same slot, in the order of the file */
};

struct replay {
    struct buf text;
    struct row *rows;
    size_t n;
    struct row **slots;
    size_t nslots; /* a power of two */
};

static const struct siphash_key prompt_key = {0x7765697272706c79, 0x70726f6d70742d31};

static int read_row(struct row *row, struct str line, struct err *err)
{
    struct json_cur c;
    struct json_string key;
    json_begin(&c, line);
    if (json_enter_object(&c)) {
        while (json_next_member(&c, &key)) {
            if (json_string_is(key, "prompt"))
                json_read_string(&c, &row->prompt);
            else if (json_string_is(key, "answer"))
                json_read_string(&c, &row->answer);
            else if (json_string_is(key, "model"))
                json_read_string(&c, &row->model);
            else
                json_skip(&c, NULL);
        }
    }
    if (json_finish(&c, err) < 0)
        return -1;
    if (!row->prompt.raw.p || !row->answer.raw.p)
        return err_set(err, ERR_CONFIG, "replay", "needs \"prompt\" and \"answer\"");
    return 0;
}

static size_t count_lines(struct str text)
{
    size_t n = 1;
    for (const char *p = text.p, *end = p + text.n; p < end; n++) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p)
            break;
        p++;
    }
    return n;
}

static int read_rows(struct replay *r, struct str path, struct err *err)
{
    struct str rest = str_after_mark(buf_view(&r->text)), line;
    struct arena scratch;
    int rc = 0;
    arena_init(&scratch, PROMPT_MAX_BYTES);
    for (size_t number = 1; rc == 0 && str_split(&rest, '\n', &line); number++) {
        struct row *row = &r->rows[r->n];
        struct err why = {0};
        if (str_trim(line).n == 0)
            continue;
        if (read_row(row, line, &why) < 0) {
            rc = err_set(err, ERR_CONFIG, "replay", "%.*s:%zu: %s", STR_ARG(path), number,
                         why.msg);
            break;
        }
        struct str prompt = json_unescape(&scratch, row->prompt);
        rc = prompt.p ? 0 : err_nomem(err);
        row->hash = siphash_once(prompt_key, prompt);
        r->n++;
        arena_reset(&scratch);
    }
    arena_reset(&scratch);
    return rc;
}

static int index_rows(struct replay *r, struct err *err)
{
    for (r->nslots = 16; r->nslots < r->n * 2;)
        r->nslots *= 2;
    r->slots = mem_zalloc(r->nslots * sizeof(struct row *));
    if (!r->slots)
        return err_nomem(err);
    for (size_t i = r->n; i-- > 0;) { /* backwards: each goes to the front */
        struct row **slot = &r->slots[r->rows[i].hash & (r->nslots - 1)];
        r->rows[i].next = *slot;
        *slot = &r->rows[i];
    }
    return 0;
}

static int load(struct replay *r, struct str path, struct err *err)
{
    if (sim_file_read(&r->text, path, "replay", err) < 0)
        return -1;
    r->rows = mem_zalloc(count_lines(buf_view(&r->text)) * sizeof(struct row));
    if (!r->rows)
        return err_nomem(err);
    if (read_rows(r, path, err) < 0)
        return -1;
    return index_rows(r, err);
}

struct replay *replay_open(struct str path, struct err *err)
{
    struct replay *r = mem_new(struct replay);
    if (!r) {
        err_nomem(err);
        return NULL;
    }
    buf_init(&r->text, FILE_MAX_BYTES);
    if (load(r, path, err) < 0) {
        replay_free(r);
        return NULL;
    }
    return r;
}

void replay_free(struct replay *r)
{
    if (!r)
        return;
    mem_free(r->slots);
    mem_free(r->rows);
    buf_release(&r->text);
    mem_free(r);
}

size_t replay_count(const struct replay *r)
{
    return r->n;
}

struct json_string replay_find(const struct replay *r, struct str prompt,
                               struct str model, struct arena *scratch)
{
    uint64_t hash = siphash_once(prompt_key, prompt);
    const struct row *found = NULL;
    for (const struct row *row = r->slots[hash & (r->nslots - 1)]; row; row = row->next) {
        if (row->hash != hash || !str_eq(json_unescape(scratch, row->prompt), prompt))
            continue;
        if (str_eq_nocase(row->model.raw, model))
            return row->answer;
        if (!found)
            found = row;
    }
    return found ? found->answer : (struct json_string){.raw = {NULL, 0}};
}
