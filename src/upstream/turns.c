/* turns.c -- see turns.h.
 *
 * Keys take turns in rounds.  A ticket whose key waits already comes one round after that
 * key's last ticket; a ticket alone comes in the round after the one being served, and
 * before the followers of that round, so that a client who asks again after each answer
 * is not behind a client who asked for everything at once.  Rounds are counted in halves:
 * even for tickets alone, odd for followers.
 *
 * Who gives way is looked for only when the queue is full, so counting then is cheaper
 * than keeping counts for every request.  A key that would end up with as much as the
 * newcomer's does not give way: two keys would push each other out for ever. */
#include "upstream/turns.h"

void turns_init(struct turns *q)
{
    *q = (struct turns){.n = 0};
    list_init(&q->queue);
    list_init(&q->leaders);
    list_init(&q->holders);
}

static struct gate_ticket *leader_of(const struct turns *q, uint64_t key_id)
{
    for (struct link *l = q->leaders.next; l != &q->leaders; l = l->next) {
        struct gate_ticket *t = CONTAINER_OF(l, struct gate_ticket, leader);
        if (t->key_id == key_id)
            return t;
    }
    return NULL;
}

static struct gate_ticket *last_of(struct gate_ticket *leader)
{
    return CONTAINER_OF(leader->same.prev, struct gate_ticket, same);
}

void turns_add(struct turns *q, struct gate_ticket *t)
{
    struct link *before = &q->queue;
    struct gate_ticket *leader = leader_of(q, t->key_id);
    list_init(&t->same);
    list_init(&t->leader);
    if (leader) {
        t->round = (last_of(leader)->round / 2 + 1) * 2 + 1;
        list_append(&leader->same, &t->same);
        leader->nsame++;
    } else {
        t->round = (q->round / 2 + 1) * 2;
        t->nsame = 1;
        list_append(&q->leaders, &t->leader);
    }
    for (struct link *l = q->queue.prev; l != &q->queue; l = l->prev) {
        if (CONTAINER_OF(l, struct gate_ticket, link)->round <= t->round)
            break;
        before = l;
    }
    list_append(before, &t->link); /* in front of `before` */
    q->n++;
}

void turns_remove(struct turns *q, struct gate_ticket *t)
{
    struct gate_ticket *leader = leader_of(q, t->key_id);
    uint32_t left = leader->nsame - 1;
    if (leader == t) {
        leader = CONTAINER_OF(t->same.next, struct gate_ticket, same);
        list_remove(&t->leader);
        if (left)
            list_append(&q->leaders, &leader->leader);
    }
    leader->nsame = left;
    list_remove(&t->same);
    list_remove(&t->link);
    q->n--;
}

struct gate_ticket *turns_take(struct turns *q)
{
    struct gate_ticket *t = list_first(&q->queue, struct gate_ticket, link);
    turns_remove(q, t);
    q->round = t->round;
    return t;
}

void turns_hold(struct turns *q, struct gate_ticket *t)
{
    list_append(&q->holders, &t->held);
}

void turns_unhold(struct gate_ticket *t)
{
    list_remove(&t->held);
}

static uint32_t slots_of(const struct turns *q, uint64_t key_id)
{
    uint32_t n = 0;
    for (struct link *l = q->holders.next; l != &q->holders; l = l->next)
        n += CONTAINER_OF(l, struct gate_ticket, held)->key_id == key_id;
    return n;
}

struct gate_ticket *turns_giving_way(const struct turns *q, uint64_t key_id)
{
    struct gate_ticket *heaviest = NULL;
    const struct gate_ticket *own = leader_of(q, key_id);
    uint32_t most = (own ? own->nsame : 0) + slots_of(q, key_id) + 1;
    for (struct link *l = q->leaders.next; l != &q->leaders; l = l->next) {
        struct gate_ticket *t = CONTAINER_OF(l, struct gate_ticket, leader);
        uint32_t has = t->key_id == key_id ? 0 : t->nsame + slots_of(q, t->key_id);
        if (has > most) {
            most = has;
            heaviest = t;
        }
    }
    return heaviest ? last_of(heaviest) : NULL;
}
