#include "analyze/ledger.h"

#include <math.h>

#define MONEY_DECIMALS 6   /* of perps: price decimals + size decimals */
#define SPOT_COST_UNIT 100 /* a vg_dec has 1e-10; spot cost is kept in 1e-8 */

struct size_grid {
    struct intern coins;
    uint8_t *decimals; /* by coin id */
    uint32_t capacity;
};

struct size_grid *size_grid_new(void) { return vg_calloc(1, sizeof(struct size_grid)); }

void size_grid_free(struct size_grid *grid)
{
    if (!grid) return;
    intern_release(&grid->coins);
    free(grid->decimals);
    free(grid);
}

static unsigned decimals_of(vg_dec value)
{
    unsigned decimals = VG_DEC_SCALE;
    while (decimals > 0 && value % 10 == 0) {
        value /= 10;
        decimals--;
    }
    return decimals;
}

void size_grid_add(struct size_grid *grid, const struct fill_batch *b)
{
    for (size_t row = 0; row < b->n; row++) {
        vg_slice coin = batch_text(b, FILL_COIN, row);
        uint32_t id = intern_id(&grid->coins, coin.p, coin.n);
        if (id >= grid->capacity) {
            uint32_t capacity = grid->capacity ? grid->capacity * 2 : 256;
            grid->decimals = vg_realloc(grid->decimals, capacity);
            memset(grid->decimals + grid->capacity, 0, capacity - grid->capacity);
            grid->capacity = capacity;
        }
        unsigned decimals = decimals_of(batch_decimal(b, FILL_SIZE, row));
        unsigned of_start = decimals_of(batch_decimal(b, FILL_START_POSITION, row));
        if (of_start > decimals) decimals = of_start;
        if (decimals > grid->decimals[id]) grid->decimals[id] = (uint8_t)decimals;
    }
}

unsigned size_grid_decimals(const struct size_grid *grid, vg_slice coin)
{
    uint32_t id = intern_find(&grid->coins, coin.p, coin.n);
    return id == UINT32_MAX ? 0 : grid->decimals[id];
}

/* What the exchange keeps of a position. */
struct book {
    vg_dec quantity; /* signed; what the next startPosition must be */
    bool known;      /* the cost is */
    double cost;     /* perps: in millionths of a dollar */
};

struct account {
    struct book now, before; /* before: the last row, to take back a trade with oneself */
    int64_t block;
    vg_dec start, size;
    bool is_buy;
};

struct ledger {
    const struct size_grid *grid;
    struct pairs pairs;
    uint8_t *size_decimals; /* by coin id of pairs */
    uint32_t coin_count;
    struct account *accounts; /* by pair */
    size_t capacity;
    struct ledger_report report;
};

uint64_t ledger_columns(void)
{
    static const enum fill_column columns[] = {
        FILL_USER_ADDRESS,   FILL_COIN,       FILL_PRICE, FILL_SIZE,         FILL_SIDE,        FILL_DIRECTION,
        FILL_START_POSITION, FILL_CLOSED_PNL, FILL_FEE,   FILL_BLOCK_NUMBER, FILL_EVENT_INDEX, FILL_LIQUIDATION_METHOD,
    };
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        bits |= UINT64_C(1) << columns[i];
    return bits;
}

struct ledger *ledger_new(const struct size_grid *grid)
{
    struct ledger *ledger = vg_calloc(1, sizeof *ledger);
    ledger->grid = grid;
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger) return;
    pairs_release(&ledger->pairs);
    free(ledger->size_decimals);
    free(ledger->accounts);
    free(ledger);
}

const struct ledger_report *ledger_report(const struct ledger *ledger) { return &ledger->report; }

const char *close_verdict_name(enum close_verdict verdict)
{
    static const char *const names[CLOSE_VERDICTS] = {"exact",  "anchor",   "rounded",
                                                      "system", "transfer", "unexplained"};
    return names[verdict];
}

/* One row, as the books need it. */
struct entry {
    vg_dec price, size, start, pnl, fee;
    bool is_buy, has_pnl, system, is_dust;
    enum coin_kind kind;
    unsigned size_decimals;
    vg_dec closing; /* the part of size that closes */
};

