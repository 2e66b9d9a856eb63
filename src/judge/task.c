/* task.c -- does this task end in an answer that can be compared?
 *
 * The words were chosen from how people and exams ask, not from one set: a question for
 * a quantity, listed choices, an assertion to complete.  English, and for quantities the
 * commonest words of five more languages. */
#include "judge/task.h"

#include "judge/asked.h"
#include "judge/find.h"

enum { HEAD_BYTES = 4096 };

enum {
    ASKS_QUANTITY = 1,
    ASKS_PROSE = 2,
    ASKS_CODE = 4,
    ASKS_LITERAL = 8,
    ASKS_JSON = 16
};
static const struct {
    const char *words;
    unsigned asks;
} phrases[] = {
    {"how many", ASKS_QUANTITY},
    {"how much", ASKS_QUANTITY},
    {"how old", ASKS_QUANTITY},
    {"how long", ASKS_QUANTITY},
    {"how far", ASKS_QUANTITY},
    {"how tall", ASKS_QUANTITY},
    {"how fast", ASKS_QUANTITY},
    {"how large is", ASKS_QUANTITY},
    {"how often", ASKS_QUANTITY},
    {"what is the value of", ASKS_QUANTITY},
    {"what is the sum", ASKS_QUANTITY},
    {"what is the square root", ASKS_QUANTITY},
    {"what is half of", ASKS_QUANTITY},
    {"what is twice", ASKS_QUANTITY},
    {"what is the number", ASKS_QUANTITY},
    {"what is the total", ASKS_QUANTITY},
    {"what is the product", ASKS_QUANTITY},
    {"what is the least", ASKS_QUANTITY},
    {"what is the greatest", ASKS_QUANTITY},
    {"what is the smallest", ASKS_QUANTITY},
    {"what is the largest", ASKS_QUANTITY},
    {"what is the probability", ASKS_QUANTITY},
    {"what is the area", ASKS_QUANTITY},
    {"what is the volume", ASKS_QUANTITY},
    {"what is the length", ASKS_QUANTITY},
    {"what is the average", ASKS_QUANTITY},
    {"what is the perimeter", ASKS_QUANTITY},
    {"what is the remainder", ASKS_QUANTITY},
    {"what is the median", ASKS_QUANTITY},
    {"what is the ratio", ASKS_QUANTITY},
    {"what is the measure", ASKS_QUANTITY},
    {"what is the maximum", ASKS_QUANTITY},
    {"what is the minimum", ASKS_QUANTITY},
    {"what percent", ASKS_QUANTITY},
    {"what fraction", ASKS_QUANTITY},
    {"calculate", ASKS_QUANTITY},
    {"compute", ASKS_QUANTITY},
    {"evaluate", ASKS_QUANTITY},
    {"find the value", ASKS_QUANTITY},
    {"find the sum", ASKS_QUANTITY},
    {"find the number", ASKS_QUANTITY},
    {"find the least", ASKS_QUANTITY},
    {"find the smallest", ASKS_QUANTITY},
    {"find the largest", ASKS_QUANTITY},
    {"find the greatest", ASKS_QUANTITY},
    {"find the area", ASKS_QUANTITY},
    {"find the volume", ASKS_QUANTITY},
    {"find the length", ASKS_QUANTITY},
    {"find the product", ASKS_QUANTITY},
    {"find the remainder", ASKS_QUANTITY},
    {"find the maximum", ASKS_QUANTITY},
    {"find the minimum", ASKS_QUANTITY},
    {"find the probability", ASKS_QUANTITY},
    {"find the average", ASKS_QUANTITY},
    {"find the total", ASKS_QUANTITY},
    {"determine the value", ASKS_QUANTITY},
    {"determine the number", ASKS_QUANTITY},
    {"solve for", ASKS_QUANTITY},
    {"in degrees", ASKS_QUANTITY},
    {"in dollars", ASKS_QUANTITY},
    {"in cents", ASKS_QUANTITY},
    {"simplify", ASKS_QUANTITY},
    {"how wide", ASKS_QUANTITY},
    {"how late", ASKS_QUANTITY},
    {"how heavy", ASKS_QUANTITY},
    {"how deep", ASKS_QUANTITY},
    {"how high", ASKS_QUANTITY},
    {"how big", ASKS_QUANTITY},
    {"what is the amount", ASKS_QUANTITY},
    {"what is the height", ASKS_QUANTITY},
    {"what is the distance", ASKS_QUANTITY},
    {"what is the speed", ASKS_QUANTITY},
    {"what is the cost", ASKS_QUANTITY},
    {"what is the price", ASKS_QUANTITY},
    {"what is the age", ASKS_QUANTITY},
    {"what is the weight", ASKS_QUANTITY},
    {"what is the width", ASKS_QUANTITY},
    {"what is the percentage", ASKS_QUANTITY},
    {"what is the combined", ASKS_QUANTITY},
    {"what is four", ASKS_QUANTITY},
    {"what is his", ASKS_QUANTITY},
    {"what is her", ASKS_QUANTITY},
    {"what is their", ASKS_QUANTITY},
    {"percentage", ASKS_QUANTITY},
    {"\\boxed{", ASKS_QUANTITY},
    {"find $", ASKS_QUANTITY},
    {"what integer", ASKS_QUANTITY},
    {"what number", ASKS_QUANTITY},
    {"wie viele", ASKS_QUANTITY},
    {"wie viel", ASKS_QUANTITY},
    {"berechne", ASKS_QUANTITY},
    {"combien", ASKS_QUANTITY},
    {"calculez", ASKS_QUANTITY},
    {"cuántos", ASKS_QUANTITY},
    {"cuántas", ASKS_QUANTITY},
    {"cuánto", ASKS_QUANTITY},
    {"calcula", ASKS_QUANTITY},
    {"quanti ", ASKS_QUANTITY},
    {"quante ", ASKS_QUANTITY},
    {"quanto ", ASKS_QUANTITY},
    {"quantos", ASKS_QUANTITY},
    {"calcola", ASKS_QUANTITY},
    {"сколько", ASKS_QUANTITY},
    {"Сколько", ASKS_QUANTITY},
    {"多少", ASKS_QUANTITY},
    {"几个", ASKS_QUANTITY},
    {"いくつ", ASKS_QUANTITY},
    {"いくら", ASKS_QUANTITY},
    /* At the beginning of a sentence: then how much is no question for a number. */
    {"write ", ASKS_PROSE},
    {"explain", ASKS_PROSE},
    {"describe", ASKS_PROSE},
    {"summari", ASKS_PROSE},
    {"translate", ASKS_PROSE},
    {"discuss", ASKS_PROSE},
    {"compare ", ASKS_PROSE},
    {"outline", ASKS_PROSE},
    {"brainstorm", ASKS_PROSE},
    {"recommend", ASKS_PROSE},
    {"draft ", ASKS_PROSE},
    {"compose ", ASKS_PROSE},
    {"list ", ASKS_PROSE},
    {"give me some", ASKS_PROSE},
    {"give me a list", ASKS_PROSE},
    {"suggest", ASKS_PROSE},
    {"tell me", ASKS_PROSE},
    {"rewrite", ASKS_PROSE},
    {"proofread", ASKS_PROSE},
    {"paraphrase", ASKS_PROSE},
    {"schreib", ASKS_PROSE},
    {"erklär", ASKS_PROSE},
    {"beschreib", ASKS_PROSE},
    {"écris", ASKS_PROSE},
    {"explique", ASKS_PROSE},
    {"escribe", ASKS_PROSE},
    {"explica", ASKS_PROSE},
    {"write a function", ASKS_CODE},
    {"write a python", ASKS_CODE},
    {"write a program", ASKS_CODE},
    {"write a script", ASKS_CODE},
    {"write a query", ASKS_CODE},
    {"write an sql", ASKS_CODE},
    {"write a sql", ASKS_CODE},
    {"write code", ASKS_CODE},
    {"implement a", ASKS_CODE},
    {"implement the", ASKS_CODE},
    {"python function that", ASKS_CODE},
    {"function that takes", ASKS_CODE},
    {"write a class", ASKS_CODE},
    {"write a bash", ASKS_CODE},
    {"write a shell", ASKS_CODE},
    {"write a regex", ASKS_CODE},
    {"write a regular expression", ASKS_CODE},
    {"write a javascript", ASKS_CODE},
    {"write a method", ASKS_CODE},
    {"complete the function", ASKS_CODE},
    {"def solve", ASKS_CODE},
    {"== ??", ASKS_LITERAL},
    {"output of this code", ASKS_LITERAL},
    {"output of the code", ASKS_LITERAL},
    {"output of the following", ASKS_LITERAL},
    {"what does this code print", ASKS_LITERAL},
    {"what does this program print", ASKS_LITERAL},
    {"what is printed", ASKS_LITERAL},
    {"what will be printed", ASKS_LITERAL},
    {"what will be the output", ASKS_LITERAL},
    {"what does the following code", ASKS_LITERAL},
    {"what does this function return", ASKS_LITERAL},
    {"complete the assertion", ASKS_LITERAL},
    {"return value of", ASKS_LITERAL},
    {"what does the code print", ASKS_LITERAL},
    {"what does this code output", ASKS_LITERAL},
    {"as json", ASKS_JSON},
    {"in json", ASKS_JSON},
    {"json object", ASKS_JSON},
    {"json array", ASKS_JSON},
    {"json format", ASKS_JSON},
    {"valid json", ASKS_JSON},
    {"return json", ASKS_JSON},
    {"output json", ASKS_JSON},
    {"respond with json", ASKS_JSON},
    {"only json", ASKS_JSON},
    {"als json", ASKS_JSON},
};

