/* trader_rows.h: the fills of one trader in a part, by reading only the row groups that have them.
 *
 * For questions that come again and again: what the footers say is kept (1 KiB a row group, 64 MiB in all; those that
 * were used least recently go first), and so are a few readers with their memory. Any number of threads may ask.
 */
#ifndef VIGIL_LAKE_TRADER_ROWS_H
#define VIGIL_LAKE_TRADER_ROWS_H

#include "lake/lake.h"
#include "model/fill_batch.h"

struct trader_rows;

struct trader_rows *trader_rows_new(void);
void trader_rows_free(struct trader_rows *rows); /* NULL is fine; nobody may be asking */

/* Called for each row, which lives until it returns; false: enough. */
typedef bool trader_row_fn(void *ctx, const struct fill_batch *batch, size_t row);

/* Fills of `user` in the part, in the order of blocks and events, or backwards. The part is on this machine. VG_ESTATE:
 * its file is not the one that the record names, or not as vigil writes it: other readers may take it. */
VG_MUST_USE vg_code trader_rows_visit(struct trader_rows *rows, const struct lake *lake, const struct part *part,
                                      vg_slice user, bool backwards, trader_row_fn *row, void *ctx, vg_err *err);

#endif
