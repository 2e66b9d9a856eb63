/* corners.h -- addresses that two streets make; inside scan/ only. */
#ifndef WEIR_SCAN_NAMES_CORNERS_H
#define WEIR_SCAN_NAMES_CORNERS_H

#include "scan/detect.h"

/* "the corner of Linden Ave and Rosenweg 2", "return to Paseo 40 and Calle Mayor": one
 * address, from the corner's word to the end of the second street. */
void join_corners(struct window *w);

#endif
