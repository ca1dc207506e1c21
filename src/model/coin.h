/* coin.h: what a coin's name says, and what a fee is paid in.
 *
 * Forms of names: docs/formats.md. Perps, spot and the rest are never mixed in a ratio.
 */
#ifndef VIGIL_MODEL_COIN_H
#define VIGIL_MODEL_COIN_H

#include "model/fill.h"

enum coin_kind {
    COIN_PERP,    /* BTC */
    COIN_HIP3,    /* dex:COIN, a perp of a builder's exchange */
    COIN_SPOT,    /* @107, PURR/USDC */
    COIN_OUTCOME, /* #1 */
    COIN_KINDS
};

enum coin_kind coin_kind(vg_slice coin);
const char *coin_kind_name(enum coin_kind kind);
static inline bool coin_is_perp(enum coin_kind kind) { return kind == COIN_PERP || kind == COIN_HIP3; }

/* Tokens that are worth a dollar: quote and collateral tokens of the exchange's markets. */
bool token_is_dollar(vg_slice token);

/* On spot a fee is charged in what the trader receives: a buyer pays in the base token, a seller in
 * the quote. A rebate comes in what the taker pays: a buying maker gets quote, a selling one base. */
static inline bool fee_in_base(enum coin_kind kind, bool is_buy, vg_dec fee)
{
    return kind == COIN_SPOT && fee != 0 && is_buy == (fee > 0);
}

/* Rows that no order of the trader made: "Spot Dust Conversion", "Net Child Vaults", "Settlement",
 * legs of outcome splits and merges. They are no trades. */
bool direction_is_system(vg_slice direction);
bool direction_is_dust(vg_slice direction);

/* Rows with one side only: dust conversions, splits and merges of outcomes. */
bool direction_is_one_sided(vg_slice direction);

/* The account that sells the collected dust: 0x and forty e. Its positions do not chain. */
#define DUST_ADDRESS "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"

#endif
