/* sign.h -- what the simulated model signs: made of a text, known again, and nobody
 * else's.  20 letters of base64. */
#ifndef WEIR_SIM_SIGN_H
#define WEIR_SIM_SIGN_H

#include "core/buf.h"

enum { SIM_SIGNATURE_BYTES = 20 };

/* Appends the signature of the text. */
void sim_sign(struct str text, struct buf *out);
/* It is of this text. */
bool sim_signed(struct str text, struct str signature);
/* It is one of the simulator's, of any text. */
bool sim_is_signature(struct str s);

/* The whole `"reasoning_details":[...]`, a member of a delta or message in weir's form
 * (dialect/seal.h): of a thought, or of the call with this id and name. */
void sim_seal_thought(struct str thought, struct buf *out);
void sim_seal_call(uint64_t id, struct str name, struct buf *out);
/* Appends the bytes of an answer with the signature alone where a dialect has written
 * such a seal, as the vendor would send it. */
void sim_unseal(struct str bytes, struct buf *out);

#endif
