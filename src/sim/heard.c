/* heard.c -- finding the end of a conversation. */
#include "sim/heard.h"

#include "sim/text.h"

static struct str without_reminders(struct str text)
{
    for (;;) {
        struct str rest = sim_past_blanks(text);
        if (!str_starts(rest, STR("<system-reminder>")))
            return text;
        ptrdiff_t end = str_find(rest, STR("</system-reminder>"));
        if (end < 0)
            return STR("");
        text = str_sub(rest, (size_t)end + strlen("</system-reminder>"), rest.n);
    }
}

/* The texts of a message, joined by line ends. */
static int text_of(const struct message *m, struct arena *a, struct str *ret,
                   struct err *err)
{
    size_t n = 0;
    struct str *texts = arena_array(a, struct str, m->npieces * 2 + 1);
    if (!texts)
        return err_nomem(err);
    for (size_t i = 0; i < m->npieces; i++) {
        struct str text =
            m->pieces[i].kind == PIECE_TEXT ? piece_plain(&m->pieces[i], a) : STR("");
        if (m->speaker == SPEAKER_USER)
            text = without_reminders(text);
        if (sim_past_blanks(text).n == 0)
            continue;
        if (n)
            texts[n++] = STR("\n");
        texts[n++] = text;
    }
    *ret = n == 1 ? texts[0] : arena_join(a, texts, n);
    return ret->p ? 0 : err_nomem(err);
}

static int hear_system(struct sim_heard *h, const struct message *m, struct arena *a,
                       struct err *err)
{
    struct str text;
    if (text_of(m, a, &text, err) < 0)
        return -1;
    const struct str both[] = {h->system, STR("\n"), text};
    h->system = h->system.n ? arena_join(a, both, 3) : text;
    return h->system.p ? 0 : err_nomem(err);
}

static int hear_user(struct sim_heard *h, const struct message *m, struct arena *a,
                     struct err *err)
{
    struct str text;
    if (text_of(m, a, &text, err) < 0)
        return -1;
    if (text.n == 0)
        return 0;
    h->user = text;
    h->result = STR("");
    h->results = h->turns = 0;
    return 0;
}

int sim_hear(struct sim_heard *ret, const struct conversation *said, struct str model,
             struct arena *a, struct err *err)
{
    bool in_run = false;
    *ret = (struct sim_heard){.said = said,
                              .model = model,
                              .user = STR(""),
                              .system = STR(""),
                              .result = STR("")};
    for (size_t i = 0; i < said->nmessages; i++) {
        const struct message *m = &said->messages[i];
        int rc = 0;
        if (m->speaker == SPEAKER_SYSTEM)
            rc = hear_system(ret, m, a, err);
        else if (m->speaker == SPEAKER_USER)
            rc = hear_user(ret, m, a, err);
        else if (m->speaker == SPEAKER_TOOL)
            rc = text_of(m, a, &ret->result, err);
        if (rc < 0)
            return -1;
        if (m->speaker == SPEAKER_TOOL) {
            ret->results++;
            ret->turns += !in_run;
        }
        in_run = m->speaker == SPEAKER_TOOL;
    }
    return 0;
}
