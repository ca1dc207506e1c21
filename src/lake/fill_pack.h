/* fill_pack.h: a fill as a few dozen packed bytes, for sorting and spilling.
 *
 * The form is private to one process: nothing packed outlives the run that packed it.
 */
#ifndef VIGIL_LAKE_FILL_PACK_H
#define VIGIL_LAKE_FILL_PACK_H

#include "model/fill.h"

/* A fill with its texts packs into at most this many bytes plus the length of `extra`. */
#define FILL_PACK_MAX 1600

/* Writes the fill to out, which has room for FILL_PACK_MAX + extra bytes; returns the length. */
size_t fill_pack(const struct fill *fill, uint8_t *out);

/* Reads it back; slices point into the packed bytes. Returns the length. */
size_t fill_unpack(const uint8_t *in, struct fill *fill);

#endif
