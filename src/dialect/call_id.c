/* call_id.c -- see call_id.h. */
#include "dialect/call_id.h"

#include "core/hash.h"

enum { MAX_BYTES = 64 };

bool call_id_is_plain(struct str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
              (c >= 'A' && c <= 'Z') || c == '_' || c == '-'))
            return false;
    }
    return id.n > 0;
}

/* Two halves of one digest; no secret, for each weir must make the same of it. */
static void write_digest(struct str id, struct buf *out)
{
    static const struct siphash_key first = {1, 2}, second = {3, 4};
    buf_lit(out, "call_");
    buf_id(out, siphash_once(first, id));
    buf_id(out, siphash_once(second, id));
}

void call_id_write(struct str id, struct buf *out)
{
    if (call_id_is_plain(id))
        buf_append(out, id);
    else
        write_digest(id, out);
}

void call_id_write_short(struct str id, struct buf *out)
{
    if (id.n <= MAX_BYTES)
        buf_append(out, id);
    else
        write_digest(id, out);
}
