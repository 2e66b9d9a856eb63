/* score.c -- from a request's last turn to a decision that can be read. */
#include "route/score.h"

#include "dialect/chat.h"
#include "route/learned/said.h"
#include "json/scan.h"

#include <math.h>
#include <stdio.h>

/* The least that a switch of sides has to bring, and how many times that where it throws
 * away many times the price of the turn. */
#define LEAST_MARGIN 0.01
#define MOST_TIMES   9.0

enum {
    ANSWER_TOKENS = 512,  /* of a usual one */
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
    struct json_string text;
    struct str raw;
    return chat_read_part(c, &text, &raw) ? string_text(text, a) : STR("");
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

float score_margin(double fresh, double cached, double out, uint64_t tokens)
{
    double n = (double)tokens;
    double lost = fmax(0, fresh - cached) * n;
    double turn = cached * n + out * ANSWER_TOKENS;
    double times = turn > 0 ? fmin(lost / turn, MOST_TIMES) : 0;
    return (float)(LEAST_MARGIN * (1 + times));
}

/* What the score alone says. */
static bool by_threshold(const struct route_learned *l)
{
    const struct route_kept *k = &l->kept;
    float margin = !k->is_known ? 0 : k->side == SIDE_CLOUD ? -k->margin : k->margin;
    return l->score.gap >= l->threshold + margin;
}

/* The outcome of the score in plain words first, then its figures, then its causes. */
static void say_score(struct said *s, const struct route_learned *l, bool goes)
{
    bool would = l->score.gap >= l->threshold;
    if (isinf(l->threshold)) {
        said_text(s, l->threshold > 0 ? "by the goal none is to go to the cloud (score "
                                      : "by the goal all are to go to the cloud (score ");
        said_thousandths(s, lrintf(1000 * l->score.gap));
    } else {
        said_text(s, would ? "the cloud would add enough"
                           : "the cloud would add too little");
        said_text(s, goes == would ? ""
                     : goes        ? ", but not so little that the conversation moves"
                                   : ", but not enough to move the conversation");
        said_text(s, " (score ");
        said_thousandths(s, lrintf(1000 * l->score.gap));
        said_text(s, ", it takes ");
        said_thousandths(s, lrintf(1000 * l->threshold));
    }
    said_text(s, ")");
}

static void say_suffices(struct said *s, const struct route_learned *l)
{
    char percent[8], *at = percent + sizeof percent - 1;
    long chance = lrintf(100 * l->suffices);
    *at = '\0';
    do
        *--at = (char)('0' + chance % 10);
    while (chance /= 10);
    said_text(s, "; a local answer is as good with a chance of ");
    said_text(s, at);
    said_text(s, " %");
    said_text(s, l->adapter ? ", as learnt here; " : "; ");
}

/* A share of new turns goes to the other side, so that what it is worth can be known. */
static bool explore(struct route_learned *l, bool goes, char words[32])
{
    bool is_other = l->draw < l->explore_ppm;
    double chance = l->explore_ppm / 1e6;
    l->noted.chance =
        (uint16_t)fmax(1, NOTED_CHANCE * (is_other ? chance : 1 - chance) + 0.5);
    if (l->explore_ppm == 0)
        return goes;
    snprintf(words, 32, "drawn with chance %.4f", is_other ? chance : 1 - chance);
    return goes != is_other;
}

bool score_decide(struct route_learned *l)
{
    const struct route_kept *k = &l->kept;
    struct said s = {l->why, 0, sizeof l->why};
    if (k->is_lifted) {
        snprintf(l->why, sizeof l->why, "the agent's loop is stuck: %s", k->loop);
        return l->goes = true;
    }
    if (k->is_known && k->is_same_turn) {
        said_text(&s, k->is_back
                          ? "the agent's loop goes well again: back to where it was"
                          : "in the middle of a turn the conversation stays where it is");
        return l->goes = k->side == SIDE_CLOUD;
    }
    char explored[32] = "", causes[160];
    bool goes = by_threshold(l);
    l->goes = explore(l, goes, explored);
    if (l->goes != goes)
        said_text(&s, "to learn what the other side is worth, though ");
    say_score(&s, l, goes);
    said_text(&s, *explored ? "; " : "");
    said_text(&s, explored);
    say_suffices(&s, l);
    router_words(&l->score, causes, sizeof causes);
    said_text(&s, causes);
    return l->goes;
}

static void read_score(struct route_learned *l, struct str text)
{
    struct prompt p;
    prompt_read(&l->router->words, l->router->w.common, text, &p);
    router_judge(l->router, &p, &l->score);
    if (LIKELY(!l->adapter && !l->keeps_noted))
        return;
    adapter_inputs_of(&p, &l->score, &l->noted.in);
    l->noted.weights = l->router->digest;
    l->noted.chance = NOTED_CHANCE;
    if (l->adapter)
        adapter_apply(l->adapter, &l->noted.in, &l->score);
}

bool score_wants_cloud(struct route_learned *l, struct str content, struct arena *a)
{
    if (l->is_scored)
        return l->goes;
    /* A turn counts once, however many requests an agent makes of it. */
    bool is_dry = l->is_dry || !l->calibration || l->kept.is_same_turn;
    read_score(l, score_text(content, a));
    l->suffices = calibration_suffices(l->calibration, &l->score);
    l->threshold =
        is_dry ? calibration_threshold(l->calibration, l->router, &l->goal, l->wall_ms)
               : calibration_decide(l->calibration, l->router, &l->score, &l->goal,
                                    l->cost_nanousd, l->wall_ms);
    l->is_scored = true;
    l->noted.goes = score_decide(l);
    return l->goes;
}
