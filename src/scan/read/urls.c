/* urls.c -- what a URL gives away by its place: the user part, and paths that are keys.
 *
 * Queries are pairs with an equals sign (assign.c).  Chat webhooks, bots and automation
 * hooks have their key in the path; which part it is, their manuals say. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"

enum { MAX_URL = 600, MAX_ENTRY = 64, LEAST_TOKEN = 20 };

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
    bool is_token = colon == at && at - from >= LEAST_TOKEN && /* https://4f8a...@host */
                    count_digits(str_sub(r->text, from, at)) >= 3;
    emit_told(r, (struct piece){from, colon, 0}, NOTE_SEGMENT,
              is_token ? TELLS_TOKEN : TELLS_USER);
    if (colon < at)
        emit_told(r, (struct piece){colon + 1, at, 0}, NOTE_SEGMENT, TELLS_PASSWORD);
}

/* Where people have a page of their own under the name of their account; of those with
 * `needs_contact` others have one too, and a mailbox on the line must say whose it is. */
static const struct {
    const char *host;
    bool needs_contact;
} profiles[] = {{"linkedin.com/in/", false},
                {"snapchat.com/add/", false},
                {"tiktok.com/@", false},
                {"threads.net/@", false},
                {"bsky.app/profile/", false},
                {"xing.com/profile/", false},
                {"t.me/", true},
                {"instagram.com/", true},
                {"facebook.com/", true},
                {"github.com/", true},
                {"gitlab.com/", true},
                {"twitter.com/", true},
                {"medium.com/@", true},
                {"keybase.io/", true},
                {"behance.net/", true},
                {"stackoverflow.com/users/", true},
                {" x.com/", true},
                {"vk.com/", true}};

static bool has_mailbox(struct str line)
{
    ptrdiff_t at = str_index(line, '@');
    return at > 0 && is_name_char(line.p[at - 1]) && (size_t)at + 3 < line.n &&
           is_alnum(line.p[at + 1]) &&
           memchr(line.p + at, '.', line.n - (size_t)at) != NULL;
}

/* "github.com/bob", with nothing behind the account. */
void read_profiles(struct reader *r, const struct line *l)
{
    struct str s = str_sub(r->text, l->body, l->end);
    if (s.n > READ_MAX_VALUE || !memchr(s.p, '/', s.n) || !may_read(r, 4 * s.n))
        return;
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        ptrdiff_t at = str_find(s, str_of(profiles[i].host));
        if (at < 0 || (profiles[i].needs_contact && !has_mailbox(s)))
            continue;
        size_t from = l->body + (size_t)at + strlen(profiles[i].host), to = from;
        while (to < l->end && (is_alnum(r->text.p[to]) || r->text.p[to] == '-' ||
                               r->text.p[to] == '_' || r->text.p[to] == '.'))
            to++;
        while (to > from && r->text.p[to - 1] == '.')
            to--;
        bool goes_on = byte_at(r, to) == '/' && is_alnum(byte_at(r, to + 1));
        if (!goes_on)
            emit_told(r, (struct piece){from, to, 0}, NOTE_SEGMENT, TELLS_USER);
    }
}

/* "uid=hollis4,ou=people": an account in the name of an entry of a directory. */
void read_directory_name(struct reader *r, const struct line *l, size_t op)
{
    static const char *const keys[] = {"uid", "samaccountname", "userid"};
    static const char *const next[] = {",ou=", ",cn=", ",dc=", ",o=", ", ou=", ", dc="};
    struct piece key = word_before(r, op, l->start);
    size_t end = op + 1;
    if (!is_word_of(piece_str(r, key), keys, ARRAY_LEN(keys)))
        return;
    while (end < l->end && end - op < MAX_ENTRY && is_name_char(r->text.p[end]))
        end++;
    for (size_t i = 0; i < ARRAY_LEN(next); i++)
        if (str_starts_nocase(str_sub(r->text, end, l->end), str_of(next[i])))
            emit_told(r, (struct piece){op + 1, end, 0}, NOTE_SEGMENT, TELLS_USER);
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
