/* responses_names.c -- names and ids of Responses that engines cannot have as they are.
 */
#include "core/hash.h"
#include "core/id_text.h"
#include "dialect/responses.h"

#include <stdio.h>

enum { DIGEST_HEX = 32 };

/* It keeps nobody out: two that are alike must only not meet by chance. */
static void write_digest(struct str s, char hex[DIGEST_HEX + 1])
{
    static const struct siphash_key keys[2] = {{1, 2}, {3, 4}};
    snprintf(hex, DIGEST_HEX + 1, "%s%s", id_text(siphash_once(keys[0], s)).text,
             id_text(siphash_once(keys[1], s)).text);
}

struct str responses_call_id(struct str id, char room[RESPONSES_ID_BYTES])
{
    char hex[DIGEST_HEX + 1];
    if (id.n <= RESPONSES_ID_BYTES)
        return id;
    write_digest(id, hex);
    int n = snprintf(room, RESPONSES_ID_BYTES, "call_%s", hex);
    return (struct str){room, (size_t)n};
}

struct str responses_flat_name(struct arena *a, struct str ns, struct str name)
{
    char hex[DIGEST_HEX + 1];
    if (!ns.n && name.n <= RESPONSES_ID_BYTES)
        return name;
    struct str flat =
        ns.n ? arena_printf(a, "%.*s__%.*s", STR_ARG(ns), STR_ARG(name)) : name;
    if (!flat.p || flat.n <= RESPONSES_ID_BYTES)
        return flat;
    write_digest(flat, hex);
    struct str head = str_sub(flat, 0, RESPONSES_ID_BYTES - 1 - DIGEST_HEX);
    while (head.n && ((unsigned char)flat.p[head.n] & 0xC0) == 0x80)
        head.n--; /* whole characters */
    return arena_printf(a, "%.*s_%s", STR_ARG(head), hex);
}
