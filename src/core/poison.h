/* poison.h -- marks memory that nobody may touch now: a build with AddressSanitizer ends
 * there, any other build costs nothing. */
#ifndef WEIR_CORE_POISON_H
#define WEIR_CORE_POISON_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEIR_HAS_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WEIR_HAS_ASAN 1
#endif

#ifdef WEIR_HAS_ASAN
#include <sanitizer/asan_interface.h>
#define memory_close(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define memory_open(p, n)  ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define memory_close(p, n) ((void)(p), (void)(n))
#define memory_open(p, n)  ((void)(p), (void)(n))
#endif

#endif
