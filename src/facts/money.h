/* money.h -- decimal money: integers all the way, never floating point.
 *
 * Two units.  A price is pico-dollars (1e-12 USD) for one token: a list price of
 * $2.50 for a million tokens is 2,500,000 pico-dollars a token, exactly, and six
 * decimals of a per-million price are kept.  A sum is nano-dollars (1e-9 USD), as in
 * the ledger; int64_t holds 9.2 billion dollars of them.  Products are formed in 128
 * bits and rounded half up once, at the end. */
#ifndef WEIR_FACTS_MONEY_H
#define WEIR_FACTS_MONEY_H

#include "core/err.h"
#include "core/str.h"

#define NANOUSD_PER_USD INT64_C(1000000000)

__extension__ typedef __int128 money_wide;

/* "12.34" (no sign, no exponent, at most `decimals` places) as an integer of units of
 * 10^-decimals.  -1 on anything else or overflow; `field` is named in the fault. */
int money_parse(struct str text, unsigned decimals, const char *field, int64_t *ret,
                struct err *err);

/* "0.075" USD for a million tokens -> 75000 pico-dollars a token. */
int money_parse_per_million(struct str text, const char *field, int64_t *ret_pico,
                            struct err *err);
/* "1600" or "0.12" USD -> nano-dollars. */
int money_parse_usd(struct str text, const char *field, int64_t *ret_nanousd,
                    struct err *err);

/* wide / divisor, rounded half away from zero; -1 past int64_t. */
int money_round(money_wide wide, int64_t divisor, const char *field, int64_t *ret,
                struct err *err);

/* "$1,234.56" with `places` decimals (0..9), rounded half away from zero. */
enum { MONEY_TEXT = 40 };
void money_format(int64_t nanousd, unsigned places, char out[MONEY_TEXT]);
/* Plain exact decimal for JSON: "2.025", "-0.000000001", "0". */
void money_decimal(int64_t nanousd, char out[MONEY_TEXT]);
/* A price in USD for a million tokens: "0.075". */
void money_decimal_per_million(int64_t pico_per_token, char out[MONEY_TEXT]);

#endif
