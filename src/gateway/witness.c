/* witness.c -- records of the audit chain from the life of a request. */
#include "gateway/witness.h"

#include "core/log.h"
#include "ledger/audit/audit.h"
#include "ledger/log/uid.h"

/* Of the digests each record carries the beginning; a START record has them whole. */
enum { DIGEST_DIGITS = 16 };

/* Which types were found and what is done about each; never a value.  In a body that
 * leaves masked, what else would have kept it here is masked too. */
static size_t count_types(const struct request *r, const struct draft *d, bool is_masked,
                          struct audit_count *ret)
{
    const struct findings *f = &d->screened->found;
    size_t n = 0;
    for (size_t t = 0; t < GUARD_NTYPES; t++) {
        const struct span like = {.type = (uint16_t)t, .score = f->score[t]};
        if (!f->count[t])
            continue;
        enum action a = guard_rules_span(r->setup->rules, &like, r->key);
        if (is_masked && a > ACTION_MASK)
            a = ACTION_MASK;
        if (a != ACTION_CLEAR)
            ret[n++] = (struct audit_count){guard_type_name((enum guard_type)t),
                                            action_name(a), f->count[t]};
    }
    return n;
}

/* False when there is no room for it, or no chain. */
static bool append(struct worker *w, const struct audit_record *record)
{
    struct err err;
    err_init(&err);
    w->has_audit = true;
    if (w->audit && audit_append(w->audit, record, &err) == 0)
        return true;
    w->is_audit_lost = true;
    return false;
}

/* Of this leg of r; NULL: r as a whole stays. */
static bool tell(struct request *r, const struct leg *l, enum audit_decision decision,
                 const char *reason)
{
    struct worker *w = r->worker;
    const struct config_model *model = l ? l->model : r->model;
    char session[SESSION_TEXT_BYTES], digest[AUDIT_HASH_TEXT], id[UID_TEXT];
    struct audit_count counts[GUARD_NTYPES];
    const struct draft *d = l ? l->draft : r->draft;
    const struct screened *s = d ? d->screened : NULL;
    session_format(r->can_lower ? r->label_session : r->session, session);
    ledger_format_uid(r->uid, id);
    struct audit_record record = {
        .decision = decision,
        .ts_ms = r->started_wall_ms,
        .request = str_of(id), /* the client's own may be a person's address */
        .attempt = l ? l->number : r->nlegs,
        .key = r->key ? r->key->name : STR(""),
        .session = str_of(session),
        .label = str_of(label_name(&r->label)),
        .source = str_of(r->label.source),
        .reason = str_of(reason),
        .engine = model ? model->engine->name : STR(""),
        .model = model ? model->upstream : STR(""),
        .bytes = l ? l->body_bytes : 0,
        .policy = str_sub(r->setup->config->digest, 0, DIGEST_DIGITS),
        .counts = counts,
    };
    if (r->setup->rules)
        record.rules =
            str_sub(str_of(guard_rules_digest(r->setup->rules)), 0, DIGEST_DIGITS);
    if (decision == AUDIT_NOT_SENT || decision == AUDIT_UNKNOWN) {
        bool is_masked = l && l->is_masked;
        record.of = str_of(audit_decision_name(is_masked ? AUDIT_MASKED : AUDIT_SENT));
        return append(w, &record);
    }
    if (s && s->is_scanned)
        record.ncounts = count_types(r, d, decision == AUDIT_MASKED, counts);
    if (s && s->is_shadow && s->is_scanned && s->verdict.action > ACTION_CLEAR)
        record.would = str_of(action_name(s->verdict.action));
    if (s && audit_has_left(decision) && w->audit &&
        audit_digest(w->server->audit, s->leaving, digest))
        record.digest = str_of(digest);
    return append(w, &record);
}

void witness_leg(struct leg *l)
{
    struct request *r = l->request;
    const char *why = r->label.detail ? r->label.detail : "label";
    if (l->is_masked)
        l->is_witnessed = tell(r, l, AUDIT_MASKED, "masked by scan");
    else if (l->is_cloud)
        l->is_witnessed =
            tell(r, l, AUDIT_SENT,
                 l->draft->screened->is_shadow ? "shadow" : "cleared by scan");
    else if (r->label.effective != SENSITIVITY_PUBLIC)
        tell(r, l, AUDIT_LOCAL, why);
}

/* The whole batch is not in the file: of what waits to be launched the chain says nothing
 * that would have to be taken back. */
static void forget_batch(struct worker *w)
{
    for (struct link *l = w->launches.next; l != &w->launches; l = l->next)
        CONTAINER_OF(l, struct leg, launch)->is_witnessed = false;
}

static NOINLINE void leg_over(struct leg *l)
{
    struct request *r = l->request;
    struct worker *w = r->worker;
    struct exchange_stats s = {0};
    struct err err;
    err_init(&err);
    l->is_witnessed = false;
    if (l->exchange)
        s = exchange_stats(l->exchange);
    if (LIKELY(s.sent_bytes))
        return;
    enum audit_decision what = s.may_have_left ? AUDIT_UNKNOWN : AUDIT_NOT_SENT;
    const char *why = s.may_have_left ? "the connection broke at the first write"
                      : l->exchange   ? "no byte of it was written"
                                      : "it was not begun";
    bool was_lost = w->is_audit_lost;
    if (tell(r, l, what, why))
        return;
    /* The batch is full: make room. */
    if (audit_flush(w->audit, &err) < 0) {
        forget_batch(w);
        return; /* is_audit_lost: what was in the batch does not go */
    }
    (void)tell(r, l, what, why); /* should it fail again, "sent" stands */
    w->is_audit_lost = was_lost;
}

