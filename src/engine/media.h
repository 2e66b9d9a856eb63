/* media.h -- inside engine/: what pictures and files in a request are.  Clients leave
 * their type out, or call it otherwise than providers do. */
#ifndef WEIR_ENGINE_MEDIA_H
#define WEIR_ENGINE_MEDIA_H

#include "core/arena.h"

/* "image/png": as it is called ("image/jpg" is image/jpeg), without parameters; else by
 * how its base64 begins, or by its name's end; else empty. */
struct str piece_type_of(struct str said, struct str base64, struct str name);

/* What base64 of any alphabet stands for, in the arena; p == NULL: it is none, or no
 * memory (a->is_full, or nothing). */
struct str base64_text(struct str base64, struct arena *a);

#endif
