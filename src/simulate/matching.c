#include "simulate/matching.h"

#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "base/err.h"

#define NOBODY UINT32_MAX
#define ARBITRAGEUR_BOUND_USD 60000

/* One side of a trade that is about to happen. */
struct leg {
    uint32_t trader, position;
    uint64_t order_id, twap_id;
    const char *cloid;
    int32_t builder_rate; /* 1e-8 of the notional */
    bool names_builder;
    uint32_t priority_gas_e6;
    int direction; /* overrides the ordinary one unless negative */
};

/* What both sides share. */
struct deal {
    uint16_t coin;
    int64_t price, lots;
    char hash[HASH_TEXT];
    bool free_of_fees;
    const struct liquidation_note *liquidation;
};

struct position *market_position(struct market *market, uint32_t trader, uint16_t coin)
{
    uint32_t index = clearing_position(&market->clearing, trader, coin); /* first: it may move the array */
    return &market->clearing.positions[index];
}

/* Rises by some 1e9 a day, and by at least one per order (formats 7.5). */
uint64_t market_order_id(struct market *market)
{
    market->next_order_id += 1 + vg_rng_below(&market->rng, 3);
    return market->next_order_id;
}

/* A permutation of 0 .. 2^50 - 1 (odd multipliers and shifted exclusive ors can be undone), so that ids
 * look uniform and still never repeat within a run; 1 is added because dust rows have 0. */
static uint64_t next_trade_id(struct market *market)
{
    const uint64_t mask = (UINT64_C(1) << 50) - 1;
    uint64_t x = (market->trades ^ market->tid_mask) & mask;
    x = x * UINT64_C(0x9e3779b97f4a7c15) & mask;
    x ^= x >> 27;
    x = x * UINT64_C(0xbf58476d1ce4e5b9) & mask;
    x ^= x >> 25;
    x = x * UINT64_C(0x94d049bb133111eb) & mask;
    x ^= x >> 27;
    return x + 1;
}

static void book_prices(struct book *book, const struct market_coin *coin, int64_t fair)
{
    int64_t half = (int64_t)((__int128)fair * coin->spread_ppm / 1000000);
    book->mid = market_price_floor(coin, fair / WALK_FRACTION);
    book->bid = market_price_floor(coin, (fair - half) / WALK_FRACTION);
    book->ask = market_price_ceil(coin, (fair + half) / WALK_FRACTION);
    if (book->ask <= book->bid) book->ask = book->bid + market_tick(coin, book->bid);
}

struct book *market_book(struct market *market, uint16_t coin)
{
    struct book *book = &market->books[coin];
    if (book->priced_block != market->block_number) {
        book->priced_block = market->block_number;
        book_prices(book, &market_coins[coin], price_walk_at(&market->walk, coin, market->now_ns));
    }
    return book;
}

static void draw_cloid(struct market *market, const struct trader *trader, uint64_t order_id, char cloid[CLOID_TEXT])
{
    uint64_t high = trader->address[0], low = order_id;
    if (!trader->counts_cloids) {
        high = vg_rng_next(&market->rng);
        low = vg_rng_next(&market->rng);
    }
    block_text_cloid(cloid, high, low);
}

static void new_hash(struct market *market, char hash[HASH_TEXT])
{
    block_text_hash(hash, &market->rng, market->block_number, market->action++);
}

