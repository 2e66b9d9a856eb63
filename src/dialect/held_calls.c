/* held_calls.c -- see held_calls.h. */
#include "dialect/held_calls.h"

#include "core/mem.h"
#include "json/scan.h"
#include "json/write.h"

enum {
    MOST_CALLS = 1024,
    MOST_BYTES = 8 << 20,
    MOST_WORD_BYTES = 4096,
    MOST_TIMES = 6, /* as long as a text is in JSON */
    SPARE_BYTES = 64
};

/* Pieces are mostly of the newest call. */
static struct held_call *find(struct held_calls *h, uint32_t index)
{
    for (size_t i = h->n; i > 0; i--)
        if (h->items[i - 1].index == index)
            return &h->items[i - 1];
    return NULL;
}

static struct held_call *begin(struct held_calls *h, uint32_t index)
{
    if (!mem_room(&h->items, sizeof *h->items, h->n, &h->cap, MOST_CALLS))
        return NULL;
    struct held_call *call = &h->items[h->n++];
    call->index = index;
    buf_init(&call->id, MOST_WORD_BYTES);
    buf_init(&call->name, MOST_WORD_BYTES);
    buf_init(&call->arguments, MOST_BYTES);
    return call;
}

static int take_piece(struct held_calls *h, const struct spoken_call *piece)
{
    struct held_call *call = find(h, piece->index);
    if (!call)
        call = begin(h, piece->index);
    if (!call)
        return -1;
    if (call->id.n == 0) /* some engines repeat them with each piece */
        buf_append(&call->id, piece->id);
    if (call->name.n == 0)
        buf_append(&call->name, piece->name);
    buf_append(&call->arguments, piece->arguments);
    h->bytes += piece->arguments.n;
    bool has_failed = call->id.failed || call->name.failed || call->arguments.failed;
    return has_failed || h->bytes > MOST_BYTES ? -1 : 0;
}

int held_calls_take(struct held_calls *h, const struct spoken_call *pieces, size_t n,
                    struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (take_piece(h, &pieces[i]) != 0)
            return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                           "the answer's tool calls are larger than what weir holds of "
                           "one answer (%d MiB, %d calls)",
                           MOST_BYTES >> 20, MOST_CALLS);
    return 0;
}

void held_calls_release(struct held_calls *h)
{
    for (size_t i = 0; i < h->n; i++) {
        buf_release(&h->items[i].id);
        buf_release(&h->items[i].name);
        buf_release(&h->items[i].arguments);
    }
    mem_free(h->items);
    *h = (struct held_calls){.n = 0};
}

struct str held_arguments(struct str text, struct arena *a)
{
    struct json_cur c;
    struct str object;
    struct buf b;
    if (str_trim(text).n == 0)
        return STR("{}");
    json_begin(&c, text);
    if (json_peek(&c) == JSON_OBJECT && json_skip(&c, &object) &&
        json_finish(&c, NULL) == 0)
        return object;
    buf_init(&b, MOST_TIMES * text.n + SPARE_BYTES);
    buf_lit(&b, "{\"text\":");
    json_write_string(&b, text);
    buf_byte(&b, '}');
    object = b.failed ? (struct str){NULL, 0} : arena_strdup(a, buf_view(&b));
    buf_release(&b);
    return object;
}