/* Does s begin with the phrase?  "what's" is "what is". */
static bool begins(struct str s, const char *phrase)
{
    static const char *const short_forms[] = {"what's", "what\xe2\x80\x99s", "whats"};
    if (find_starts(s, phrase))
        return true;
    if (strncmp(phrase, "what is ", 8) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(short_forms); i++)
        if (find_starts(s, short_forms[i]) &&
            find_starts(str_sub(s, strlen(short_forms[i]), s.n), phrase + 7))
            return true;
    return false;
}

/* Which of the phrases are in s: one pass, and at each beginning of a word only the
 * phrases with the same first byte. */
static unsigned asks_in(struct str s)
{
    uint8_t first[256] = {0}, next[ARRAY_LEN(phrases) + 1];
    unsigned found = 0;
    _Static_assert(ARRAY_LEN(phrases) < 255, "a phrase's number is one byte");
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        unsigned char c = (unsigned char)phrases[i].words[0];
        next[i + 1] = first[c];
        first[c] = (uint8_t)(i + 1);
    }
    bool in_word = false, is_first = true; /* of a sentence */
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_ascii_letter = (unsigned char)((c | 0x20) - 'a') < 26;
        if (!in_word || c >= 0xc0) {
            unsigned char low = is_ascii_letter ? c | 0x20 : c;
            for (unsigned w = first[low]; w; w = next[w])
                if (!(found & phrases[w - 1].asks) &&
                    (is_first || phrases[w - 1].asks != ASKS_PROSE) &&
                    begins((struct str){s.p + i, s.n - i}, phrases[w - 1].words))
                    found |= phrases[w - 1].asks;
        }
        in_word = is_ascii_letter;
        is_first = is_one_of((char)c, ".!?:\n\"*->") ||
                   (is_first && !in_word && c < 0x80 && !is_digit((char)c));
    }
    return found;
}