static const vg_dec power10[] = {1,       10,       100,       1000,       10000,      100000,
                                 1000000, 10000000, 100000000, 1000000000, 10000000000};

/* Source prints of profits are cut at ten digits in some records: a difference below the last printed
 * digit of such a number is no difference. */
static bool equal_as_printed(vg_dec booked, vg_dec expected)
{
    if (booked == expected) return true;
    vg_dec magnitude = vg_dec_abs(booked), unit = power10[VG_DEC_SCALE - decimals_of(booked)];
    return magnitude / unit >= 1000000000 && vg_dec_abs(booked - expected) < unit;
}

/* The profit of a close at the floored entry. False when the numbers leave 128 bits. */
static bool perp_profit(const struct entry *e, vg_dec entry_units, bool long_position, vg_dec *profit)
{
    unsigned price_decimals = MONEY_DECIMALS - e->size_decimals;
    vg_dec price_unit = power10[VG_DEC_SCALE - price_decimals], size_unit = power10[VG_DEC_SCALE - e->size_decimals];
    __int128 difference = e->price / price_unit - entry_units, product;
    if (__builtin_mul_overflow(difference, e->closing / size_unit, &product)) return false;
    if (__builtin_mul_overflow(product, power10[VG_DEC_SCALE - MONEY_DECIMALS], &product)) return false;
    *profit = long_position ? product : -product;
    return true;
}

static enum close_verdict judge(const struct entry *e, vg_dec expected, vg_dec tolerance)
{
    if (equal_as_printed(e->pnl, expected)) return CLOSE_EXACT;
    if (vg_dec_abs(e->pnl - expected) <= tolerance) return CLOSE_ROUNDED;
    return e->system ? CLOSE_SYSTEM : CLOSE_UNEXPLAINED;
}

/* A value on the grid of so many decimals, as a number of grid steps. */
static double in_steps(vg_dec value, unsigned decimals)
{
    vg_dec steps = value / power10[VG_DEC_SCALE - decimals];
    return (double)steps;
}

/* Doubles beyond this do not fit a vg_dec any more; no position of the exchange comes near. */
static bool fits_decimal(double value) { return fabs(value) < 1e36; }

/* The cost of a position that is first seen when it is closed: the entry follows from the profit. Half
 * a grid step stands for what the floor hid. */
static void anchor(struct book *book, const struct entry *e, vg_dec magnitude)
{
    unsigned price_decimals = MONEY_DECIMALS - e->size_decimals;
    double per_coin = vg_dec_double(e->pnl) / vg_dec_double(e->closing);
    double entry = vg_dec_double(e->price) - (book->quantity > 0 ? per_coin : -per_coin);
    double units = nearbyint(entry * (double)power10[price_decimals]);
    book->cost = (units + 0.5) * in_steps(magnitude, e->size_decimals);
    book->known = true;
}

static enum close_verdict close_perp(struct book *book, const struct entry *e, vg_dec *expected)
{
    vg_dec magnitude = vg_dec_abs(book->quantity), size_unit = power10[VG_DEC_SCALE - e->size_decimals];
    double held = in_steps(magnitude, e->size_decimals), left = in_steps(magnitude - e->closing, e->size_decimals);
    enum close_verdict verdict = CLOSE_ANCHOR;
    *expected = e->pnl;
    if (!book->known) {
        anchor(book, e, magnitude);
    } else {
        vg_dec tolerance = e->closing / size_unit * power10[VG_DEC_SCALE - MONEY_DECIMALS];
        double entry = floor(book->cost / held);
        bool fits = fits_decimal(entry) && perp_profit(e, (vg_dec)entry, book->quantity > 0, expected);
        verdict = fits ? judge(e, *expected, tolerance) : CLOSE_UNEXPLAINED;
    }
    book->cost *= left / held;
    return verdict;
}

