/* faults.c -- the list of what is wrong with a file, in the order of its lines. */
#include "config/faults.h"

#include "config/tree.h"
#include "core/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FAULTS_ARENA_BYTES = 4 << 20, MAX_FAULTS = 1000 };

void config_faults_init(struct config_faults *f)
{
    *f = (struct config_faults){.items = NULL};
    arena_init(&f->arena, FAULTS_ARENA_BYTES);
}

void config_faults_release(struct config_faults *f)
{
    mem_free(f->items);
    arena_reset(&f->arena);
    f->items = NULL;
    f->n = f->nerrors = f->cap = 0;
}

static void add(struct config_faults *f, struct config_fault fault)
{
    f->nerrors += !fault.is_warning;
    if (f->n == MAX_FAULTS)
        return;
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 16;
        struct config_fault *items = mem_realloc(f->items, cap * sizeof *items);
        if (!items)
            return; /* still counted, so the file is still refused */
        f->items = items;
        f->cap = cap;
    }
    f->items[f->n++] = fault;
}

static struct str format(struct config_faults *f, const char *fmt, va_list ap)
{
    char text[512];
    vsnprintf(text, sizeof text, fmt, ap);
    /* What it quotes may hold anything; a terminal must not obey it. */
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    struct str s = arena_strdup(&f->arena, str_of(text));
    return s.p ? s : STR("a fault (and no memory to describe it)");
}

void fault_at(struct config_faults *f, const struct ynode *n, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str text = format(f, fmt, ap);
    va_end(ap);
    add(f, (struct config_fault){n ? n->line : 0, n ? n->column : 0, text, false});
}

void warn_at(struct config_faults *f, const struct ynode *n, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str text = format(f, fmt, ap);
    va_end(ap);
    add(f, (struct config_fault){n ? n->line : 0, n ? n->column : 0, text, true});
}

void fault_at_line(struct config_faults *f, unsigned line, unsigned column,
                   const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str text = format(f, fmt, ap);
    va_end(ap);
    add(f, (struct config_fault){line, column, text, false});
}

void config_fault_add(struct config_faults *f, unsigned line, unsigned column,
                      const char *text)
{
    fault_at_line(f, line, column, "%s", text);
}

void config_warning_add(struct config_faults *f, const char *text)
{
    warn_at(f, NULL, "%s", text);
}

static int by_place(const void *a, const void *b)
{
    const struct config_fault *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return strcmp(x->text.p, y->text.p); /* qsort keeps no order of its own */
}

void faults_sort(struct config_faults *f)
{
    if (f->n)
        qsort(f->items, f->n, sizeof *f->items, by_place);
}

void config_faults_print(const struct config_faults *f, const char *path, struct buf *out)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct config_fault *x = &f->items[i];
        buf_append(out, str_of(path));
        if (x->line)
            buf_printf(out, ":%u:%u", x->line, x->column);
        buf_append(out, x->is_warning ? STR(": warning: ") : STR(": error: "));
        buf_append(out, x->text);
        buf_byte(out, '\n');
    }
}
