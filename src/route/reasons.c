/* reasons.c -- why this engine: the words kept for the ledger and the header.
 *
 * Written on every request, so details are joined from static pieces and names;
 * nothing here formats with printf. */
#include "route/internal.h"

#include "json/write.h"

struct str route_join(struct arena *a, const struct str *parts, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += parts[i].n;
    char *p = arena_alloc(a, total + 1);
    if (!p)
        return STR("");
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n)
            memcpy(p + at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    return (struct str){p, total};
}

static const char *ability(unsigned bit)
{
    switch (bit) {
    case CAP_VISION:
        return "take images";
    case CAP_TOOLS:
        return "call tools";
    case CAP_JSON_SCHEMA:
        return "answer by a JSON schema";
    case CAP_EMBEDDINGS:
        return "make embeddings";
    case CAP_AUDIO:
        return "take sound";
    case CAP_FILES:
        return "take files";
    case CAP_TOOL_CHOICE:
        return "be told which tool to call";
    default:
        return "chat";
    }
}

struct str shortage_words(const struct shortage *s, enum side side, struct arena *a)
{
    struct str who = ROUTE_JOIN(a, STR("no "), str_of(side_name(side)), STR(" model "));
    if (s->n == 0)
        return ROUTE_JOIN(a, who, STR("is configured for it"));
    if (s->is_narrow)
        return ROUTE_JOIN(a, who, STR("surely takes so long a prompt"));
    struct str all = STR("");
    for (unsigned bit = 1; bit <= CAP_TOOL_CHOICE; bit <<= 1)
        if (s->lacks & bit)
            all = ROUTE_JOIN(a, all, all.n ? STR(" and ") : STR("can "),
                             str_of(ability(bit)));
    return ROUTE_JOIN(a, who, all.n ? all : STR("can do all that it needs"));
}

void route_reason(struct route_choice *choice, const char *rule, struct str detail)
{
    if (choice->nreasons < ROUTE_MAX_REASONS)
        choice->reasons[choice->nreasons++] = (struct reason){rule, detail};
}

struct str route_reason_line(const struct route_choice *c, struct arena *a)
{
    if (c->nreasons == 0)
        return STR("");
    const struct reason *last = &c->reasons[c->nreasons - 1];
    struct str line = ROUTE_JOIN(a, str_of(last->rule), STR(": "), last->detail);
    if (line.n > 200)
        line.n = 200;
    char *p = arena_alloc(a, line.n + 1);
    if (!p)
        return STR("");
    memcpy(p, line.p, line.n);
    for (size_t i = 0; i < line.n; i++) /* a header value: printable ASCII only */
        if (p[i] < ' ' || p[i] >= 0x7f)
            p[i] = '?';
    return (struct str){p, line.n};
}

struct str route_reasons_json(const struct route_choice *c, struct arena *a)
{
    char scratch[4096];
    struct buf b = {.p = scratch, .cap = sizeof scratch, .max_bytes = sizeof scratch};
    buf_byte(&b, '[');
    for (size_t i = 0; i < c->nreasons; i++) {
        buf_append(&b, i ? STR(",{\"rule\":") : STR("{\"rule\":"));
        buf_byte(&b, '"'); /* a rule is a word of weir's own */
        buf_append(&b, str_of(c->reasons[i].rule));
        buf_lit(&b, "\",\"detail\":");
        json_write_string(&b, c->reasons[i].detail);
        buf_byte(&b, '}');
    }
    buf_byte(&b, ']');
    return b.failed ? STR("[]") : arena_strdup(a, buf_view(&b));
}
