/* claim_group.c -- which model and which device a speed belongs to.
 *
 * As many models as speeds: the first to the first, and so on.  One: it is that of all.
 * Else the nearest one before the speed, or behind it where sentences begin with speeds.
 * The same for devices.  A quantisation, streams or a draft stand with the model and the
 * device between which they were written. */
#include "fit/claim_group.h"

#include <math.h>

struct machine {
    size_t from, to; /* in the text */
    struct claim_card cards[CLAIM_CARDS];
    size_t n;
};

struct group {
    const struct facts *f;
    struct claim_tokens *t;
    struct machine machines[CLAIM_TOKENS];
    size_t nmachines;
    double ram_gbs;                       /* "DDR5-5600" beside a graphics card */
    size_t speeds[CLAIM_TOKENS], nspeeds; /* tokens */
    enum claim_about about[CLAIM_TOKENS]; /* of each of them */
    bool is_taken[CLAIM_TOKENS];          /* a word that told what a speed is of */
};

/* --- machines --- */

static bool is_cpu(const struct machine *m)
{
    return m->cards[0].device->kind == DEVICE_CPU;
}

static struct claim_card card_of(const struct claim_tokens *t, size_t i)
{
    const struct claim_token *d = &t->v[i];
    const struct claim_token *before = i ? &t->v[i - 1] : NULL;
    double memory = d->value;
    unsigned count = d->count;
    bool near = before && d->from - before->to <= 24;
    if (near && before->kind == CK_COUNT) {
        count = count ? count : (unsigned)before->value;
        memory = memory > 0 ? memory : before->rate.low;
    }
    if (memory <= 0 && before && before->kind == CK_MEMORY && d->from - before->to <= 2)
        memory = before->value;
    struct device_range r;
    devices_with(&d->named, memory, &r);
    bool unified = r.fastest->is_unified && r.fastest->kind != DEVICE_CPU;
    return (struct claim_card){
        .device = r.fastest,
        .gbs = r.fastest->bandwidth_gbs,
        .slowest_gbs = r.slowest->bandwidth_gbs,
        .memory_gb = unified && memory > 0 ? memory : r.memory_gb,
        .count = count ? count : 1,
        .memory_given = memory > 0,
    };
}

/* Whether token `i` goes into the machine of the device before it. */
static bool is_joined(const struct claim_tokens *t, size_t i, bool ands)
{
    for (size_t k = i; k > 0; k--) {
        enum claim_kind kind = t->v[k - 1].kind;
        if (kind == CK_COUNT || kind == CK_MEMORY)
            continue;
        if (kind != CK_PLUS && !(ands && kind == CK_AND))
            return false;
        for (k--; k > 0; k--) {
            if (t->v[k - 1].kind == CK_DEVICE)
                return true;
            if (t->v[k - 1].kind != CK_MEMORY && t->v[k - 1].kind != CK_COMMA)
                return false;
        }
    }
    return false;
}

static void find_machines(struct group *g, bool ands)
{
    const struct claim_tokens *t = g->t;
    g->nmachines = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (t->v[i].kind != CK_DEVICE)
            continue;
        struct machine *m = g->nmachines ? &g->machines[g->nmachines - 1] : NULL;
        struct claim_card card = card_of(t, i);
        bool joins = m && m->n < CLAIM_CARDS && is_joined(t, i, ands);
        /* A processor beside a card is where the rest of the model lies. */
        if (joins && (card.device->kind == DEVICE_CPU) != is_cpu(m))
            continue;
        if (!joins) {
            m = &g->machines[g->nmachines++];
            *m = (struct machine){.from = t->v[i].from};
        }
        m->cards[m->n++] = card;
        m->to = t->v[i].to;
    }
}

/* The processor row whose memory is about as fast: for what only its memory describes. */
static const struct device *processor_with(const struct facts *f, double gbs)
{
    const struct device *best = NULL;
    for (size_t i = 0; i < devices_count(f->devices); i++) {
        const struct device *d = devices_at(f->devices, i);
        if (d->kind == DEVICE_CPU &&
            (!best || fabs(d->bandwidth_gbs - gbs) < fabs(best->bandwidth_gbs - gbs)))
            best = d;
    }
    return best;
}

static bool has_any(struct str text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_contains_nocase(text, str_of(words[i])))
            return true;
    return false;
}

/* How many channels of memory a processor has whose claim does not say: the most that
 * such a machine has, and of a processor that is not named the most of all. */