static void open_perp(struct book *book, const struct entry *e, vg_dec opening)
{
    unsigned price_decimals = MONEY_DECIMALS - e->size_decimals;
    if (book->quantity == 0) {
        book->cost = 0;
        book->known = true;
    }
    book->cost += in_steps(e->price, price_decimals) * in_steps(opening, e->size_decimals);
}

/* The sold part of the cost is floored for the print only: the books keep it whole. */
static enum close_verdict sell_spot(struct book *book, const struct entry *e, vg_dec *expected)
{
    static const vg_dec units[] = {1, 100}; /* of 1e-8: what the exchange prints now, and printed in 2025 */
    vg_dec20 proceeds;
    *expected = e->pnl;
    if (!book->known) return e->system ? CLOSE_SYSTEM : CLOSE_TRANSFER;
    if (book->quantity <= 0 || !vg_dec_mul(e->price, e->closing, &proceeds)) return CLOSE_UNEXPLAINED;
    double part = book->cost * ((double)e->closing / (double)book->quantity);
    book->cost -= part;
    if (!fits_decimal(part)) return CLOSE_UNEXPLAINED;
    enum close_verdict verdict = CLOSE_UNEXPLAINED;
    for (int i = 0; i < 2 && verdict != CLOSE_EXACT; i++) {
        vg_dec floored = (vg_dec)floor(part) / units[i] * units[i];
        *expected = proceeds / VG_DEC_ONE - floored * SPOT_COST_UNIT;
        verdict = judge(e, *expected, units[i] * SPOT_COST_UNIT);
    }
    return verdict;
}

static void note_verdict(struct ledger *ledger, const struct fill_batch *b, size_t row, const struct entry *e,
                         enum close_verdict verdict, vg_dec expected)
{
    struct ledger_kind_report *report = &ledger->report.kinds[e->kind];
    report->closes++;
    report->verdicts[verdict]++;
    struct ledger_example *worst = &ledger->report.worst;
    if (verdict != CLOSE_UNEXPLAINED) return;
    if (worst->found && vg_dec_abs(worst->booked - worst->expected) >= vg_dec_abs(e->pnl - expected)) return;
    vg_slice user = batch_text(b, FILL_USER_ADDRESS, row), coin = batch_text(b, FILL_COIN, row);
    *worst = (struct ledger_example){.found = true,
                                     .block_number = batch_int64(b, FILL_BLOCK_NUMBER, row),
                                     .event_index = (uint32_t)batch_int32(b, FILL_EVENT_INDEX, row),
                                     .booked = e->pnl,
                                     .expected = expected};
    memcpy(worst->user, user.p, user.n < ADDRESS_TEXT ? user.n : ADDRESS_TEXT);
    memcpy(worst->coin, coin.p, coin.n < sizeof worst->coin - 1 ? coin.n : sizeof worst->coin - 1);
}

static struct entry read_entry(const struct ledger *ledger, const struct fill_batch *b, size_t row,
                               const struct pair *pair)
{
    vg_slice direction = batch_has(b, FILL_DIRECTION, row) ? batch_text(b, FILL_DIRECTION, row) : VG_SLICE("");
    struct entry e = {
        .price = batch_decimal(b, FILL_PRICE, row),
        .size = batch_decimal(b, FILL_SIZE, row),
        .start = batch_decimal(b, FILL_START_POSITION, row),
        .is_buy = vg_slice_is(batch_text(b, FILL_SIDE, row), "B"),
        .has_pnl = batch_has(b, FILL_CLOSED_PNL, row),
        .is_dust = direction_is_dust(direction),
        .kind = pair->kind,
        .size_decimals = ledger->size_decimals[pair->coin],
    };
    if (e.has_pnl) e.pnl = batch_decimal(b, FILL_CLOSED_PNL, row);
    if (batch_has(b, FILL_FEE, row)) e.fee = batch_decimal(b, FILL_FEE, row);
    e.system = direction_is_system(direction) || vg_slice_is(direction, "Auto-Deleveraging") ||
               (direction.n > 10 && memcmp(direction.p, "Liquidated", 10) == 0);
    bool closes = e.is_buy ? e.start < 0 : e.start > 0;
    vg_dec held = vg_dec_abs(e.start);
    e.closing = closes ? (e.size < held ? e.size : held) : 0;
    return e;
}

