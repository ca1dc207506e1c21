/* ledger.h: positions as the exchange books them, and whether its closedPnl agrees.
 *
 * Perps: opening adds price x size to the position's cost, which the exchange keeps as an IEEE double
 * in millionths of a dollar; closing k of A multiplies the cost by (A - k)/A; the entry that a close is
 * booked at is cost/A, floored to 6 - szDecimals decimals. A flip closes all, then opens the rest.
 * Spot: the cost of buys over the quantity after base-token fees; the sold part is floored to the unit
 * that the exchange prints (1e-6 in 2025, 1e-8 later), the rest is kept.
 * A position whose opening was not seen gets its entry from its first close. docs/ledger.md has the
 * evidence. This is the one place where money is a binary float, because the exchange's own is.
 *
 * Rows must come in time order per trader and coin. Two passes: size_grid over all rows, then ledger.
 */
#ifndef VIGIL_ANALYZE_LEDGER_H
#define VIGIL_ANALYZE_LEDGER_H

#include "analyze/pairs.h"

/* szDecimals of each perp, inferred: the most decimals that a size or position of the coin has. */
struct size_grid;
struct size_grid *size_grid_new(void);
void size_grid_add(struct size_grid *grid, const struct fill_batch *batch); /* coin, size, start_position */
unsigned size_grid_decimals(const struct size_grid *grid, vg_slice coin);
void size_grid_free(struct size_grid *grid);

enum close_verdict {
    CLOSE_EXACT,    /* equal to the last digit that the source prints */
    CLOSE_ANCHOR,   /* the first close of a position whose opening was not seen: it implies the entry */
    CLOSE_ROUNDED,  /* within one unit of the entry's last digit */
    CLOSE_SYSTEM,   /* not equal, on a row that no order made: liquidation, ADL, settlement, vaults, dust */
    CLOSE_TRANSFER, /* spot: tokens came without a fill, so their cost is not known */
    CLOSE_UNEXPLAINED,
    CLOSE_VERDICTS
};

struct ledger_kind_report {
    uint64_t closes, verdicts[CLOSE_VERDICTS];
};

struct ledger_example { /* the largest difference that is unexplained */
    bool found;
    char user[ADDRESS_TEXT + 1], coin[64];
    int64_t block_number;
    uint32_t event_index;
    vg_dec booked, expected;
};

struct ledger_report {
    struct ledger_kind_report kinds[COIN_KINDS];
    uint64_t gaps, self_trades;
    struct ledger_example worst;
};

struct ledger;

/* The columns that ledger_add and size_grid_add read. */
uint64_t ledger_columns(void);

/* `grid` must outlive the ledger. */
struct ledger *ledger_new(const struct size_grid *grid);
void ledger_add(struct ledger *ledger, const struct fill_batch *batch);
const struct ledger_report *ledger_report(const struct ledger *ledger);
void ledger_free(struct ledger *ledger);
const char *close_verdict_name(enum close_verdict verdict);

#endif
