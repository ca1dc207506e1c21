/* fill_print.h: a fill back into the source's own words: the inverse of fill_read.h.
 *
 * For a fill that the exchange wrote, the text is the exchange's, byte for byte.
 */
#ifndef VIGIL_INGEST_FILL_PRINT_H
#define VIGIL_INGEST_FILL_PRINT_H

#include "ingest/fill_read.h"

/* Appends `["0xuser",{…}]`. VG_EPARSE when fill->extra is not a JSON object. */
VG_MUST_USE vg_code fill_print(const struct fill *fill, enum fill_form form, vg_buf *out, vg_err *err);

/* Appends the node_trades line, without newline, that trade_read made these two rows of. */
VG_MUST_USE vg_code trade_print(const struct fill fills[2], vg_buf *out, vg_err *err);

/* Appends `{"local_time":…,"events":[`; the caller adds events, commas and `]}`. */
void block_print_head(const struct block *block, vg_buf *out);

#endif
