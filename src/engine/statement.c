/* statement.c -- what is spoken of, and near it what is wrong with that. */
#include "engine/statement.h"

enum { NEAR_BYTES = 60 };

typedef const char *const *words_t;
#define WORDS(...)                                                                       \
    (words_t)(const char *const[])                                                       \
    {                                                                                    \
        __VA_ARGS__, NULL                                                                \
    }

static bool has_any(struct str text, words_t words)
{
    for (; *words; words++)
        if (str_contains_nocase(text, str_of(*words)))
            return true;
    return false;
}

/* One of `of`, and within NEAR_BYTES of it, on either side, one of `is`. */
static bool is_said(struct str text, words_t of, words_t is)
{
    for (; *of; of++) {
        struct str word = str_of(*of);
        for (size_t at = 0; at + word.n <= text.n; at++) {
            if (!str_eq_nocase(str_sub(text, at, at + word.n), word))
                continue;
            size_t from = at > NEAR_BYTES ? at - NEAR_BYTES : 0;
            if (has_any(str_sub(text, from, at + word.n + NEAR_BYTES), is))
                return true;
        }
    }
    return false;
}

enum blame statement_of_account(struct str text)
{
    static const char *const spent[] = {
        "run out",      "ran out",    "used up",   "exhaust", "deplet",   "no remaining",
        "no more",      "not enough", "too low",   "unpaid",  "past due", "overdue",
        "declined",     "expired",    "has ended", "lapsed",  "is empty", "is zero",
        "negative",     "top up",     "add more",  "reached", "exceed",   "consumed",
        "insufficient", "no credits", "out of",    NULL};
    static const char *const barred[] = {
        "suspend",      "disabled",    "deactivat",     "revoked",     "blocked",
        "banned",       "barred",      "not active",    "inactive",    "terminated",
        "expired",      "frozen",      "locked",        "on hold",     "unpaid",
        "under review", "not offered", "not activated", "been closed", NULL};
    if (has_any(text,
                WORDS("top up your", "recharge your", "add credits", "buy credits",
                      "choose a plan", "upgrade to a paid", "past due", "unpaid invoice",
                      "\xE5\x85\x85\xE5\x80\xBC")) || /* recharge */
        is_said(text,
                WORDS("balance", "credit", "wallet", "subscription", "prepaid", "trial",
                      "invoice", "payment", "your card", "funds", "your plan", "licence",
                      "license"),
                spent))
        return BLAME_MONEY;
    if (is_said(text,
                WORDS("daily", "weekly", "monthly", "hourly", "quota", "allowance",
                      "budget", "spending"),
                spent) &&
        !str_contains_nocase(text, STR("context")))
        return BLAME_QUOTA;
    if (has_any(text, WORDS("verify your", "not enrolled", "not whitelisted")))
        return BLAME_ACCOUNT;
    if (is_said(text, WORDS("api key", "api token", "access token", "your key"), barred))
        return BLAME_KEY;
    if (is_said(text,
                WORDS("account", "workspace", "tenant", "organization", "organisation",
                      "your project", "your team", "your access", "country", "region",
                      "jurisdiction", "territor"),
                barred))
        return BLAME_ACCOUNT;
    return BLAME_NOBODY;
}

enum blame statement_of_model(struct str text)
{
    if (is_said(text, WORDS("model", "deployment"),
                WORDS("starting up", "is starting", "start it first", "being pulled",
                      "being downloaded", "still downloading", "waking up",
                      "being deployed", "being provisioned", "not in memory")))
        return BLAME_LOADING;
    if (is_said(text, WORDS("model", "deployment", "checkpoint"),
                WORDS("sunset", "deactivat", "not resolve", "n't resolve",
                      "no deployment", "withdrawn", "offline", "paused", "is stopped",
                      "been stopped", "scaled to zero", "not registered", "archived",
                      "been disabled", "is disabled", "suspended", "no longer offered",
                      "not serve", "maintenance", "no instance", "no worker",
                      "not active")))
        return BLAME_MODEL;
    return BLAME_NOBODY;
}