static double most_channels(struct str text)
{
    static const char *const stations[] = {"threadripper", "workstation"};
    static const char *const servers[] = {"epyc", "xeon", "server", "threadripper pro"};
    static const char *const desktops[] = {"ryzen",  "core i",   "core ultra", "desktop",
                                           "laptop", "notebook", "mini pc",    " i5",
                                           " i7",    " i9"};
    if (has_any(text, servers, ARRAY_LEN(servers)))
        return 12;
    if (has_any(text, stations, ARRAY_LEN(stations)))
        return 8;
    return has_any(text, desktops, ARRAY_LEN(desktops)) ? 2 : 12;
}

/* "12 channels DDR5-4800": a machine of its own, or the main memory of one with cards. */
static void read_main_memory(struct group *g)
{
    double mts = 0, channels = 0;
    size_t at = 0;
    for (size_t i = 0; i < g->t->n; i++) {
        const struct claim_token *k = &g->t->v[i];
        if (k->kind == CK_DDR) {
            mts = k->value;
            at = k->from;
        } else if (k->kind == CK_CHANNELS) {
            channels = k->value;
        }
    }
    if (mts <= 0)
        return;
    if (channels <= 0)
        channels = most_channels(g->t->text);
    double gbs = mts * 8 * channels / 1000;
    bool any_cpu = false;
    for (size_t i = 0; i < g->nmachines; i++) {
        struct claim_card *card = &g->machines[i].cards[0];
        if (card->device->kind != DEVICE_CPU) {
            g->ram_gbs = gbs;
            return;
        }
        card->gbs = card->slowest_gbs = fmax(gbs, card->gbs);
        any_cpu = true;
    }
    const struct device *d = any_cpu ? NULL : processor_with(g->f, gbs);
    if (!d)
        return;
    g->machines[g->nmachines++] = (struct machine){
        .from = at,
        .to = at,
        .n = 1,
        .cards = {{.device = d, .gbs = gbs, .slowest_gbs = gbs, .count = 1}}};
}

/* A processor named beside graphics cards is no machine of its own, unless each speed has
 * one. */
static void drop_processors(struct group *g)
{
    size_t kept = 0;
    bool any_card = false;
    for (size_t i = 0; i < g->nmachines; i++)
        any_card = any_card || !is_cpu(&g->machines[i]);
    if (!any_card || g->nmachines == g->nspeeds)
        return;
    for (size_t i = 0; i < g->nmachines; i++)
        if (!is_cpu(&g->machines[i]))
            g->machines[kept++] = g->machines[i];
    g->nmachines = kept;
}

/* --- speeds --- */

static size_t count_kind(const struct claim_tokens *t, enum claim_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->v[i].kind == kind;
    return n;
}

static bool is_role(enum claim_kind kind)
{
    return kind == CK_PROMPT || kind == CK_DECODE || kind == CK_MIXED;
}

/* Only such words stand between what a number is of and the number. */
static bool leads_to(struct str between)
{
    static const char *const words[] = {"at",   "is",         "of",     "speed",
                                        "rate", "was",        "around", "about",
                                        "to",   "throughput", "avg",    "average"};
    for (size_t i = 0; i < between.n;) {
        size_t which;
        if (strchr(" :=~(|*`", between.p[i])) {
            i++;
            continue;
        }
        size_t n = claim_one_of(between, i, words, ARRAY_LEN(words), &which);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

/* A number that follows a model or a device and ends its clause. */
static bool ends_clause(const struct claim_tokens *t, size_t i)
{
    struct str rest = str_sub(t->text, t->v[i].to, t->text.n);
    rest = str_trim(rest);
    size_t which;
    static const char *const ends[] = {"and",    "on",    "with", "vs",
                                       "versus", "while", "but",  "then"};
    return rest.n == 0 || strchr(",;.)/", rest.p[0]) ||
           claim_one_of(rest, 0, ends, ARRAY_LEN(ends), &which) != 0;
}

/* Numbers without a unit that are speeds all the same: "pp512 1250", "decode 45", and
 * "8B does 110 and 70B does 9 tok/s". */
static void promote(struct group *g)
{
    struct claim_tokens *t = g->t;
    size_t speeds = count_kind(t, CK_SPEED), free = 0;
    for (size_t i = 1; i < t->n; i++) {
        const struct claim_token *before = &t->v[i - 1];
        if (t->v[i].kind != CK_NUMBER || !is_role(before->kind) || t->v[i].rate.low <= 0)
            continue;
        if ((before->implies_unit || t->has_unit) &&
            leads_to(str_sub(t->text, before->to, t->v[i].from))) {
            t->v[i].kind = CK_SPEED;
            speeds++;
        }
    }
    size_t models = count_kind(t, CK_MODEL);
    size_t wanted = models > g->nmachines ? models : g->nmachines;
    bool named = false;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < t->n; i++) {
            enum claim_kind kind = t->v[i].kind;
            named = named || kind == CK_MODEL || kind == CK_DEVICE;
            if (kind != CK_NUMBER || !named || t->v[i].rate.low <= 0 ||
                !ends_clause(t, i))
                continue;
            named = false;
            if (pass == 0)
                free++;
            else
                t->v[i].kind = CK_SPEED;
        }
        named = false;
        if (!t->has_unit || free == 0 || speeds + free != wanted)
            return;
    }
}