static void write_leg(struct market *market, const struct leg *leg, const struct deal *deal, uint64_t trade_id,
                      bool buys, bool crossed)
{
    const struct market_coin *coin = &market_coins[deal->coin];
    struct trader *trader = &market->people.traders[leg->trader];
    struct block_row row = {
        .coin = coin,
        .trader = trader->address,
        .price = deal->price,
        .size = deal->lots,
        .size_decimals = coin->sz_decimals,
        .buys = buys,
        .crossed = crossed,
        .hash = deal->hash,
        .order_id = leg->order_id,
        .trade_id = trade_id,
        .cloid = leg->cloid,
        .liquidation = deal->liquidation,
        .twap_id = leg->twap_id,
        .priority_gas_e6 = leg->priority_gas_e6,
    };
    row.fee = deal->free_of_fees
                  ? (struct fee){.token = coin->quote}
                  : clearing_fee(trader, coin, buys, crossed, deal->price, deal->lots, leg->builder_rate);
    row.booking =
        clearing_book(&market->clearing.positions[leg->position], coin, buys, deal->price, deal->lots, &row.fee);
    if (leg->direction >= 0) row.booking.direction = (enum direction)leg->direction;
    if (leg->names_builder && trader->builder != NO_BUILDER) row.builder = market->people.builders[trader->builder];
    clearing_tally(&trader->tally, coin, deal->price, deal->lots, crossed, &row.booking, &row.fee);
    trader->tally.twap_fills += leg->twap_id != 0;
    if (deal->liquidation && deal->liquidation->victim == trader->address) trader->tally.liquidated_fills++;
    trader->tally.adl_fills += row.booking.direction == AUTO_DELEVERAGING;
    block_text_row(&market->text, &row);
}

static void trade(struct market *market, const struct leg *taker, const struct leg *maker, const struct deal *deal,
                  bool taker_buys)
{
    uint64_t trade_id = next_trade_id(market);
    market->trades++;
    market->rows_left -= 2;
    market->twap_trades += taker->twap_id != 0;
    market->liquidation_trades += deal->liquidation != NULL;
    write_leg(market, taker_buys ? taker : maker, deal, trade_id, true, taker_buys);
    write_leg(market, taker_buys ? maker : taker, deal, trade_id, false, !taker_buys);
}

void market_add_restless(struct market *market, uint32_t trader, uint16_t coin)
{
    uint64_t n = market->restless_end - market->restless_first;
    if (n == market->restless_capacity) {
        uint64_t capacity = n ? n * 2 : 64;
        struct restless *ring = vg_alloc(capacity * sizeof *ring);
        for (uint64_t i = 0; i < n; i++)
            ring[i] = market->restless[(market->restless_first + i) & (n - 1)];
        free(market->restless);
        market->restless = ring;
        market->restless_capacity = capacity;
        market->restless_first = 0;
        market->restless_end = n;
    }
    market->restless[market->restless_end++ & (market->restless_capacity - 1)] =
        (struct restless){market->now_ns, trader, coin};
}

bool market_next_restless(struct market *market, struct restless *who)
{
    if (market->restless_first == market->restless_end) return false;
    *who = market->restless[market->restless_first & (market->restless_capacity - 1)];
    if (who->since_ns + PATIENCE_NS > market->now_ns) return false;
    market->restless_first++;
    return true;
}

#define TOKENS_ENOUGH (INT64_MAX / 4) /* units of 1e-10: with this many a provider buys no more */

/* Signed lots that a provider has beyond what it began with. */
static int64_t inventory(const struct market *market, const struct provider *provider, const struct market_coin *coin)
{
    const struct position *p = &market->clearing.positions[provider->position];
    if (!coin_is_spot(coin)) return p->quantity;
    return (p->quantity - p->opening_quantity) / market_power10(BALANCE_DECIMALS - coin->sz_decimals);
}

static bool can_provide(const struct market *market, const struct provider *provider, const struct market_coin *coin,
                        bool buys, int64_t lots)
{
    const struct position *p = &market->clearing.positions[provider->position];
    if (coin_is_spot(coin) && !buys && clearing_sellable(p, coin) < lots) return false;
    if (coin_is_spot(coin) && buys && p->quantity > TOKENS_ENOUGH) return false;
    int64_t held = inventory(market, provider, coin);
    return buys ? held < provider->bound : held > -provider->bound;
}

/* Of three makers the one that most wants this side, measured by its bound; the vault (the first of
 * each book) when none of them can. NOBODY when even the vault lacks the tokens. */
