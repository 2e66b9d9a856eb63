/* audit_tally.c -- see audit_tally.h. */
#include "ledger/audit/audit_tally.h"

#include "json/scan.h"

#include <stdio.h>

static struct audit_by_label *label_of(struct audit_span *s, struct str label)
{
    for (size_t i = 0; i < s->nlabels; i++)
        if (str_eqz(label, s->labels[i].label))
            return &s->labels[i];
    if (s->nlabels == AUDIT_TALLY_LABELS)
        return &s->labels[AUDIT_TALLY_LABELS - 1];
    struct audit_by_label *l = &s->labels[s->nlabels++];
    bool is_last = s->nlabels == AUDIT_TALLY_LABELS;
    snprintf(l->label, sizeof l->label, "%.*s",
             STR_ARG(is_last ? STR("other") : str_sub(label, 0, sizeof l->label - 1)));
    return l;
}

static struct audit_by_type *type_of(struct audit_span *s, struct str type)
{
    for (size_t i = 0; i < s->ntypes; i++)
        if (str_eqz(type, s->types[i].type))
            return &s->types[i];
    if (s->ntypes == AUDIT_TALLY_TYPES)
        return &s->types[AUDIT_TALLY_TYPES - 1];
    struct audit_by_type *t = &s->types[s->ntypes++];
    bool is_last = s->ntypes == AUDIT_TALLY_TYPES;
    snprintf(t->type, sizeof t->type, "%.*s",
             STR_ARG(is_last ? STR("other") : str_sub(type, 0, sizeof t->type - 1)));
    return t;
}

/* "types":[{"type":"PERSON","action":"mask","n":2}]; names are weir's own, or the
 * operator's. */
static void add_types(struct audit_span *s, struct str json, bool is_masked)
{
    struct json_cur c;
    struct json_string key, type;
    json_begin(&c, json_get(json, "types"));
    if (!json_enter_array(&c))
        return;
    while (json_next_element(&c) && json_enter_object(&c)) {
        int64_t n = 0;
        type = (struct json_string){{NULL, 0}, false};
        while (json_next_member(&c, &key)) {
            if (json_string_is(key, "type"))
                json_read_string(&c, &type);
            else if (json_string_is(key, "n"))
                json_read_i64(&c, &n);
            else
                json_skip(&c, NULL);
        }
        if (!json_ok(&c) || !type.raw.n || n <= 0)
            continue;
        struct audit_by_type *t = type_of(s, str_sub(type.raw, 0, AUDIT_TALLY_WORD - 1));
        *(is_masked ? &t->masked : &t->held) += (uint64_t)n;
    }
}

static void take_back(struct audit_by_label *l, struct str json)
{
    struct str of;
    bool was_masked = audit_word(json, "of", &of) && str_eqz(of, "masked");
    *(was_masked ? &l->masked : &l->sent) -= 1;
    l->not_sent++;
}

static void add(struct audit_span *s, struct str json)
{
    struct str decision, label = STR("");
    if (!audit_word(json, "decision", &decision))
        return;
    (void)audit_word(json, "label", &label);
    label = str_sub(label, 0, AUDIT_TALLY_WORD - 1);
    if (str_eqz(decision, "sent")) {
        label_of(s, label)->sent++;
    } else if (str_eqz(decision, "masked")) {
        label_of(s, label)->masked++;
        add_types(s, json, true);
    } else if (str_eqz(decision, "local")) {
        label_of(s, label)->local++;
        add_types(s, json, false);
    } else if (str_eqz(decision, "refused")) {
        label_of(s, label)->refused++;
        add_types(s, json, false);
    } else if (str_eqz(decision, "not_sent")) {
        take_back(label_of(s, label), json);
    } else if (str_eqz(decision, "unknown")) {
        label_of(s, label)->unknown++;
    }
}

static void take(void *ctx, struct str hash, struct str json)
{
    struct audit_tally *t = ctx;
    uint64_t ms;
    (void)hash;
    t->bytes += json.n + AUDIT_HASH_TEXT + 1;
    if (!audit_number(json, "ms", &ms))
        return;
    for (size_t i = 0; i < AUDIT_TALLY_SPANS; i++)
        if (ms >= t->spans[i].since_ms)
            add(&t->spans[i], json);
}

static void clear(struct audit_tally *t, const struct audit_tally_order *order)
{
    *t = (struct audit_tally){0};
    for (size_t i = 0; i < AUDIT_TALLY_SPANS; i++)
        t->spans[i].since_ms = order->since_ms[i];
}

static uint64_t earliest(const struct audit_tally *t)
{
    uint64_t first = t->spans[0].since_ms;
    for (size_t i = 1; i < AUDIT_TALLY_SPANS; i++)
        first = t->spans[i].since_ms < first ? t->spans[i].since_ms : first;
    return first;
}

int audit_tally_read(struct audit_tally *t, const struct audit_tally_order *order,
                     bool *ret_is_done, struct err *err)
{
    bool was_begun = t->reach.is_begun;
    /* A span that begins anew may have records that were read already: all is read again.
     */
    for (size_t i = 0; i < AUDIT_TALLY_SPANS; i++)
        if (t->spans[i].since_ms != order->since_ms[i])
            was_begun = false;
    if (!was_begun)
        clear(t, order);
    if (audit_tail_on(order->state_dir, order->bytes, &t->reach, take, t, err) < 0)
        return -1;
    if (!t->reach.is_begun && was_begun)
        clear(t, order);
    if (!t->reach.is_whole && t->bytes < order->most &&
        (!t->reach.oldest_ms || t->reach.oldest_ms >= earliest(t)) &&
        audit_tail_back(order->state_dir, order->bytes, &t->reach, take, t, err) < 0)
        return -1;
    *ret_is_done = t->reach.is_whole || t->bytes >= order->most ||
                   (t->reach.oldest_ms && t->reach.oldest_ms < earliest(t));
    return 0;
}
