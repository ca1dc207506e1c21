#include "model/coin.h"

enum coin_kind coin_kind(vg_slice coin)
{
    if (coin.n == 0) return COIN_PERP;
    if (coin.p[0] == '@' || memchr(coin.p, '/', coin.n)) return COIN_SPOT;
    if (coin.p[0] == '#') return COIN_OUTCOME;
    return memchr(coin.p, ':', coin.n) ? COIN_HIP3 : COIN_PERP;
}

const char *coin_kind_name(enum coin_kind kind)
{
    static const char *const names[COIN_KINDS] = {"perp", "hip3", "spot", "outcome"};
    return names[kind];
}

static bool is_one_of(vg_slice text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (vg_slice_is(text, list[i])) return true;
    return false;
}

#define IS_ONE_OF(text, list) is_one_of(text, list, sizeof(list) / sizeof *(list))

bool token_is_dollar(vg_slice token)
{
    /* feeToken values seen on HIP-3 dexes and stable pairs: xyz USDC, cash USDT0, km flx vntl USDH, hyna USDE */
    static const char *const dollars[] = {"USDC", "USDT0", "USDH", "USDE", "USDHL", "USDT", "FEUSD", "USDXL"};
    return IS_ONE_OF(token, dollars);
}

bool direction_is_dust(vg_slice direction) { return vg_slice_is(direction, "Spot Dust Conversion"); }

bool direction_is_one_sided(vg_slice direction)
{
    static const char *const one_sided[] = {"Spot Dust Conversion", "Split Outcome", "Merge Outcome", "Merge Question",
                                            "Negate Outcome"};
    return IS_ONE_OF(direction, one_sided);
}

bool direction_is_system(vg_slice direction)
{
    static const char *const system[] = {"Net Child Vaults", "Settlement"};
    return direction_is_one_sided(direction) || IS_ONE_OF(direction, system);
}