static uint32_t pick_provider(struct market *market, uint16_t coin_index, bool buys, int64_t lots, uint32_t except)
{
    const struct market_coin *coin = &market_coins[coin_index];
    const struct book *book = &market->books[coin_index];
    uint32_t best = NOBODY;
    double best_wish = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint32_t candidate = chance_pick(&market->rng, &book->pick);
        const struct provider *provider = &book->providers[candidate];
        if (provider->trader == except || !can_provide(market, provider, coin, buys, lots)) continue;
        double wish = (double)inventory(market, provider, coin) / (double)provider->bound;
        if (buys) wish = -wish;
        if (best == NOBODY || wish > best_wish) {
            best = candidate;
            best_wish = wish;
        }
    }
    if (best == NOBODY && book->providers[0].trader != except &&
        can_provide(market, &book->providers[0], coin, buys, lots))
        best = 0;
    return best;
}

/* A resting order at `price` that can give `lots`, new when the old one cannot. NULL: nobody can. */
static struct quote *standing_quote(struct market *market, uint16_t coin, bool maker_buys, unsigned slot, int64_t price,
                                    int64_t lots, uint32_t except)
{
    struct book *book = &market->books[coin];
    struct quote *quote = &book->quotes[!maker_buys][slot % QUOTES];
    if (quote->price == price) {
        const struct provider *provider = &book->providers[quote->provider];
        if (provider->trader != except && can_provide(market, provider, &market_coins[coin], maker_buys, lots))
            return quote;
    }
    uint32_t chosen = pick_provider(market, coin, maker_buys, lots, except);
    if (chosen == NOBODY) return NULL;
    const struct trader *maker = &market->people.traders[book->providers[chosen].trader];
    quote->provider = chosen;
    quote->price = price;
    quote->order_id = market_order_id(market);
    quote->has_cloid = chance_percent(&market->rng, maker->cloid_percent);
    if (quote->has_cloid) draw_cloid(market, maker, quote->order_id, quote->cloid);
    return quote;
}

/* An even share of what is left, give or take half; sometimes exactly what flattens the maker. */
static int64_t piece_size(struct market *market, int64_t left, unsigned pieces_left)
{
    if (pieces_left <= 1) return left;
    int64_t even = left / pieces_left;
    int64_t piece = even / 2 + (int64_t)vg_rng_below(&market->rng, (uint64_t)even + 1);
    return piece < 1 ? 1 : piece > left ? left : piece;
}

static int64_t flattening_size(const struct market *market, const struct provider *provider,
                               const struct market_coin *coin, bool maker_buys, int64_t piece, int64_t left)
{
    if (coin_is_spot(coin)) return piece;
    int64_t held = inventory(market, provider, coin);
    int64_t closing = maker_buys ? -held : held;
    return closing > piece / 4 && closing < piece * 4 && closing <= left && closing > 0 ? closing : piece;
}

static int64_t level_price(const struct market_coin *coin, const struct book *book, bool taker_buys, unsigned level)
{
    int64_t away = (int64_t)level * market_tick(coin, book->mid);
    if (taker_buys) return market_price_ceil(coin, book->ask + away);
    return market_price_floor(coin, book->bid > 2 * away ? book->bid - away : book->bid);
}

/* Keys that only some orders have. */
static void dress_taker(struct market *market, struct leg *leg, const struct order *order, char cloid[CLOID_TEXT])
{
    const struct trader *trader = &market->people.traders[order->trader];
    if (order->form != ORDINARY_ORDER) return;
    if (chance_percent(&market->rng, trader->cloid_percent)) {
        draw_cloid(market, trader, leg->order_id, cloid);
        leg->cloid = cloid;
    }
    if (trader->builder != NO_BUILDER) {
        static const int32_t rates[] = {10000, 25000, 50000, 100000}; /* 1 to 10 basis points, the perp maximum */
        uint64_t draw = vg_rng_below(&market->rng, 100);
        if (draw < 97) leg->builder_rate = rates[trader->builder % 4];
        leg->names_builder = draw >= 87; /* most rows with a builder fee do not name the builder */
    }
    if (chance_one_in(&market->rng, 60)) leg->priority_gas_e6 = 1 + (uint32_t)vg_rng_below(&market->rng, 5000);
}