static enum claim_about about_of(enum claim_kind kind)
{
    return kind == CK_PROMPT  ? CLAIM_PROMPT
           : kind == CK_MIXED ? CLAIM_MIXED
                              : CLAIM_DECODE;
}

/* The word before, else the one right behind, that says what speed `s` is of. */
static void find_about(struct group *g, size_t s)
{
    const struct claim_tokens *t = g->t;
    size_t at = g->speeds[s], first = s ? g->speeds[s - 1] + 1 : 0;
    g->about[s] = CLAIM_DECODE;
    if (t->v[at].rate.adjective) {
        g->about[s] = t->v[at].rate.adjective == 'p' ? CLAIM_PROMPT : CLAIM_DECODE;
        return;
    }
    for (size_t i = at; i > first; i--) {
        if (!is_role(t->v[i - 1].kind) || g->is_taken[i - 1])
            continue;
        g->is_taken[i - 1] = true;
        g->about[s] = about_of(t->v[i - 1].kind);
        return;
    }
    for (size_t i = at + 1; i < t->n && i <= at + 2; i++) {
        bool opens = t->v[i].kind == CK_COMMA && t->text.p[t->v[i].from] == '(';
        if (is_role(t->v[i].kind) && t->v[i].from - t->v[at].to <= 16) {
            g->is_taken[i] = true;
            g->about[s] = about_of(t->v[i].kind);
        }
        if (!opens)
            return;
    }
}

/* "( 21.3 ms per token, 46.9 tokens per second)" says one thing twice. */
static bool repeats(const struct group *g, size_t s)
{
    if (s == 0)
        return false;
    const struct claim_rate *a = &g->t->v[g->speeds[s - 1]].rate;
    const struct claim_rate *b = &g->t->v[g->speeds[s]].rate;
    return a->is_time != b->is_time && g->speeds[s] <= g->speeds[s - 1] + 2 &&
           fabs(a->high / b->high - 1) < 0.05;
}

static void find_speeds(struct group *g)
{
    g->nspeeds = 0;
    for (size_t i = 0; i < g->t->n; i++) {
        if (g->t->v[i].kind != CK_SPEED)
            continue;
        g->speeds[g->nspeeds++] = i;
        if (repeats(g, g->nspeeds - 1)) {
            bool first_is_time = g->t->v[g->speeds[g->nspeeds - 2]].rate.is_time;
            if (first_is_time)
                g->speeds[g->nspeeds - 2] = i;
            g->nspeeds--;
        }
    }
    memset(g->is_taken, 0, sizeof g->is_taken);
    for (size_t s = 0; s < g->nspeeds; s++)
        find_about(g, s);
}

/* --- what belongs to which speed --- */

/* Of things at `places`, the one of speed `s`; SIZE_MAX: none. */
static size_t pick(const struct group *g, const size_t *places, size_t n, size_t s)
{
    size_t first_speed = g->t->v[g->speeds[0]].from;
    size_t at = g->t->v[g->speeds[s]].from;
    if (n <= 1)
        return n ? 0 : SIZE_MAX;
    if (n == g->nspeeds)
        return s;
    bool leads = places[0] < first_speed;
    size_t found = leads ? 0 : n - 1;
    for (size_t i = 0; i < n; i++) {
        if (leads && places[i] < at)
            found = i;
        if (!leads && places[i] > at)
            return i;
    }
    return found;
}

static bool parts(enum claim_kind kind)
{
    return kind == CK_COMMA || kind == CK_AND;
}

/* Where what belongs to speed `s` ends and the next one's begins: at the comma between
 * them; else behind `s`, or before the next where sentences begin with speeds. */
static size_t border(const struct group *g, size_t s, bool leads)
{
    const struct claim_token *v = g->t->v;
    for (size_t i = g->speeds[s] + 1; i < g->speeds[s + 1]; i++) {
        bool names =
            v[i].kind == CK_MODEL || v[i].kind == CK_DEVICE || v[i].kind == CK_COUNT;
        if (parts(v[i].kind) || (names && leads))
            return v[i].from;
    }
    return leads ? v[g->speeds[s]].to : v[g->speeds[s + 1]].from;
}

