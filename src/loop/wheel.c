/* wheel.c -- the timer wheel: 5 levels of 64 slots reach 12 days.
 *
 * A gateway's timers are deadlines that nearly never fire: they are set, pushed back
 * and stopped.  A heap would pay log n for each of these and would need memory, which
 * loop_timer_at() has no way to refuse; the wheel pays a list insertion.  The due
 * time of a filed timer may move later without touching the wheel (loop.h): that is
 * noticed here, when its slot comes up. */
#include "loop/wheel.h"

static inline unsigned shift_of(unsigned level)
{
    return level * WHEEL_BITS;
}

void wheel_init(struct wheel *w, uint64_t now_ms)
{
    w->now_ms = now_ms;
    list_init(&w->due);
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        w->used[level] = 0;
        for (unsigned slot = 0; slot < WHEEL_SLOTS; slot++)
            list_init(&w->slots[level][slot]);
    }
}

void wheel_add(struct wheel *w, struct loop_timer *t)
{
    t->filed_ms = t->due_ms;
    if (t->filed_ms <= w->now_ms) {
        list_append(&w->due, &t->link);
        return;
    }
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        uint64_t tick = t->filed_ms >> shift_of(level);
        uint64_t away = tick - (w->now_ms >> shift_of(level));
        if (away >= WHEEL_SLOTS && level + 1 < WHEEL_LEVELS)
            continue;
        if (away >= WHEEL_SLOTS) { /* beyond reach: looked at again on the way */
            tick -= away - (WHEEL_SLOTS - 1);
            t->filed_ms = tick << shift_of(level);
        }
        unsigned slot = tick & (WHEEL_SLOTS - 1);
        list_append(&w->slots[level][slot], &t->link);
        w->used[level] |= UINT64_C(1) << slot;
        return;
    }
}

/* The last timer of a slot has only the slot's head as neighbour: its bit is cleared,
 * so that no wake-up is spent on an empty slot. */
void wheel_remove(struct wheel *w, struct loop_timer *t)
{
    struct link *head = t->link.next;
    const struct link *first = &w->slots[0][0];
    bool was_last = t->link.prev == head && head != &t->link;
    list_remove(&t->link);
    if (!was_last || head < first || head >= first + ARRAY_LEN(w->slots) * WHEEL_SLOTS)
        return;
    size_t index = (size_t)(head - first);
    w->used[index / WHEEL_SLOTS] &= ~(UINT64_C(1) << (index % WHEEL_SLOTS));
}

static void move_all(struct link *from, struct link *to)
{
    while (!list_empty(from)) {
        struct link *l = from->next;
        list_remove(l);
        list_append(to, l);
    }
}

static void take_passed(struct wheel *w, unsigned level, uint64_t from, uint64_t to,
                        struct link *taken)
{
    uint64_t n = to - from < WHEEL_SLOTS ? to - from : WHEEL_SLOTS;
    for (uint64_t i = 1; i <= n && w->used[level]; i++) {
        unsigned slot = (from + i) & (WHEEL_SLOTS - 1);
        if (w->used[level] & UINT64_C(1) << slot) {
            w->used[level] &= ~(UINT64_C(1) << slot);
            move_all(&w->slots[level][slot], taken);
        }
    }
}

void wheel_advance(struct wheel *w, uint64_t now_ms, struct link *ret_due)
{
    struct link taken;
    list_init(&taken);
    for (unsigned level = 0; level < WHEEL_LEVELS && now_ms > w->now_ms; level++) {
        uint64_t from = w->now_ms >> shift_of(level), to = now_ms >> shift_of(level);
        if (from == to)
            break;
        take_passed(w, level, from, to, &taken);
    }
    if (now_ms > w->now_ms)
        w->now_ms = now_ms;
    move_all(&w->due, &taken);
    while (!list_empty(&taken)) {
        struct loop_timer *t = list_first(&taken, struct loop_timer, link);
        list_remove(&t->link);
        if (t->due_ms > w->now_ms)
            wheel_add(w, t);
        else
            list_append(ret_due, &t->link);
    }
}

uint64_t wheel_next_ms(const struct wheel *w)
{
    uint64_t next = UINT64_MAX;
    if (!list_empty(&w->due))
        return w->now_ms;
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        if (!w->used[level])
            continue;
        uint64_t tick = (w->now_ms >> shift_of(level)) + 1;
        unsigned turn = tick & (WHEEL_SLOTS - 1);
        uint64_t seen = w->used[level] >> turn;
        if (turn)
            seen |= w->used[level] << (WHEEL_SLOTS - turn);
        uint64_t at = (tick + (uint64_t)__builtin_ctzll(seen)) << shift_of(level);
        next = at < next ? at : next;
    }
    return next;
}
