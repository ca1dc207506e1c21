/* pairs.h: (trader, coin) pairs as small numbers, for state that is kept per position. */
#ifndef VIGIL_ANALYZE_PAIRS_H
#define VIGIL_ANALYZE_PAIRS_H

#include "base/intern.h"
#include "base/map.h"
#include "model/coin.h"
#include "model/fill_batch.h"

/* Zeroed struct = empty. Memory: about 40 bytes a pair, 60 a trader. */
struct pairs {
    struct intern users, coins;
    enum coin_kind *kinds; /* by coin id */
    uint32_t kind_count;
    struct map64 ids;
    uint32_t count;
    uint32_t last_user; /* rows of a trader follow each other */
};

struct pair {
    uint32_t id, user, coin;
    enum coin_kind kind;
    bool added; /* seen for the first time */
};

/* The pair of a row; user_address and coin must be among the batch's columns. */
struct pair pairs_of_row(struct pairs *pairs, const struct fill_batch *batch, size_t row);
void pairs_release(struct pairs *pairs);

#endif
