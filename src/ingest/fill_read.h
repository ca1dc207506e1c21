/* fill_read.h: the strict reader of one event, `["0xuser",{fill}]`, and of one `node_trades` line.
 *
 * It takes keys in any order, white space, unknown and missing keys, and says exactly why it refuses.
 * Lines that look as the exchange writes them are read by fill_scan.h, which must give the same fills.
 */
#ifndef VIGIL_INGEST_FILL_READ_H
#define VIGIL_INGEST_FILL_READ_H

#include "base/arena.h"
#include "model/fill.h"

/* Which form of the source an event comes from: it decides what the absence of twapId means. */
enum fill_form {
    FORM_BLOCKS, /* inside a block line: twapId is always written, null where there is none */
    FORM_LEGACY, /* a line of its own, before block lines existed: no twapId */
    FORM_TRADES, /* a node_trades line: see trade_read */
};

/* Reads the event in text into *fill, except what the surroundings know (block, event_index).
 * Slices in *fill point into text or arena. False: `reason` says why, in a sentence with the key. */
bool fill_read(vg_slice text, enum fill_form form, struct fill *fill, struct arena *arena, vg_err *reason);

/* Reads a node_trades line into its two rows, buyer then seller. Trades carry no tid, fee, direction
 * or closedPnl: those columns stay empty. Keys without a column (trade_dir_override) go to the
 * buyer's extra. block_time_ns and time_ms are set. */
bool trade_read(vg_slice text, struct fill fills[2], struct arena *arena, vg_err *reason);

#endif
