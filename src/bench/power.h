/* power.h -- what this machine draws while a load runs, where it says so.
 *
 * RAPL: the energy counters of processor packages and of their memory, where Linux shows
 * them as files (powercap).  They are microjoules that begin anew at a maximum, so they
 * are looked at while the run goes on.  nvidia-smi: the watts of each card, four times a
 * second; their mean times the time is the energy.  What else the machine draws (its
 * power supply, disks, screens) is in neither.
 *
 * Sources: Linux, Documentation/power/powercap/powercap.rst; nvidia-smi --help-query-gpu
 * (power.draw). */
#ifndef WEIR_BENCH_POWER_H
#define WEIR_BENCH_POWER_H

#include "core/err.h"

struct bench_power; /* opaque: power.c */

enum { BENCH_POWER_WORDS = 160 };
struct bench_energy {
    double joules, seconds;        /* NAN: unknown */
    double idle_watts;             /* drawn before anything was asked; NAN: unknown */
    char words[BENCH_POWER_WORDS]; /* what counted it, or why nobody did */
};

/* powercap: the folder that holds intel-rapl:0; smi: the words of the shell that print
 * "index, watts" of each card again and again.  NULL: the usual ones.  Returns NULL when
 * memory is out; a machine without a meter is no error. */
struct bench_power *bench_power_open(const char *powercap, const char *smi);
void bench_power_close(struct bench_power *p); /* NULL is fine */
bool bench_power_is_there(const struct bench_power *p);

/* What it draws now, over so many milliseconds in which nobody asks anything. */
void bench_power_idle(struct bench_power *p, unsigned ms);
void bench_power_begin(struct bench_power *p);
/* To be called often; it looks about once a second, and waits for nothing. */
void bench_power_look(struct bench_power *p);
/* What was drawn since bench_power_begin(). */
void bench_power_end(struct bench_power *p, struct bench_energy *ret);

#endif
