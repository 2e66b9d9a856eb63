/* whole_address.h -- addresses are taken whole; inside scan/ only.
 *
 * A rule or the tagger often sees a street and a number.  The town, the country and the
 * code on the lines below would leave readable, and with them where somebody lives. */
#ifndef WEIR_SCAN_NAMES_WHOLE_ADDRESS_H
#define WEIR_SCAN_NAMES_WHOLE_ADDRESS_H

#include "scan/detect.h"

/* Stretches the addresses found over the parts that follow them, up to a country or a
 * postcode.  Of a block that stands alone the places stay places (is_part). */
void take_addresses_whole(struct window *w);

#endif