/* A word problem gives numbers, as digits or as words. */
static bool has_numbers(struct str s)
{
    static const char *const words[] = {"two",   "three", "four",  "five",    "six",
                                        "seven", "eight", "nine",  "ten",     "twelve",
                                        "half",  "twice", "dozen", "hundred", "double"};
    size_t which;
    for (size_t i = 0; i < s.n; i++)
        if (is_digit(s.p[i]))
            return true;
    return find_last_any(s, words, ARRAY_LEN(words), &which) >= 0;
}

struct task_facts task_of(struct str prompt, bool has_json_format)
{
    struct str end =
        str_sub(prompt, prompt.n > HEAD_BYTES ? prompt.n - HEAD_BYTES : 0, prompt.n);
    unsigned nchoices = asked_choices(end);
    if (nchoices >= 2)
        return (struct task_facts){TASK_LETTER, nchoices};
    unsigned late = asks_in(end), asks = late;
    if (end.n < prompt.n)
        asks |= asks_in(str_sub(prompt, 0, HEAD_BYTES));
    if (asks & ASKS_LITERAL)
        return (struct task_facts){TASK_LITERAL, 0};
    if (asks & ASKS_CODE)
        return (struct task_facts){TASK_CODE, 0};
    if (!(asks & ASKS_PROSE) &&
        (((late & ASKS_QUANTITY) && has_numbers(end)) || asked_sum(end)))
        return (struct task_facts){TASK_NUMBER, 0};
    if (has_json_format || (asks & ASKS_JSON))
        return (struct task_facts){TASK_JSON, 0};
    return (struct task_facts){TASK_OPEN, 0};
}

const char *task_name(enum task t)
{
    static const char *const names[TASK_COUNT] = {"open", "number",  "letter",
                                                  "json", "literal", "code"};
    return names[t];
}
