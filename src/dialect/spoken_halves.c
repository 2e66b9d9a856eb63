/* spoken_halves.c -- characters that a stream cuts apart (spoken.h). */
#include "dialect/spoken.h"

#include "json/halves.h"

/* Of one event: what is held of its choice. */
struct joining {
    struct spoken_halves *held;
    struct arena *arena;
    const struct spoken *s;
    bool is_over; /* the choice has its finish: nothing comes behind it */
    bool failed;
};

static struct spoken_half *find(const struct joining *j, enum spoken_part part,
                                uint32_t call)
{
    for (size_t i = 0; i < j->held->n; i++) {
        struct spoken_half *h = &j->held->v[i];
        if (h->choice == j->s->choice && h->part == part && h->call == call)
            return h;
    }
    return NULL;
}

static bool hold(const struct joining *j, enum spoken_part part, uint32_t call,
                 unsigned half)
{
    if (half_is_second(half) || j->is_over || j->held->n == SPOKEN_MOST_HALVES)
        return false;
    j->held->v[j->held->n++] = (struct spoken_half){part, j->s->choice, call, half};
    return true;
}

static void forget(const struct joining *j, struct spoken_half *h)
{
    *h = j->held->v[--j->held->n];
}

static char *put_unknown(char *to)
{
    memcpy(to, "\xEF\xBF\xBD", HALF_BYTES);
    return to + HALF_BYTES;
}

/* What was held, with its other half if the text begins with that: *ret_at is behind it.
 */
static char *put_held(unsigned first, struct str text, char *to, size_t *ret_at)
{
    unsigned second = text.n ? halves_at(text, 0) : 0;
    if (!half_is_second(second))
        return put_unknown(to);
    *ret_at = HALF_BYTES;
    return to + halves_join(first, second, to);
}

/* The piece with what was held before it, and without what is to be held behind it; a
 * half that stands alone is U+FFFD. */
static struct str joined(struct joining *j, enum spoken_part part, uint32_t call,
                         struct str text)
{
    struct spoken_half *before = find(j, part, call);
    size_t at = 0, to = 0;
    if (!before && (!text.n || halves_find(text, 0) == text.n))
        return text;
    char *const start = arena_raw(j->arena, text.n + HALF_BYTES + 1), *p = start;
    j->failed |= !start;
    if (!start)
        return text;
    if (before) {
        p = put_held(before->half, text, p, &at);
        forget(j, before);
    }
    for (; at < text.n; at = to + HALF_BYTES) {
        to = halves_find(text, at);
        memcpy(p, text.p + at, to - at);
        p += to - at;
        if (to == text.n)
            break;
        bool is_last = to + HALF_BYTES == text.n;
        if (!is_last || !hold(j, part, call, halves_at(text, to)))
            p = put_unknown(p);
    }
    return (struct str){start, (size_t)(p - start)};
}

static bool says_anything(const struct spoken *s)
{
    return s->text.n || s->reasoning.n || s->refusal.n || s->ncalls || s->images.p ||
           s->finish.n;
}

/* Of calls that say nothing any more. */
static void end_calls(struct joining *j, struct spoken *s)
{
    struct spoken_half *h = NULL;
    size_t n = 0;
    for (size_t i = 0; i < j->held->n; i++)
        n += j->held->v[i].choice == s->choice && j->held->v[i].part == SPOKEN_ARGUMENTS;
    if (n == 0)
        return;
    struct spoken_call *calls = arena_array(j->arena, struct spoken_call, n + s->ncalls);
    j->failed |= !calls;
    if (!calls)
        return;
    if (s->ncalls)
        memcpy(calls, s->calls, s->ncalls * sizeof *calls);
    s->calls = calls;
    for (size_t i = j->held->n; i-- > 0;) {
        h = &j->held->v[i];
        if (h->choice != s->choice || h->part != SPOKEN_ARGUMENTS)
            continue;
        calls[s->ncalls++] =
            (struct spoken_call){.index = h->call, .arguments = STR("\xEF\xBF\xBD")};
        forget(j, h);
    }
}

int spoken_join(struct spoken_halves *held, struct arena *a, struct spoken *s)
{
    struct joining j = {held, a, s, s->finish.n > 0, false};
    if (!says_anything(s))
        return 0;
    s->reasoning = joined(&j, SPOKEN_REASONING, 0, s->reasoning);
    s->text = joined(&j, SPOKEN_TEXT, 0, s->text);
    s->refusal = joined(&j, SPOKEN_REFUSAL, 0, s->refusal);
    for (size_t i = 0; i < s->ncalls; i++) {
        struct spoken_call *c = &s->calls[i];
        if (c->arguments.n)
            c->arguments = joined(&j, SPOKEN_ARGUMENTS, c->index, c->arguments);
    }
    if (j.is_over && !j.failed)
        end_calls(&j, s);
    return j.failed ? -1 : 0;
}
