/* read.c -- a request's question and an engine's answer, as the judge wants them. */
#include "judge/judge.h"
#include "json/scan.h"

static struct str join_texts(const struct message *m, struct arena *arena)
{
    struct str *pieces = arena_array(arena, struct str, 2 * m->npieces + 1);
    size_t n = 0;
    if (!pieces)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < m->npieces; i++) {
        if (m->pieces[i].kind != PIECE_TEXT)
            continue;
        if (n)
            pieces[n++] = STR("\n");
        pieces[n++] = piece_plain(&m->pieces[i], arena);
    }
    return n == 1 ? pieces[0] : n ? arena_join(arena, pieces, n) : STR("");
}

int judge_read_question(const struct conversation *c, struct arena *arena,
                        struct judge_question *ret)
{
    *ret = (struct judge_question){.prompt = STR(""),
                                   .format = c->format,
                                   .schema = c->schema,
                                   .tools = c->tools,
                                   .ntools = c->ntools,
                                   .choice = c->choice,
                                   .choice_name = c->choice_name};
    for (size_t i = c->nmessages; i-- > 0;)
        if (c->messages[i].speaker == SPEAKER_USER) {
            ret->prompt = join_texts(&c->messages[i], arena);
            break;
        }
    return ret->prompt.p ? 0 : -1;
}

static enum finish_reason finish_of(struct json_string s)
{
    return json_string_is(s, "stop")             ? FINISH_STOP
           : json_string_is(s, "length")         ? FINISH_LENGTH
           : json_string_is(s, "tool_calls")     ? FINISH_TOOL_CALLS
           : json_string_is(s, "function_call")  ? FINISH_TOOL_CALLS
           : json_string_is(s, "content_filter") ? FINISH_CONTENT_FILTER
                                                 : FINISH_OTHER;
}

static struct str read_text(struct json_cur *c, struct arena *arena)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING) {
        json_skip(c, NULL); /* null, or parts that no judge reads */
        return STR("");
    }
    return json_read_string(c, &s) ? json_unescape(arena, s) : STR("");
}

static void read_call(struct json_cur *c, struct arena *arena, struct tool_call *ret)
{
    struct json_string key;
    *ret = (struct tool_call){.id = STR(""), .name = STR(""), .arguments = STR("")};
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &key)) {
        if (json_string_is(key, "id")) {
            ret->id = read_text(c, arena);
        } else if (!json_string_is(key, "function")) {
            json_skip(c, NULL);
        } else if (json_object_or_skip(c)) {
            while (json_next_member(c, &key))
                if (json_string_is(key, "name"))
                    ret->name = read_text(c, arena);
                else if (json_string_is(key, "arguments") && json_peek(c) == JSON_STRING)
                    ret->arguments = read_text(c, arena);
                else if (json_string_is(key, "arguments"))
                    json_skip(c, &ret->arguments);
                else
                    json_skip(c, NULL);
        }
    }
}

static void read_calls(struct json_cur *c, struct arena *arena, struct judge_answer *ret)
{
    struct json_cur count = *c;
    size_t n = 0;
    if (!json_array_or_skip(c))
        return;
    json_enter_array(&count);
    while (json_next_element(&count) && json_skip(&count, NULL))
        n++;
    struct tool_call *calls = arena_array(arena, struct tool_call, n + 1);
    while (json_next_element(c)) {
        if (calls && ret->ncalls < n)
            read_call(c, arena, &calls[ret->ncalls++]);
        else
            json_skip(c, NULL);
    }
    ret->calls = calls;
}

static void read_message(struct json_cur *c, struct arena *arena,
                         struct judge_answer *ret)
{
    struct json_string key;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &key))
        if (json_string_is(key, "content"))
            ret->text = read_text(c, arena);
        else if (json_string_is(key, "refusal"))
            ret->refusal = read_text(c, arena);
        else if (json_string_is(key, "tool_calls"))
            read_calls(c, arena, ret);
        else
            json_skip(c, NULL);
}

static void read_logprobs(struct json_cur *c, struct arena *arena,
                          struct judge_answer *ret)
{
    struct str raw;
    struct logprobs *l = arena_new(arena, struct logprobs);
    if (json_skip(c, &raw) && l && logprobs_read(l, raw) > 0)
        ret->logprobs = l;
}

static void read_choice(struct json_cur *c, struct arena *arena, struct judge_answer *ret)
{
    struct json_string key, s;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &key))
        if (json_string_is(key, "message"))
            read_message(c, arena, ret);
        else if (json_string_is(key, "text"))
            ret->text = read_text(c, arena);
        else if (json_string_is(key, "logprobs"))
            read_logprobs(c, arena, ret);
        else if (json_string_is(key, "finish_reason") && json_peek(c) == JSON_STRING &&
                 json_read_string(c, &s))
            ret->finish = finish_of(s);
        else
            json_skip(c, NULL);
}

int judge_read_answer(struct str body, struct arena *arena, struct judge_answer *ret,
                      struct err *err)
{
    struct json_cur c;
    struct json_string key;
    bool has_choice = false;
    *ret = (struct judge_answer){.text = STR(""), .refusal = STR("")};
    json_begin(&c, body);
    json_enter_object(&c);
    while (json_next_member(&c, &key)) {
        if (!json_string_is(key, "choices") || !json_array_or_skip(&c)) {
            if (!json_string_is(key, "choices"))
                json_skip(&c, NULL);
            continue;
        }
        while (json_next_element(&c)) {
            if (has_choice)
                json_skip(&c, NULL);
            else
                read_choice(&c, arena, ret);
            has_choice = true;
        }
    }
    if (arena->is_full)
        return err_nomem(err);
    if (json_finish(&c, NULL) != 0 || !has_choice)
        return err_set(err, ERR_UPSTREAM, "no_answer",
                       "the engine's answer has no choice that could be judged");
    return 0;
}
