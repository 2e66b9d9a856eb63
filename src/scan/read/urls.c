/* urls.c -- what a URL gives away by its place: the user part, and paths that are keys.
 *
 * Queries are pairs with an equals sign (assign.c).  Chat webhooks, bots and automation
 * hooks have their key in the path; which part it is, their manuals say. */
#include "scan/read/inside.h"

enum { MAX_URL = 600 };

/* In a URL that holds `host`, all behind the mark is the key. */
struct hook {
    const char *host, *mark;
};

static const struct hook hooks[] = {
    {"hooks.slack.com", "/services/"},
    {"hooks.slack.com", "/workflows/"},
    {"hooks.slack.com", "/triggers/"},
    {"discord.com", "/api/webhooks/"},
    {"discordapp.com", "/api/webhooks/"},
    {"api.telegram.org", "/bot"},
    {"webhook.office.com", "/webhookb2/"},
    {"outlook.office.com", "/webhook/"},
    {"hooks.zapier.com", "/hooks/catch/"},
    {"maker.ifttt.com", "/with/key/"},
    {"hook.integromat.com", "/"},
    {"make.com", "hook.eu1.make.com/"},
    {"make.com", "hook.us1.make.com/"},
    {"make.com", "hook.eu2.make.com/"},
    {"make.com", "hook.us2.make.com/"},
    {"pipedream.net", "https://"},
    {"webhook.site", "webhook.site/"},
    {"hc-ping.com", "hc-ping.com/"},
    {"uptime.betterstack.com", "/heartbeat/"},
    {"api.opsgenie.com", "/heartbeats/"},
    {"events.pagerduty.com", "/integration/"},
    {"chat.googleapis.com", "/spaces/"},
    {"open.feishu.cn", "/bot/v2/hook/"},
    {"open.larksuite.com", "/bot/v2/hook/"},
    {"hooks.airtable.com", "/workflows/"},
    {"rocket.chat", "/hooks/"},
    {"mattermost", "/hooks/"},
    {"hooks.tray.io", "/"},
    {"trigger.ifttt.com", "/key/"},
    {"api.cronitor.link", "/p/"},
    {"app.bitrise.io", "/h/"},
    {"hooks.hookdeck.com", "/"},
    {"api.netlify.com", "/build_hooks/"},
    {"api.vercel.com", "/deploy/"},
    {"api.render.com", "/deploy/srv-"},
    {"logs.logdna.com", "/logs/"},
    {"collectors.sumologic.com", "/receiver/v1/http/"},
    {"splunkcloud.com", "/services/collector/"},
    {"sentry.io", "/api/hooks/"},
    {"calendar.google.com", "/private-"},
    {"notify.run", "/c/"},
    {"ntfy.sh", "/tk_"},
    {"wh.jotform.com", "/"},
    {"n8n", "/webhook/"},
};

static bool ends_url(char c)
{
    return (unsigned char)c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' ||
           c == '`' || c == '|' || c == '\\';
}

static void read_hook(struct reader *r, struct piece url)
{
    struct str s = piece_str(r, url);
    for (size_t i = 0; i < ARRAY_LEN(hooks); i++) {
        if (str_find(s, str_of(hooks[i].host)) < 0)
            continue;
        ptrdiff_t at = str_find(s, str_of(hooks[i].mark));
        size_t key = at < 0 ? s.n : (size_t)at + strlen(hooks[i].mark);
        if (s.n - key < 12)
            continue;
        emit_told(r, (struct piece){url.start + key, url.end, 0}, NOTE_SEGMENT,
                  TELLS_CONNECTION);
        return;
    }
}

/* scheme://user:password@host */
static void read_userinfo(struct reader *r, struct piece url)
{
    size_t from = url.start, at = 0, colon = 0;
    for (size_t i = from; i < url.end && r->text.p[i] != '/' && r->text.p[i] != '?';
         i++) {
        if (r->text.p[i] == '@')
            at = i;
        if (r->text.p[i] == ':' && !colon)
            colon = i;
    }
    if (!at)
        return;
    if (!colon || colon > at)
        colon = at;
    emit_told(r, (struct piece){from, colon, 0}, NOTE_SEGMENT, TELLS_USER);
    if (colon < at)
        emit_told(r, (struct piece){colon + 1, at, 0}, NOTE_SEGMENT, TELLS_PASSWORD);
}

void read_url(struct reader *r, const struct line *l, size_t at)
{
    size_t from = at + 3, end = from;
    while (end < l->end && end - at < MAX_URL && !ends_url(r->text.p[end]))
        end++;
    while (end > from && strchr(".,;:)]}", r->text.p[end - 1]))
        end--;
    if (!may_read(r, end - at) || end - from < 8)
        return;
    read_userinfo(r, (struct piece){from, end, 0});
    struct piece whole = {at >= 5 && at - 5 >= l->start ? at - 5 : l->start, end, 0};
    read_hook(r, whole);
}
