/* files.h -- inside guard/: texts that stand in a body as files, in base64 or in a data:
 * URL with its signs as %XX.
 *
 * One tag in the place of such a file would take all of it along.  So its text is masked
 * as any other, and encoded again. */
#ifndef WEIR_GUARD_FILES_H
#define WEIR_GUARD_FILES_H

#include "guard/screen.h"

/* Fills `instead` of each span that is a file, in the arena, and counts what was masked
 * in it.  -1: ERR_INTERNAL "unmaskable", with the byte where it stands, when what is in
 * one cannot be masked or written again as it was; or what mask_body() says. */
int mask_files(const struct screen_input *in, const struct body_scan *b, struct vault *v,
               struct mask_span *spans, size_t n, struct arena *a,
               struct mask_counts *counts, uint32_t *ret_bad_at, struct err *err);

#endif