static void note_victim(struct market *market, struct liquidation_note *note, const struct order *order)
{
    bool named = !chance_percent(&market->rng, 7);
    *note = (struct liquidation_note){
        .victim = named ? market->people.traders[order->trader].address : NULL,
        .mark = market->books[order->coin].mid,
        .method = "market",
    };
}

static bool seller_lacks(const struct market *market, const struct order *order, uint32_t position, int64_t lots)
{
    const struct market_coin *coin = &market_coins[order->coin];
    return coin_is_spot(coin) && !order->buys && clearing_sellable(&market->clearing.positions[position], coin) < lots;
}

int64_t market_take(struct market *market, const struct order *order)
{
    const struct market_coin *coin = &market_coins[order->coin];
    struct book *book = market_book(market, order->coin);
    char cloid[CLOID_TEXT];
    struct leg taker = {.trader = order->trader,
                        .direction = -1,
                        .twap_id = order->twap_id,
                        .position = clearing_position(&market->clearing, order->trader, order->coin)};
    struct liquidation_note note;
    struct deal deal = {.coin = order->coin};
    if (order->form == MARKET_LIQUIDATION) {
        note_victim(market, &note, order);
        deal.liquidation = &note;
    }
    int64_t left = order->lots;
    for (unsigned piece = 0; left > 0 && market->rows_left >= 2; piece++) {
        int64_t lots = piece_size(market, left, piece < order->pieces ? order->pieces - piece : 1);
        if (seller_lacks(market, order, taker.position, lots)) break;
        deal.price = level_price(coin, book, order->buys, piece / 4);
        struct quote *quote = standing_quote(market, order->coin, !order->buys, piece, deal.price, lots, order->trader);
        if (!quote) break;
        const struct provider *provider = &book->providers[quote->provider];
        deal.lots = flattening_size(market, provider, coin, !order->buys, lots, left);
        if (piece == 0) {
            taker.order_id = market_order_id(market);
            dress_taker(market, &taker, order, cloid);
            if (order->form == ORDINARY_ORDER || order->form == MARKET_LIQUIDATION)
                new_hash(market, deal.hash);
            else
                block_text_zero_hash(deal.hash);
        }
        struct leg maker = {.trader = provider->trader,
                            .position = provider->position,
                            .order_id = quote->order_id,
                            .cloid = quote->has_cloid ? quote->cloid : NULL,
                            .direction = -1};
        int64_t before = market->clearing.positions[maker.position].quantity;
        trade(market, &taker, &maker, &deal, order->buys);
        int64_t after = market->clearing.positions[maker.position].quantity;
        bool opened = before == 0 || (before < 0) != (after < 0);
        if (opened && after != 0 && maker.trader != 0 && !coin_is_spot(coin))
            market_add_restless(market, maker.trader, order->coin);
        left -= deal.lots;
        if (chance_percent(&market->rng, 60)) quote->price = 0;
    }
    return order->lots - left;
}

/* An arbitrageur, of three the one that most wants the side. False when that one has enough already. */
static bool pick_arbitrageur(struct market *market, const struct order *order, struct leg *taker)
{
    const struct population *people = &market->people;
    int64_t best = INT64_MIN;
    for (unsigned i = 0; i < 3; i++) {
        uint32_t candidate = people->makers + (uint32_t)vg_rng_below(&market->rng, people->arbitrageurs);
        uint32_t position = clearing_position(&market->clearing, candidate, order->coin);
        int64_t held = market->clearing.positions[position].quantity;
        int64_t wish = order->buys ? held : -held;
        if (wish <= best) continue;
        best = wish;
        taker->trader = candidate;
        taker->position = position;
    }
    int64_t mid = market->books[order->coin].mid;
    return best > -market_lots(&market_coins[order->coin], ARBITRAGEUR_BOUND_USD, mid);
}

