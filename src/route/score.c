/* score.c -- from a request's last turn to a decision that can be read. */
#include "route/score.h"

#include "route/learned/said.h"
#include "json/scan.h"

#include <math.h>

enum {
    END_BYTES = 6 * 1024, /* of JSON; the router reads 2 KB of text at each end */
    MAX_PARTS = 16,
    LONGEST_ESCAPE = 12 /* a pair of \uXXXX */
};

/* True when no escape reaches over this place: one begins here, for a backslash that
 * follows none begins one, or none is near. */
static bool is_clean_cut(struct str raw, size_t at)
{
    if (at > 0 && at < raw.n && raw.p[at] == '\\' && raw.p[at - 1] != '\\')
        return true;
    size_t from = at > LONGEST_ESCAPE ? at - LONGEST_ESCAPE : 0;
    return str_index(str_sub(raw, from, at), '\\') < 0;
}

static struct str unescaped(struct json_string s, size_t from, size_t to, struct arena *a)
{
    s.raw = str_sub(s.raw, from, to);
    struct str text = json_unescape(a, s);
    return text.p ? text : STR("");
}

/* The text of a string, of a long one both ends. */
static struct str string_text(struct json_string s, struct arena *a)
{
    size_t n = s.raw.n, head = END_BYTES, tail = n - END_BYTES;
    if (n <= 2 * END_BYTES)
        return unescaped(s, 0, n, a);
    while (head > 0 && !is_clean_cut(s.raw, head))
        head--;
    while (tail < n && !is_clean_cut(s.raw, tail))
        tail++;
    const struct str both[] = {unescaped(s, 0, head, a), STR("\n"),
                               unescaped(s, tail, n, a)};
    return arena_join(a, both, ARRAY_LEN(both));
}

/* The text of a content part, or empty. */
static struct str part_text(struct json_cur *c, struct arena *a)
{
    struct json_string key, s;
    struct str text = STR("");
    if (!json_object_or_skip(c))
        return text;
    while (json_next_member(c, &key)) {
        bool is_text = json_string_is(key, "text") && json_peek(c) == JSON_STRING;
        if (!is_text)
            json_skip(c, NULL);
        else if (json_read_string(c, &s))
            text = string_text(s, a);
    }
    return text;
}

struct str score_text(struct str raw, struct arena *a)
{
    struct str pieces[2 * MAX_PARTS];
    struct json_cur c;
    struct json_string s;
    size_t n = 0;
    json_begin(&c, raw);
    if (json_peek(&c) == JSON_STRING)
        return json_read_string(&c, &s) ? string_text(s, a) : STR("");
    if (json_peek(&c) != JSON_ARRAY || !json_enter_array(&c))
        return STR("");
    while (json_next_element(&c)) {
        struct str text = part_text(&c, a);
        if (text.n == 0)
            continue;
        if (n == 2 * MAX_PARTS) /* of many parts the first and the last ones */
            memmove(pieces + MAX_PARTS, pieces + MAX_PARTS + 2,
                    (MAX_PARTS - 2) * sizeof *pieces);
        n -= n == 2 * MAX_PARTS ? 2 : 0;
        pieces[n++] = text;
        pieces[n++] = STR("\n");
    }
    return n ? arena_join(a, pieces, n - 1) : STR("");
}

static void explain(struct route_learned *l, bool is_cloud)
{
    struct said s = {l->why, 0, sizeof l->why};
    char causes[160], percent[8];
    said_text(&s, "score ");
    said_thousandths(&s, lrintf(1000 * l->score.gap));
    if (isinf(l->threshold)) {
        said_text(&s, l->threshold > 0 ? ", and none is to go" : ", and all are to go");
    } else {
        said_text(&s, is_cloud ? " reaches threshold " : " is below threshold ");
        said_thousandths(&s, lrintf(1000 * l->threshold));
    }
    long chance = lrintf(100 * l->suffices);
    char *at = percent + sizeof percent - 1;
    *at = '\0';
    do
        *--at = (char)('0' + chance % 10);
    while (chance /= 10);
    said_text(&s, "; local suffices: ");
    said_text(&s, at);
    said_text(&s, " %; ");
    router_words(&l->score, causes, sizeof causes);
    said_text(&s, causes);
}

bool score_wants_cloud(struct route_learned *l, struct str content, struct arena *a)
{
    if (!l->is_scored) {
        router_read(l->router, score_text(content, a), &l->score);
        l->suffices = calibration_suffices(l->calibration, &l->score);
        l->threshold =
            l->is_dry || !l->calibration
                ? calibration_threshold(l->calibration, l->router, &l->goal, l->wall_ms)
                : calibration_decide(l->calibration, l->router, &l->score, &l->goal,
                                     l->cost_nanousd, l->wall_ms);
        l->is_scored = true;
        explain(l, l->score.gap >= l->threshold);
    }
    return l->score.gap >= l->threshold;
}
