/* lacks.c -- see lacks.h. */
#include "engine/lacks.h"

#include "dialect/seal.h"
#include "json/scan.h"

static unsigned of_tool(const struct tool *t)
{
    return (json_is_empty(t->cache) ? 0 : (unsigned)LACKS_CACHE) |
           (str_eqz(t->strict, "true") ? (unsigned)LACKS_STRICT : 0) |
           (json_is_empty(t->grammar) ? 0 : (unsigned)LACKS_GRAMMAR);
}

static bool is_foreign(const struct engine_asking *q, const struct piece *p)
{
    struct seal s;
    return p->kind == PIECE_THOUGHT && p->sealed.n &&
           (!seal_read(p->sealed, &s) || !str_eqz(s.issuer, q->issuer.text));
}

static unsigned of_piece(const struct engine_asking *q, const struct piece *p)
{
    unsigned seal = p->thought.n ? LACKS_SIGNATURE : LACKS_SEALED;
    return (is_foreign(q, p) ? seal : 0) |
           (json_is_empty(p->cache) ? 0 : (unsigned)LACKS_CACHE) |
           (p->kind == PIECE_FILE && p->file_name.n ? (unsigned)LACKS_FILE_NAME : 0);
}

void lacks_note(const struct engine_asking *q, const struct conversation *c)
{
    static const char *const names[] = {"cache_control", "tools.strict", "tools.format",
                                        "filename",      LOST_THOUGHTS,  LOST_SIGNATURES};
    const unsigned lacks = engine_translator(q->target->engine->speaks)->lacks;
    unsigned said = 0;
    for (size_t i = 0; i < c->ntools; i++)
        said |= of_tool(&c->tools[i]);
    for (size_t i = 0; i < c->nmessages; i++)
        for (size_t j = 0; j < c->messages[i].npieces; j++)
            said |= of_piece(q, &c->messages[i].pieces[j]);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (said & lacks & (1U << i))
            engine_lose(q, names[i]);
}

void lacks_note_unsealed(const struct engine_asking *q, const struct unsealed *gone)
{
    if (gone->signatures)
        engine_lose(q, LOST_SIGNATURES);
    if (gone->thoughts)
        engine_lose(q, LOST_THOUGHTS);
}