/* The first name of which there are several stands before the first speed. */
static bool names_lead(const struct group *g, size_t *ret_first)
{
    const struct claim_tokens *t = g->t;
    enum claim_kind varies = count_kind(t, CK_MODEL) > 1 ? CK_MODEL : CK_DEVICE;
    *ret_first = SIZE_MAX;
    for (size_t i = t->n; i > 0; i--)
        if (t->v[i - 1].kind == varies)
            *ret_first = t->v[i - 1].from;
    return *ret_first < t->v[g->speeds[0]].from || *ret_first == SIZE_MAX;
}

/* A circumstance (`kind`) of speed `s`, or NULL: the one in its own stretch of text, or
 * one that stands before all that is named, or a format behind all speeds. */
static const struct claim_token *circumstance(const struct group *g, enum claim_kind kind,
                                              size_t s)
{
    const struct claim_tokens *t = g->t;
    const struct claim_token *own = NULL, *shared = NULL, *nth = NULL;
    size_t n = 0, first_named, first_speed = t->v[g->speeds[0]].from;
    bool leads = names_lead(g, &first_named);
    bool is_several = count_kind(t, CK_MODEL) > 1 || g->nmachines > 1;
    bool is_last = s + 1 == g->nspeeds;
    size_t from = s ? border(g, s - 1, leads) : 0;
    size_t to = is_last ? SIZE_MAX : border(g, s, leads);
    size_t before = is_several ? first_named : first_speed;
    size_t behind = t->v[g->speeds[g->nspeeds - 1]].from;
    for (size_t i = 0; i < t->n; i++) {
        const struct claim_token *k = &t->v[i];
        if (k->kind != kind)
            continue;
        if (n++ == s)
            nth = k;
        if (k->from < before || (k->from > behind && kind == CK_QUANT))
            shared = k;
        if (k->from >= from && k->from < to)
            own = k;
    }
    if (n == g->nspeeds && n > 1)
        return nth;
    return own ? own : shared;
}

static void claim_for(const struct group *g, size_t s, size_t line,
                      const struct claim_around *lent, struct claim *ret)
{
    const struct claim_tokens *t = g->t;
    size_t models[CLAIM_TOKENS], places[CLAIM_TOKENS], which[CLAIM_TOKENS], nmodels = 0;
    struct claim_around own = {.ram_gbs = g->ram_gbs};
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].kind == CK_MODEL) {
            which[nmodels] = i;
            models[nmodels++] = t->v[i].from;
        }
    size_t m = pick(g, models, nmodels, s);
    if (m != SIZE_MAX) {
        own.model = t->v[which[m]].model;
        own.is_class = t->v[which[m]].is_class;
        own.model_line = line;
        own.model_unknown = own.model == NULL;
    }
    for (size_t i = 0; i < g->nmachines; i++)
        places[i] = g->machines[i].from;
    size_t d = pick(g, places, g->nmachines, s);
    if (d != SIZE_MAX) {
        own.has_cards = true;
        own.ncards = g->machines[d].n;
        memcpy(own.cards, g->machines[d].cards, sizeof own.cards);
        own.device_line = line;
    }
    const struct claim_token *k = circumstance(g, CK_QUANT, s);
    if (k) {
        own.has_quant = true;
        own.quant = k->quant;
    }
    if ((k = circumstance(g, CK_STREAMS, s)) != NULL) {
        own.has_streams = true;
        own.streams = (unsigned)k->value;
    }
    own.is_drafted = circumstance(g, CK_DRAFT, s) != NULL;
    if ((k = circumstance(g, CK_DEPTH, s)) != NULL)
        own.depth_tokens = (uint64_t)k->value;
    own.has_about = true;
    own.about = g->about[s];
    claim_of_speed(&t->v[g->speeds[s]].rate, &own, lent, ret);
    ret->line = line;
    ret->text = t->text;
    const struct claim_rate *r = &t->v[g->speeds[s]].rate;
    ret->wrote = str_sub(t->text, r->from, r->to);
}