/* A size that is given in other things than tokens is no context. */
static bool is_of_other_size(struct str text)
{
    return has_any(text, WORDS("image", "audio", "picture", "file", "video", "pixel",
                               "megabyte", " mb", "bytes", "logit_bias", "schema"));
}

enum blame statement_of_context(struct str text)
{
    /* With a blank: messages[3].name is one member of one message. */
    static const char *const prompts[] = {"prompt",
                                          "input ",
                                          "messages ",
                                          "conversation",
                                          "dialog",
                                          "history",
                                          "context",
                                          "your request",
                                          "\xE4\xB8\x8A\xE4\xB8\x8B\xE6\x96\x87",
                                          "\xE8\xBE\x93\xE5\x85\xA5",
                                          NULL}; /* context, input */
    static const char *const longer[] = {"too long",
                                         "too large",
                                         "too big",
                                         "longer than",
                                         "greater than",
                                         "larger than",
                                         "bigger than",
                                         "too many tokens",
                                         "not fit",
                                         "n't fit",
                                         "is full",
                                         "shorter",
                                         "trop long",
                                         "zu lang",
                                         "demasiado larg",
                                         "troppo lung",
                                         "muito long",
                                         "\xE8\xBF\x87\xE9\x95\xBF",
                                         "\xE5\xA4\xAA\xE9\x95\xBF",
                                         "\xE8\xB6\x85\xE8\xBF\x87",
                                         "\xE8\xB6\x85\xE5\x87\xBA",
                                         NULL}; /* too long (twice), more than (twice) */
    static const char *const bounds[] = {"limit",    "maximum", "at most", "above",
                                         "over the", "only ",   "accepts", "no more than",
                                         "window",   NULL};
    if (is_of_other_size(text))
        return BLAME_NOBODY;
    if (is_said(text, prompts, longer))
        return BLAME_CONTEXT;
    bool has_tokens = is_said(text, prompts, WORDS("tokens"));
    return has_tokens && is_said(text, WORDS("token"), bounds) ? BLAME_CONTEXT
                                                               : BLAME_NOBODY;
}

bool statement_is_of_request(struct str text)
{
    return has_any(
        text,
        WORDS("_", "bad", "permit", "message", "role", "content", "tool", "function",
              "schema", "grammar", "image", "audio", "file", "json", "token", "stop",
              "seed", "prob", "temperature", "top", "penalty", "param", "argument",
              "field", "value", "required", "missing", "expect", "must ", "type",
              "format", "pars", "template", "body", "property", "input", "prompt",
              "request", "policy", "policies", "safety", "unsafe", "flagged", "moderat",
              "harm", "inappropriate", "violat", "sensitive", "block", "filter", "length",
              "invalid", "support", "name", "string", "number", "array", "object",
              "integer", "syntax", "encod", "utf", "url", "base64", "choice", "stream",
              "system", "user", "assistant", "turn", "reason", "effort", "think", "index",
              "limit", "guideline", "prohibit", "metadata", "refus", "allowed", "terms",
              "\xE6\x95\x8F\xE6\x84\x9F",
              "\xE8\xBF\x9D\xE8\xA7\x84", /* sensitive, against rules */
              "\xE5\xAE\x89\xE5\x85\xA8",
              "\xE5\x86\x85\xE5\xAE\xB9",   /* safety, content */
              "\xE5\x8F\x82\xE6\x95\xB0")); /* parameter */
}

bool statement_is_of_form(struct str text)
{
    /* An engine that finds a fault in what it made itself is at fault itself. */
    static const char *const own[] = {"response validation",
                                      "responsevalidation",
                                      "response_model",
                                      "for response",
                                      "completionresponse",
                                      "for chatcompletion ",
                                      NULL};
    if (has_any(text, own))
        return false;
    return has_any(text,
                   WORDS("validation error", "validationerror", "input should be",
                         "value is not a valid", "field required", "roles must alternate",
                         "roles are supported", "role is supported")) ||
           is_said(text, WORDS("grammar", "schema", "regex"),
                   WORDS("failed to parse", "not parse", "n't parse", "invalid",
                         "unsupported", "unrecognized", "malformed"));
}
