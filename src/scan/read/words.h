/* words.h -- the words of a line before a value, and what a value behind them may be:
 * shared by lines.c and its parts; inside read/ only. */
#ifndef WEIR_SCAN_READ_WORDS_H
#define WEIR_SCAN_READ_WORDS_H

#include "scan/read/inside.h"

enum { MAX_LABEL_WORDS = 6 };

/* The last words of a line so far, the nearest last. */
struct words {
    struct piece v[MAX_LABEL_WORDS + 2];
    size_t n;
};

/* Stand between: "password is x", "Passwort lautet x", "mot de passe est x". */
bool is_copula(struct str s);
/* Words that link in one language and mean something else in English: "hasło to x",
 * "salasana on x"; not behind an English name. */
bool is_copula_abroad(struct str s, struct str name);
/* "the password for ..." asks for one as a question does. */
bool asks_for(struct str s);
/* Capitals, small letters and digits: behind a word that may be a verb. */
bool is_strong(struct str s);
struct piece without_marks(const struct reader *r, struct piece p);

/* line_accounts.c: an account and its password.  `v` is the word behind `w`. */
void read_account(struct reader *r, const struct words *w, struct piece v);
void read_used(struct reader *r, const struct line *l, const struct words *w,
               struct piece v);
void read_creds(struct reader *r, const struct words *w, struct piece v);
void read_login(struct reader *r, struct piece v);

/* said.c: an ordinary word behind "the password is", that ends its sentence. */
void read_stated_word(struct reader *r, const struct line *l, const struct words *w,
                      struct piece word);

/* line_codes.c: answers to "what is the code?", and codes of doors and devices. */
void read_answer(struct reader *r, const struct words *w, struct piece v);
void read_answer_alone(struct reader *r, const struct line *l, struct piece v);
void read_bare_code(struct reader *r, const struct words *w, struct piece v);
void read_use(struct reader *r, const struct line *l, const struct words *w,
              struct piece v);
void read_opening(struct reader *r, const struct words *w, struct piece v);
void read_keypad(struct reader *r, const struct line *l, struct piece v);

#endif