/* Who crosses to meet a resting order: mostly arbitrageurs, towards a flat position where possible, and
 * makers who want to be rid of inventory, at last the vault. Spot is met by makers only: they have the
 * tokens. */
static bool pick_taker(struct market *market, const struct order *order, int64_t lots, struct leg *taker)
{
    const struct market_coin *coin = &market_coins[order->coin];
    *taker = (struct leg){.direction = -1};
    if (!coin_is_spot(coin) && chance_percent(&market->rng, 70) && pick_arbitrageur(market, order, taker)) return true;
    uint32_t chosen = pick_provider(market, order->coin, !order->buys, lots, order->trader);
    if (chosen == NOBODY) return false;
    taker->trader = market->books[order->coin].providers[chosen].trader;
    taker->position = market->books[order->coin].providers[chosen].position;
    return true;
}

int64_t market_rest(struct market *market, const struct order *order)
{
    struct book *book = market_book(market, order->coin);
    char maker_cloid[CLOID_TEXT], taker_cloid[CLOID_TEXT];
    struct leg maker = {.trader = order->trader,
                        .direction = -1,
                        .order_id = market_order_id(market),
                        .position = clearing_position(&market->clearing, order->trader, order->coin)};
    if (chance_percent(&market->rng, market->people.traders[order->trader].cloid_percent)) {
        draw_cloid(market, &market->people.traders[order->trader], maker.order_id, maker_cloid);
        maker.cloid = maker_cloid;
    }
    struct deal deal = {.coin = order->coin, .price = order->buys ? book->bid : book->ask};
    int64_t left = order->lots;
    for (unsigned piece = 0; left > 0 && market->rows_left >= 2; piece++) {
        deal.lots = piece_size(market, left, piece < order->pieces ? order->pieces - piece : 1);
        struct leg taker;
        if (seller_lacks(market, order, maker.position, deal.lots)) break;
        if (!pick_taker(market, order, deal.lots, &taker)) break;
        const struct trader *crosser = &market->people.traders[taker.trader];
        taker.order_id = market_order_id(market);
        if (chance_percent(&market->rng, crosser->cloid_percent)) {
            draw_cloid(market, crosser, taker.order_id, taker_cloid);
            taker.cloid = taker_cloid;
        }
        new_hash(market, deal.hash);
        trade(market, &taker, &maker, &deal, !order->buys);
        left -= deal.lots;
    }
    return order->lots - left;
}

void market_force(struct market *market, uint32_t victim, uint32_t other, uint16_t coin, int64_t lots,
                  enum forced_form form)
{
    if (market->rows_left < 2) return;
    struct book *book = market_book(market, coin);
    struct leg taker = {.trader = victim, .position = clearing_position(&market->clearing, victim, coin)};
    struct leg maker = {.trader = other, .position = clearing_position(&market->clearing, other, coin)};
    bool was_long = market->clearing.positions[taker.position].quantity > 0;
    struct liquidation_note note = {market->people.traders[victim].address, book->mid, "backstop"};
    struct deal deal = {.coin = coin, .price = book->mid, .lots = lots, .free_of_fees = true, .liquidation = &note};
    block_text_zero_hash(deal.hash);
    maker.order_id = market_order_id(market);
    taker.order_id = market_order_id(market);
    if (form == BACKSTOP_ISOLATED)
        taker.direction = was_long ? LIQUIDATED_ISOLATED_LONG : LIQUIDATED_ISOLATED_SHORT;
    else
        taker.direction = was_long ? LIQUIDATED_CROSS_LONG : LIQUIDATED_CROSS_SHORT;
    maker.direction = form == DELEVERAGING ? (int)AUTO_DELEVERAGING : -1;
    trade(market, &taker, &maker, &deal, !was_long);
}

