/* witness.c -- records of the audit chain from the life of a request. */
#include "gateway/witness.h"

#include "core/log.h"
#include "ledger/audit.h"

static void tell(struct request *r, enum audit_decision decision, const char *reason)
{
    struct worker *w = r->worker;
    struct err err = {0};
    const struct audit_record record = {
        .decision = decision,
        .ts_ms = r->started_wall_ms,
        .request = r->id,
        .key = r->key ? r->key->name : STR(""),
        .session = r->session_name,
        .label = str_of(label_name(&r->label)),
        .source = str_of(r->label.source),
        .reason = str_of(reason),
        .engine = r->model ? r->model->engine->name : STR(""),
        .model = r->model ? r->model->upstream : STR(""),
        .bytes = r->draft ? r->draft->message.body_bytes : 0,
    };
    w->has_audit = true;
    if (!w->audit || audit_append(w->audit, &record, &err) < 0)
        w->is_audit_lost = true;
}

void witness_attempt(struct request *r)
{
    if (r->is_cloud)
        tell(r, AUDIT_SENT, "cleared by label");
    else if (r->label.effective != SENSITIVITY_PUBLIC)
        tell(r, AUDIT_LOCAL, "label");
}

void witness_refusal(struct request *r, const struct err *err)
{
    if (r->label.effective != SENSITIVITY_PUBLIC && r->attempts == 0)
        tell(r, AUDIT_REFUSED, err->code ? err->code : "refused");
}

bool witness_flush(struct worker *w)
{
    struct err err = {0};
    if (!w->has_audit)
        return true;
    bool ok = !w->is_audit_lost && w->audit && audit_flush(w->audit, &err) == 0;
    w->has_audit = w->is_audit_lost = false;
    return ok;
}
