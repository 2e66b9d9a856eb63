/* keeping.c -- see keeping.h. */
#include "gateway/keeping.h"

#include "gateway/sides.h"
#include "judge/agent.h"

#include <math.h>
#include <stdio.h>

enum {
    MAX_LOOP_BYTES = 1 << 20, /* of a conversation that is read once more */
    LOOP_ARENA_BYTES = 16 << 20,
    CALM_TURNS = 3, /* so many that go well, and a loop may come back */
    MILLION = 1000000
};
static const double stuck_from = 0.6, well_from = 0.4;

static struct session_of session_of(const struct request *r)
{
    struct session_of of = r->draft->session;
    of.turns = r->draft->chat.nturns;
    return of;
}

/* By the strong cloud model, else the first: as for thresholds by price. */
static float margin_of(const struct request *r)
{
    const struct config_model *m = setup_strong_cloud(r->setup->config);
    const struct price *p = m ? setup_price_at(r->setup, m, r->started_wall_ms) : NULL;
    uint64_t tokens = chat_tokens_estimate(&r->draft->chat);
    if (!p || p->input < 0 || p->output < 0)
        return score_margin(0, 0, 0, tokens);
    int64_t cached = p->cached_input >= 0 ? p->cached_input : p->input;
    return score_margin((double)p->input, (double)cached, (double)p->output, tokens);
}

static bool read_loop(struct request *r, struct agent_state *ret, struct arena *a)
{
    struct conversation c;
    struct err ignored;
    const struct chat *chat = &r->draft->chat;
    if (chat->text_bytes > MAX_LOOP_BYTES || !r->dialect->read_conversation ||
        !worker_may_spend(r->worker))
        return false; /* how the loop is getting on is not known this time */
    worker_spend_reading(r->worker, chat->text_bytes);
    return r->dialect->read_conversation(chat, a, &c, &ignored) == 0 &&
           agent_read(&c, a, ret) == 0 && ret->nsteps > 0;
}

/* A loop that is stuck goes to the strong side, and comes back when it has gone well for
 * a while, or when a user speaks again. */
static void look_at_loop(struct request *r, struct side_kept *was, struct route_kept *k)
{
    struct agent_state loop = {0};
    struct arena a;
    bool was_lifted = was->is_known && was->is_same_turn && was->is_lifted;
    arena_init(&a, LOOP_ARENA_BYTES);
    bool is_read = read_loop(r, &loop, &a);
    bool is_well = is_read && loop.well >= well_from;
    was->calm_turns = was_lifted && is_well ? was->calm_turns + 1 : 0;
    k->is_lifted = (is_read && loop.stuck >= stuck_from) ||
                   (was_lifted && was->calm_turns < CALM_TURNS);
    k->is_back = was_lifted && !k->is_lifted;
    bool is_stuck = is_read && loop.stuck >= stuck_from;
    snprintf(k->loop, sizeof k->loop, "%.*s", (int)(is_stuck ? loop.why.n : 0),
             is_stuck && loop.why.n ? loop.why.p : "");
    if (!is_stuck)
        snprintf(k->loop, sizeof k->loop, "it was, and has not gone well for long since");
    arena_reset(&a);
}

void keeping_look(struct request *r, struct route_learned *l)
{
    const struct config_learned *c = &r->setup->config->learned;
    struct draft *d = r->draft;
    const struct session_of of = session_of(r);
    uint64_t x =
        (r->session ? r->session ^ of.turns : r->uid) * UINT64_C(0x9E3779B97F4A7C15);
    l->explore_ppm = r->page ? 0 : c->explore_ppm;
    l->draw = (uint32_t)((x >> 32) % MILLION);
    if (c->moves_freely)
        return;
    struct side_kept was =
        sides_find(r->worker->server->sides, &of, loop_now_ms(r->worker->loop));
    /* The same question once more is a new turn: of this conversation, or of one that
     * began alike. */
    bool is_loop = d->chat.has_tool_results;
    l->kept.is_known = was.is_known && (is_loop || !was.is_same_turn);
    l->kept.is_same_turn = was.is_known && was.is_same_turn && is_loop;
    l->kept.side = was.side;
    if (was.is_known && !was.is_same_turn)
        l->kept.margin = margin_of(r);
    if (is_loop)
        look_at_loop(r, &was, &l->kept);
    d->calm_turns = was.calm_turns;
}

/* For the row, and for what somebody says of the answer. */
static void note_score(struct request *r)
{
    r->noted = arena_new(&r->keep, struct noted);
    if (!r->noted)
        return;
    *r->noted = r->draft->learned->noted;
    r->noted->models = r->setup->models;
}

void keeping_note(struct request *r)
{
    const struct draft *d = r->draft;
    const struct session_of of = session_of(r);
    const struct route_kept *k = &d->learned->kept;
    enum side own = r->is_cloud ? SIDE_CLOUD : SIDE_LOCAL;
    /* A loop that is lifted comes back to where it was. */
    const struct side_kept now = {
        .side = !k->is_lifted ? own
                : k->is_known ? k->side
                              : SIDE_LOCAL,
        .is_lifted = k->is_lifted,
        .calm_turns = d->calm_turns,
    };
    /* Of a prompt whose side its score has chosen, and nothing else. */
    bool by_score = d->learned->is_scored && !k->is_lifted && !k->is_same_turn;
    r->score = by_score ? (double)d->learned->score.gap : NAN;
    if (UNLIKELY(d->learned->keeps_noted) && by_score && !r->noted)
        note_score(r);
    if (!r->setup->config->learned.moves_freely)
        sides_note(r->worker->server->sides, &of, &now, loop_now_ms(r->worker->loop));
}