size_t claim_group(const struct facts *f, struct claim_tokens *t, size_t line,
                   const struct claim_around *lent, struct claim *ret)
{
    struct group g = {.f = f, .t = t};
    find_machines(&g, false);
    read_main_memory(&g);
    promote(&g);
    find_speeds(&g);
    if (g.nspeeds == 0)
        return 0;
    if (g.nspeeds < g.nmachines) {
        size_t before = g.nmachines;
        find_machines(&g, true); /* "a 3090 and a 3060: 20 tok/s" */
        if (g.nmachines == before || g.nspeeds > 1)
            find_machines(&g, false);
        read_main_memory(&g);
    }
    drop_processors(&g);
    for (size_t s = 0; s < g.nspeeds; s++)
        claim_for(&g, s, line, lent, &ret[s]);
    return g.nspeeds;
}

/* --- what is lent --- */

void claim_around_of(const struct facts *f, const struct claim_tokens *t, size_t line,
                     struct claim_around *ret)
{
    struct claim_tokens copy = *t;
    struct group g = {.f = f, .t = &copy};
    *ret = (struct claim_around){0};
    find_machines(&g, false);
    read_main_memory(&g);
    drop_processors(&g);
    if (g.nmachines) {
        ret->has_cards = true;
        ret->ncards = g.machines[0].n;
        memcpy(ret->cards, g.machines[0].cards, sizeof ret->cards);
        ret->device_line = line;
    }
    ret->ram_gbs = g.ram_gbs;
    for (size_t i = 0; i < t->n; i++) {
        const struct claim_token *k = &t->v[i];
        if (k->kind == CK_MODEL && !k->model) {
            ret->model_unknown = true;
        } else if (k->kind == CK_MODEL &&
                   (!ret->model || (ret->is_class && !k->is_class))) {
            ret->model = k->model;
            ret->is_class = k->is_class;
            ret->model_line = line;
        } else if (k->kind == CK_QUANT && !ret->has_quant) {
            ret->has_quant = true;
            ret->quant = k->quant;
        } else if (k->kind == CK_STREAMS && !ret->has_streams) {
            ret->has_streams = true;
            ret->streams = (unsigned)k->value;
        } else if (k->kind == CK_DRAFT) {
            ret->is_drafted = true;
        } else if (k->kind == CK_DEPTH) {
            ret->depth_tokens = (uint64_t)k->value;
        } else if (is_role(k->kind) && !ret->has_about) {
            ret->has_about = true;
            ret->about = about_of(k->kind);
        }
    }
    if (ret->model)
        ret->model_unknown = false;
}

void claim_around_fill(struct claim_around *to, const struct claim_around *more)
{
    bool other_model = to->model != NULL || to->model_unknown;
    if (!other_model && more->model) {
        to->model = more->model;
        to->is_class = more->is_class;
        to->model_line = more->model_line;
    }
    if (!to->has_quant && more->has_quant && !(other_model && more->model)) {
        to->has_quant = true;
        to->quant = more->quant;
    }
    if (!to->has_cards && !to->device_unknown && more->has_cards) {
        to->has_cards = true;
        to->ncards = more->ncards;
        memcpy(to->cards, more->cards, sizeof to->cards);
        to->device_line = more->device_line;
    }
    if (!to->has_streams && more->has_streams) {
        to->has_streams = true;
        to->streams = more->streams;
    }
    if (!to->has_about && more->has_about) {
        to->has_about = true;
        to->about = more->about;
    }
    to->is_drafted = to->is_drafted || more->is_drafted;
    if (to->depth_tokens == 0)
        to->depth_tokens = more->depth_tokens;
    if (to->ram_gbs <= 0)
        to->ram_gbs = more->ram_gbs;
}

void claim_of_speed(const struct claim_rate *rate, const struct claim_around *own,
                    const struct claim_around *lent, struct claim *ret)
{
    struct claim_around all = *own;
    if (lent)
        claim_around_fill(&all, lent);
    struct claim c = {
        .model = all.model,
        .is_class = all.is_class,
        .quant = all.has_quant ? all.quant : claim_quant_unsaid(all.model),
        .ncards = all.ncards,
        .low_tok_s = rate->low,
        .high_tok_s = rate->high,
        .about = all.has_about ? all.about : CLAIM_DECODE,
        .streams = all.has_streams ? all.streams : 1,
        .is_drafted = all.is_drafted,
        .depth_tokens = all.depth_tokens,
        .ram_gbs = all.ram_gbs,
        .missing = !all.model       ? CLAIM_NO_MODEL
                   : !all.has_cards ? CLAIM_NO_DEVICE
                                    : CLAIM_WHOLE,
    };
    memcpy(c.cards, all.cards, sizeof c.cards);
    if (own->model_line != all.model_line)
        c.model_line = all.model_line;
    if (own->device_line != all.device_line)
        c.device_line = all.device_line;
    *ret = c;
}
