/* upkeep.c -- see upkeep.h. */
#include "ledger/upkeep.h"

#include "core/log.h"

#include <stdio.h>
#include <time.h>

#define DAY_MS UINT64_C(86400000)

enum { WARN_EVERY_MS = 60 * 1000 };

static uint64_t mono_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void ledger_drop_index(struct ledger *l)
{
    store_check_stop(&l->check);
    backup_drop(&l->backup);
    l->is_checked = false;
    ingest_drop_index(&l->ingest);
}

void ledger_index_failed(struct ledger *l, const struct err *why)
{
    uint64_t now = mono_ms();
    if (why->code && strcmp(why->code, "ledger_index_damaged") == 0)
        snprintf(l->damage, sizeof l->damage, "%s", why->msg);
    if (!l->warned_at_ms || now - l->warned_at_ms > WARN_EVERY_MS) {
        log_warn("ledger: the store waits: %s; records are safe in %s", why->msg,
                 l->shared.log_dir);
        l->warned_at_ms = now;
    }
    ledger_drop_index(l);
}

static void backup_failed(struct ledger *l, const struct err *why)
{
    log_warn("ledger: no backup of the store: %s; log files are kept until there is one",
             why->msg);
    l->backup_retry_at_ms = mono_ms() + WARN_EVERY_MS;
}

/* False when the store turned out to be damaged. */
static bool take_result(struct ledger *l)
{
    switch (store_check_take(&l->check)) {
    case CHECK_BAD:
        snprintf(l->damage, sizeof l->damage, "%s", l->check.why);
        ledger_drop_index(l);
        return false;
    case CHECK_GOOD:
        l->is_checked = true;
        return true;
    case CHECK_IDLE:
    case CHECK_RUNS:
        return true;
    }
    return true;
}

void upkeep_store(struct ledger *l)
{
    uint64_t now = mono_ms();
    struct err err = {0};
    if (!l->ingest.index || !take_result(l))
        return;
    if (!backup_is_there(&l->backup))
        log_warn("ledger: ledger.backup was removed; a new one is made");
    bool is_due = !l->backup.copy && now >= l->backup_retry_at_ms &&
                  backup_is_due(&l->backup, l->shared.log_dir, l->ingest.index);
    if (!l->checked_at_ms || now - l->checked_at_ms > DAY_MS ||
        (is_due && !l->is_checked && !l->check.has_thread)) {
        l->checked_at_ms = now;
        l->is_checked = false;
        store_check_begin(&l->check, l->state_dir);
    } else if (is_due && l->is_checked &&
               backup_begin(&l->backup, l->ingest.index, &err) < 0) {
        backup_failed(l, &err);
    }
}

bool upkeep_copy(struct ledger *l)
{
    struct err err = {0};
    if (!l->backup.copy || !l->ingest.index)
        return false;
    int rc = backup_step(&l->backup, l->ingest.index, &err);
    if (rc == 0)
        return true;
    l->is_checked = false; /* the next one is made of a store that is checked again */
    if (rc < 0)
        backup_failed(l, &err);
    else
        l->pruned[0] = UINT32_MAX; /* log files may go now */
    return false;
}
