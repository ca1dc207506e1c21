/* fee.h: what a fee is worth in dollars. docs/metrics.md */
#ifndef VIGIL_ANALYZE_FEE_H
#define VIGIL_ANALYZE_FEE_H

#include "model/coin.h"

enum fee_price {
    FEE_DOLLAR,  /* as it is */
    FEE_BASE,    /* in the coin's base token: times the price */
    FEE_UNPRICED /* in a token without a price here */
};

/* What the fee of a fill is in. `token_known`: the record names the token, and `dollar` tells what it is. */
static inline enum fee_price fee_price_of(enum coin_kind kind, bool is_buy, vg_dec fee, bool token_known, bool dollar)
{
    bool base = fee_in_base(kind, is_buy, fee);
    if (token_known ? dollar : !base) return FEE_DOLLAR;
    return base ? FEE_BASE : FEE_UNPRICED;
}

/* False when the result leaves 128 bits. */
static inline bool fee_usd(enum fee_price how, vg_dec fee, vg_dec price, vg_dec20 *usd)
{
    *usd = 0;
    return how == FEE_UNPRICED || vg_dec_mul(fee, how == FEE_BASE ? price : (vg_dec)VG_DEC_ONE, usd);
}

#endif