void witness_leg_over(struct leg *l)
{
    if (UNLIKELY(l->is_witnessed))
        leg_over(l);
}

void witness_refusal(struct request *r, const struct err *err)
{
    bool is_blocked = err->code && strcmp(err->code, "blocked_by_guard") == 0;
    if ((r->label.effective != SENSITIVITY_PUBLIC || is_blocked) && r->ntries == 0)
        tell(r, NULL, AUDIT_REFUSED, err->code ? err->code : "refused");
}

void witness_start(struct audit *a, const struct setup *s)
{
    struct err err;
    err_init(&err);
    const struct audit_record record = {
        .decision = AUDIT_START,
        .reason = s->rules == NULL                  ? STR("no cloud")
                  : guard_rules_is_shadow(s->rules) ? STR("shadow")
                                                    : STR("enforce"),
        .rules = s->rules ? str_of(guard_rules_digest(s->rules)) : STR(""),
        .policy = s->config->digest,
    };
    if (audit_start(a, &record, &err) < 0)
        log_warn("the audit chain has no record of this start yet: %s", err.msg);
}

static bool append_now(struct audit *a, const struct audit_record *record)
{
    struct audit_log *log = audit_log_create(a);
    struct err err;
    err_init(&err);
    bool ok = log && audit_append(log, record, &err) == 0 && audit_flush(log, &err) == 0;
    audit_log_free(log);
    return ok;
}

void witness_interrupted(struct audit *a, const struct ledger_interrupted *x)
{
    char id[UID_TEXT];
    ledger_format_uid(x->uid, id);
    const struct audit_record record = {.decision = AUDIT_UNKNOWN,
                                        .ts_ms = x->ts_ms,
                                        .request = str_of(id),
                                        .attempt = x->attempt,
                                        .label = str_of(x->label),
                                        .engine = str_of(x->engine),
                                        .reason =
                                            STR("weir died while it was under way")};
    (void)append_now(a, &record); /* without it, it counts as left */
}

bool witness_deletion(struct audit *a, struct str what, uint64_t rows, struct str why)
{
    const struct audit_record record = {
        .decision = AUDIT_DELETED, .what = what, .rows = rows, .reason = why};
    return append_now(a, &record);
}

bool witness_cloud(struct audit *a, const struct setup *s, bool is_pause, struct str why)
{
    const struct audit_record record = {
        .decision = is_pause ? AUDIT_PAUSED : AUDIT_RESUMED,
        .source = STR("person"),
        .reason = why,
        .policy = str_sub(s->config->digest, 0, DIGEST_DIGITS),
    };
    return a && append_now(a, &record);
}

bool witness_engine(struct audit *a, const struct setup *s, struct str engine,
                    bool is_start, struct str why)
{
    const struct audit_record record = {
        .decision = is_start ? AUDIT_STARTED : AUDIT_STOPPED,
        .source = STR("person"),
        .reason = why,
        .engine = engine,
        .policy = str_sub(s->config->digest, 0, DIGEST_DIGITS),
    };
    return a && append_now(a, &record);
}

/* What a person decided about a session or a value. */
static int witness_person(struct worker *w, enum audit_decision decision,
                          const char *name, struct str why, struct err *err)
{
    const struct audit_record record = {
        .decision = decision,
        .session = str_of(name),
        .label = STR("unlabelled"),
        .source = STR("person"),
        .reason = why,
        .policy = str_sub(w->setup->config->digest, 0, DIGEST_DIGITS),
    };
    if (!w->audit)
        return err_set(err, ERR_OVERLOAD, "audit_unwritable",
                       "the audit chain cannot be written, so no label is lowered");
    return audit_append(w->audit, &record, err) < 0 ? -1 : audit_flush(w->audit, err);
}

int witness_lowering(struct worker *w, uint64_t session, struct str why, struct err *err)
{
    char name[SESSION_TEXT_BYTES];
    session_format(session, name);
    return witness_person(w, AUDIT_LOWERED, name, why, err);
}

int witness_allowing(struct worker *w, uint64_t value, struct str why, struct err *err)
{
    char name[VALUE_TEXT_BYTES];
    value_format(value, name);
    return witness_person(w, AUDIT_ALLOWED, name, why, err);
}

static NOINLINE bool flush_now(struct worker *w)
{
    struct err err;
    err_init(&err);
    bool is_whole = !w->is_audit_lost;
    w->is_audit_lost = false;
    if (!is_whole)
        return false; /* the others of the batch are taken back in it */
    w->has_audit = false;
    if (audit_flush(w->audit, &err) == 0)
        return true;
    forget_batch(w);
    return false;
}

bool witness_flush(struct worker *w)
{
    return !w->has_audit || flush_now(w);
}

static NOINLINE void flush_rest(struct worker *w)
{
    struct err err;
    err_init(&err);
    if (w->audit)
        (void)audit_flush(w->audit, &err);
}

void witness_flush_rest(struct worker *w)
{
    if (w->has_audit)
        flush_rest(w);
    w->has_audit = w->is_audit_lost = false;
}
