/* compiler.h -- the few compiler words weir uses, each with one meaning. */
#ifndef WEIR_CORE_COMPILER_H
#define WEIR_CORE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODISCARD         __attribute__((warn_unused_result))
#define PRINTF_LIKE(a, b) __attribute__((format(printf, a, b)))
#define LIKELY(x)         __builtin_expect(!!(x), 1)
#define UNLIKELY(x)       __builtin_expect(!!(x), 0)
/* For what is seldom done: inlined, it would cost room and registers on the common way.
 */
#define NOINLINE __attribute__((noinline))
/* For what is little once its constant arguments are known. */
#define ALWAYS_INLINE __attribute__((always_inline)) inline
#define ARRAY_LEN(a)  (sizeof(a) / sizeof((a)[0]))

/* The struct of type T that holds member M at address P. */
#define CONTAINER_OF(p, T, m) ((T *)(void *)((char *)(p)-offsetof(T, m)))

#endif
