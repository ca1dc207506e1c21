/* population.h: who trades in the synthetic market: addresses, archetypes, fee tiers, habits.
 *
 * The archetypes are those of the data pipeline plan ("Expected Clusters") and a few that the real
 * exchange has besides: pure takers, TWAP owners, basis traders, the many who hardly trade.
 */
#ifndef VIGIL_SIMULATE_POPULATION_H
#define VIGIL_SIMULATE_POPULATION_H

#include "simulate/chance.h"
#include "simulate/market_coins.h"

enum archetype {
    MARKET_MAKER,      /* provides liquidity, small inventory, minutes */
    VAULT,             /* the protocol's own maker (HLP): zero fees, takes over what nobody else wants */
    ARBITRAGEUR,       /* takes what others rest, inventory around zero */
    SMART_DIRECTIONAL, /* right more often than not, hours */
    BASIS_HEDGER,      /* long spot, short the perp */
    TWAP_WHALE,        /* large orders in slices of 30 seconds */
    SWING,             /* hours to days */
    SCALPER,           /* quarter of an hour to an hour */
    RETAIL_LOSER,      /* wrong more often than not, erratic sizes */
    DEGEN,             /* high leverage, liquidated often */
    INACTIVE,          /* a trade or three of a few dollars */
    SYSTEM,            /* the account that sells the dust */
    ARCHETYPES,
};

struct behaviour {
    const char *name;
    uint16_t people;         /* share of the population, of 1000 */
    uint16_t activity;       /* share of new ideas, of 1000; 0 for those who only answer others */
    uint8_t maker_percent;   /* orders that rest instead of crossing */
    uint8_t edge_percent;    /* ideas that have the sign of the move to come; 50 is a coin flip */
    uint8_t spot_percent;    /* ideas on spot */
    uint8_t cloid_percent;   /* orders that carry a client order id */
    uint8_t builder_percent; /* traders who come through a builder's frontend */
    uint8_t entry_orders;    /* at most, for one idea */
    int32_t hold_s[2];       /* from the last entry order to the first exit order */
    int32_t usd[2];          /* notional of one idea */
    uint8_t fee_tier[2];
};

extern const struct behaviour behaviours[ARCHETYPES];

/* Rates in units of 1e-8 of the notional: 45000 is 4.5 basis points. Negative: rebate. */
struct fee_tier {
    int32_t perp_taker, perp_maker, spot_taker, spot_maker;
};

#define FAVOURITES 6
#define BUILDERS 8
#define NO_BUILDER UINT8_MAX

/* What the generator booked for one trader, exact: the truth that other programs are tested against.
 * Money in units of 1e-8, dust in 1e-20. */
struct tally {
    uint64_t fills, taker_fills, dust_fills, twap_fills, liquidated_fills, adl_fills;
    __int128 perp_volume, spot_volume, perp_pnl, spot_pnl, dust_volume;
    int64_t fees[TOKENS], builder_fees, deployer_fees;
};

struct trader {
    uint8_t address[20];
    uint8_t archetype;
    uint8_t builder; /* index of the frontend, or NO_BUILDER */
    uint8_t cloid_percent;
    uint8_t coins;
    uint8_t favourites[FAVOURITES];
    bool counts_cloids; /* client ids are a counter, not random */
    int32_t usual_usd;
    struct fee_tier fees;
    struct tally tally;
};

struct population {
    struct trader *traders;
    uint32_t n;
    uint32_t makers;            /* traders[0 .. makers) are MARKET_MAKERs; the first is the VAULT */
    uint32_t arbitrageurs;      /* the next ones */
    uint32_t first_actor;       /* everybody from here on has ideas of his own, except the last */
    uint32_t dust_account;      /* the last: 0xeeee… */
    struct chance_table actors; /* over traders[first_actor .. dust_account) */
    struct chance_table whales; /* over traders[first_whale .. ) */
    uint32_t first_whale;
    uint8_t builders[BUILDERS][20];
};

#define POPULATION_MIN 20

/* `traders` excludes the dust account; `fills` (of the whole window) bounds how many makers share them. */
void population_init(struct population *people, struct vg_rng *rng, uint32_t traders, uint64_t fills);
void population_release(struct population *people);

#endif