void market_convert_dust(struct market *market, struct position *position, uint64_t order_id)
{
    const struct market_coin *coin = &market_coins[position_coin(position)];
    struct trader *trader = &market->people.traders[position_trader(position)];
    struct book *book = market_book(market, position_coin(position));
    char hash[HASH_TEXT];
    block_text_zero_hash(hash);
    struct block_row row = {
        .coin = coin,
        .trader = trader->address,
        .price = book->mid,
        .size = position->quantity,
        .size_decimals = BALANCE_DECIMALS,
        .crossed = true,
        .hash = hash,
        .order_id = order_id,
        .booking = {.start = position->quantity, .direction = DUST_CONVERSION},
        .fee = {.token = coin->quote},
    };
    block_text_row(&market->text, &row);
    trader->tally.fills++;
    trader->tally.taker_fills++;
    trader->tally.dust_fills++;
    /* ticks times 1e-10 tokens; to 1e-20 */
    trader->tally.dust_volume +=
        (__int128)book->mid * position->quantity * market_power10(10 - coin_price_decimals(coin));
    position->fills++;
    position->quantity = 0;
    position->spot_cost = 0;
    market->rows_left--;
}

void market_begin_block(struct market *market, vg_buf *out, int64_t block_ns, int64_t local_ns, uint64_t number)
{
    /* ids of orders that never traded: the counter moves on with time (7.5) */
    if (market->now_ns && block_ns > market->now_ns) {
        uint64_t ms = (uint64_t)(block_ns - market->now_ns) / (uint64_t)VG_NS_PER_MS;
        market->next_order_id += ms * 9 + vg_rng_below(&market->rng, 50);
    }
    market->now_ns = block_ns;
    market->block_number = number;
    market->action = (uint16_t)vg_rng_below(&market->rng, 40);
    block_text_begin(&market->text, out, block_ns, local_ns, number);
}

void market_end_block(struct market *market) { block_text_end(&market->text); }

/* Maker r quotes fewer coins the less it trades; the vault quotes all. Bounds shrink with rank. */
static void init_book(struct market *market, uint16_t coin_index)
{
    const struct market_coin *coin = &market_coins[coin_index];
    struct book *book = &market->books[coin_index];
    uint32_t makers = market->people.makers;
    uint64_t *weights = vg_calloc(makers, sizeof *weights);
    book->providers = vg_calloc(makers, sizeof *book->providers);
    int64_t price = price_walk_at(&market->walk, coin_index, 0) / WALK_FRACTION;
    for (uint32_t maker = 0; maker < makers; maker++) {
        uint32_t coins = market_coin_count / (1 + maker / 3) + 2;
        uint32_t first = maker < 6 ? 0 : maker * 7 % (market_coin_count / 2u);
        if (coin_index < first || coin_index >= first + coins) continue;
        uint32_t at = book->provider_count++;
        book->providers[at] = (struct provider){
            .trader = maker,
            .position = clearing_position(&market->clearing, maker, coin_index),
            .bound = maker == 0 ? INT64_MAX : market_lots(coin, 2000000 / (4 + maker) + 5000, price),
        };
        weights[at] = 1000000 / (6 + maker);
    }
    chance_table_init(&book->pick, weights, book->provider_count);
    free(weights);
}

void market_init(struct market *market, uint64_t seed, uint32_t traders, uint64_t fills, int64_t start_ns,
                 int64_t end_ns)
{
    *market = (struct market){.rows_left = (int64_t)fills};
    vg_rng_init(&market->rng, seed);
    market->tid_mask = vg_rng_next(&market->rng);
    price_walk_init(&market->walk, &market->rng, start_ns, end_ns);
    population_init(&market->people, &market->rng, traders, fills);
    clearing_init(&market->clearing);
    market->books = vg_calloc(market_coin_count, sizeof *market->books);
    for (uint16_t i = 0; i < market_coin_count; i++)
        init_book(market, i);
}

void market_release(struct market *market)
{
    for (uint16_t i = 0; market->books && i < market_coin_count; i++) {
        free(market->books[i].providers);
        chance_table_release(&market->books[i].pick);
    }
    free(market->books);
    free(market->restless);
    clearing_release(&market->clearing);
    population_release(&market->people);
    price_walk_release(&market->walk);
    *market = (struct market){0};
}