static struct account *account_of(struct ledger *ledger, const struct pair *pair)
{
    if (pair->id >= ledger->capacity) {
        size_t capacity = ledger->capacity ? ledger->capacity * 2 : 1024;
        ledger->accounts = vg_realloc(ledger->accounts, capacity * sizeof *ledger->accounts);
        memset(ledger->accounts + ledger->capacity, 0, (capacity - ledger->capacity) * sizeof *ledger->accounts);
        ledger->capacity = capacity;
    }
    while (pair->coin >= ledger->coin_count) {
        ledger->size_decimals = vg_realloc(ledger->size_decimals, ledger->coin_count + 1);
        unsigned decimals = size_grid_decimals(ledger->grid, ledger->pairs.coins.keys[ledger->coin_count]);
        ledger->size_decimals[ledger->coin_count++] = (uint8_t)decimals;
    }
    return &ledger->accounts[pair->id];
}

static bool follows(const struct entry *e, vg_dec quantity)
{
    if (coin_is_perp(e->kind)) return e->start == quantity;
    vg_dec difference = vg_dec_abs(e->start - quantity), size = vg_dec_abs(e->start);
    return difference <= size / 1000000 + 1;
}

/* The books before this row: what was left, unless the position changed without a fill. */
static void arrive(struct ledger *ledger, struct account *account, const struct pair *pair, const struct entry *e,
                   int64_t block)
{
    struct book *book = &account->now;
    if (!pair->added && account->block == block && account->is_buy != e->is_buy && account->start == e->start &&
        account->size == e->size && !follows(e, book->quantity)) {
        ledger->report.self_trades++;
        *book = account->before; /* neither of the two rows moves the position */
        return;
    }
    if (!pair->added && follows(e, book->quantity)) return; /* spot: the own quantity has no float dust */
    if (!pair->added) ledger->report.gaps++;
    *book = (struct book){.quantity = e->start, .known = e->start == 0};
}

static void add_row(struct ledger *ledger, const struct fill_batch *b, size_t row)
{
    struct pair pair = pairs_of_row(&ledger->pairs, b, row);
    struct account *account = account_of(ledger, &pair);
    struct entry e = read_entry(ledger, b, row, &pair);
    int64_t block = batch_int64(b, FILL_BLOCK_NUMBER, row);
    uint64_t self_trades = ledger->report.self_trades;
    arrive(ledger, account, &pair, &e, block);
    struct book *book = &account->now;
    account->before = *book;
    account->block = block;
    account->start = e.start;
    account->size = e.size;
    account->is_buy = e.is_buy;
    if (ledger->report.self_trades != self_trades) return;

    bool perp = coin_is_perp(e.kind), bookable = perp && e.size_decimals <= MONEY_DECIMALS;
    vg_dec expected, opening = e.size - e.closing;
    if (e.closing > 0 && e.has_pnl && !e.is_dust && (bookable || e.kind == COIN_SPOT)) {
        enum close_verdict verdict = perp ? close_perp(book, &e, &expected) : sell_spot(book, &e, &expected);
        note_verdict(ledger, b, row, &e, verdict, expected);
    }
    book->quantity += e.is_buy ? e.closing : -e.closing;
    if (bookable && opening > 0) open_perp(book, &e, opening);
    if (e.kind == COIN_SPOT && e.is_buy) {
        vg_dec20 paid;
        if (book->quantity == 0) *book = (struct book){.known = true};
        if (!vg_dec_mul(e.price, e.size, &paid)) book->known = false;
        paid /= (vg_dec20)VG_DEC_ONE * SPOT_COST_UNIT;
        book->cost += (double)paid;
    }
    book->quantity += e.is_buy ? opening : -opening;
    if (fee_in_base(e.kind, e.is_buy, e.fee)) book->quantity -= e.fee;
}

void ledger_add(struct ledger *ledger, const struct fill_batch *b)
{
    for (size_t row = 0; row < b->n; row++)
        add_row(ledger, b, row);
}
