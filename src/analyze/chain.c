#include "analyze/chain.h"

#include "base/intern.h"
#include "base/map.h"

/* What one row says about a position. */
struct step {
    int64_t block;
    vg_dec start, size;
    bool is_buy, dust, system;
};

struct link {
    vg_dec next; /* expected start of the next fill */
    struct step last;
};

struct chain {
    struct intern users, coins;
    enum coin_kind *kinds; /* by coin id */
    uint32_t kind_count;
    struct map64 pairs; /* user and coin → index of link + 1 */
    struct link *links;
    size_t link_count, link_cap;
    struct chain_report report;
};

uint64_t chain_columns(void)
{
    static const enum fill_column columns[] = {
        FILL_TIME,           FILL_USER_ADDRESS, FILL_COIN,      FILL_SIZE,       FILL_SIDE,         FILL_DIRECTION,
        FILL_START_POSITION, FILL_FEE,          FILL_FEE_TOKEN, FILL_BLOCK_TIME, FILL_BLOCK_NUMBER, FILL_EVENT_INDEX,
    };
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        bits |= UINT64_C(1) << columns[i];
    return bits;
}

struct chain *chain_new(void) { return vg_calloc(1, sizeof(struct chain)); }

void chain_free(struct chain *chain)
{
    if (!chain) return;
    intern_release(&chain->users);
    intern_release(&chain->coins);
    map64_release(&chain->pairs);
    free(chain->kinds);
    free(chain->links);
    free(chain);
}

const struct chain_report *chain_report(const struct chain *chain) { return &chain->report; }

const char *chain_break_name(enum chain_break cause)
{
    static const char *const names[CHAIN_BREAKS] = {"gap", "transfer", "dust", "self_trade", "system"};
    return names[cause];
}

static uint32_t coin_id(struct chain *chain, vg_slice coin)
{
    uint32_t id = intern_id(&chain->coins, coin.p, coin.n);
    if (id == chain->kind_count) {
        chain->kinds = vg_realloc(chain->kinds, (id + 1) * sizeof *chain->kinds);
        chain->kinds[chain->kind_count++] = coin_kind(coin);
    }
    return id;
}

static struct link *find_link(struct chain *chain, uint32_t user, uint32_t coin, bool *added)
{
    uint64_t *index = map64_insert(&chain->pairs, (uint64_t)user << 32 | coin, added);
    if (*added) {
        if (chain->link_count == chain->link_cap) {
            chain->link_cap = chain->link_cap ? chain->link_cap * 2 : 1024;
            chain->links = vg_realloc(chain->links, chain->link_cap * sizeof *chain->links);
        }
        chain->links[chain->link_count] = (struct link){0};
        *index = chain->link_count++;
        chain->report.pairs++;
    }
    return &chain->links[*index];
}

/* Within a millionth of the larger, or a unit of the last digit: float dust of the source. */
static bool nearly_equal(vg_dec a, vg_dec b)
{
    vg_dec difference = vg_dec_abs(a - b), size = vg_dec_abs(a) > vg_dec_abs(b) ? vg_dec_abs(a) : vg_dec_abs(b);
    return difference <= size / 1000000 + 1;
}

/* The exchange's word for an ordinary perp fill: a function of side, position and size. */
static const char *ordinary_direction(bool is_buy, vg_dec start, vg_dec size)
{
    if (is_buy) return start >= 0 ? "Open Long" : size <= -start ? "Close Short" : "Short > Long";
    return start <= 0 ? "Open Short" : size <= start ? "Close Long" : "Long > Short";
}

static bool is_ordinary_word(vg_slice direction)
{
    static const char *const words[] = {"Open Long",   "Close Long",   "Open Short",
                                        "Close Short", "Long > Short", "Short > Long"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (vg_slice_is(direction, words[i])) return true;
    return false;
}

static void note_example(struct chain *chain, const struct fill_batch *b, size_t row, vg_dec expected, vg_dec start)
{
    struct chain_example *example = &chain->report.example;
    if (example->found) return;
    example->found = true;
    vg_slice user = batch_text(b, FILL_USER_ADDRESS, row), coin = batch_text(b, FILL_COIN, row);
    size_t n = user.n < ADDRESS_TEXT ? user.n : ADDRESS_TEXT;
    memcpy(example->user, user.p, n);
    n = coin.n < sizeof example->coin - 1 ? coin.n : sizeof example->coin - 1;
    memcpy(example->coin, coin.p, n);
    example->block_number = batch_int64(b, FILL_BLOCK_NUMBER, row);
    example->event_index = (uint32_t)batch_int32(b, FILL_EVENT_INDEX, row);
    example->expected = expected;
    example->found_position = start;
}

/* The other row of a trade with oneself: the exchange of 2023 had them, and wrote the same position
 * in both. */
static bool is_self_trade(const struct step *a, const struct step *b)
{
    return a->block == b->block && a->is_buy != b->is_buy && a->start == b->start && a->size == b->size;
}

static enum chain_break cause_of(const struct step *last, const struct step *now, enum coin_kind kind, vg_slice user)
{
    if (now->dust || last->dust || vg_slice_is(user, DUST_ADDRESS)) return BREAK_DUST;
    if (now->system || last->system) return BREAK_SYSTEM;
    if (is_self_trade(last, now)) return BREAK_SELF_TRADE;
    return kind == COIN_SPOT ? BREAK_TRANSFER : BREAK_GAP;
}

static struct step read_step(const struct fill_batch *b, size_t row, vg_slice direction)
{
    return (struct step){
        .block = batch_int64(b, FILL_BLOCK_NUMBER, row),
        .start = batch_decimal(b, FILL_START_POSITION, row),
        .size = batch_decimal(b, FILL_SIZE, row),
        .is_buy = vg_slice_is(batch_text(b, FILL_SIDE, row), "B"),
        .dust = direction_is_dust(direction),
        .system = direction_is_system(direction),
    };
}

static vg_dec position_after(const struct fill_batch *b, size_t row, enum coin_kind kind, const struct step *now)
{
    vg_dec fee = batch_has(b, FILL_FEE, row) ? batch_decimal(b, FILL_FEE, row) : 0;
    vg_dec after = now->start + (now->is_buy ? now->size : -now->size);
    return fee_in_base(kind, now->is_buy, fee) ? after - fee : after;
}

static void add_row(struct chain *chain, const struct fill_batch *b, size_t row, uint32_t user)
{
    vg_slice direction = batch_has(b, FILL_DIRECTION, row) ? batch_text(b, FILL_DIRECTION, row) : VG_SLICE("");
    uint32_t coin = coin_id(chain, batch_text(b, FILL_COIN, row));
    enum coin_kind kind = chain->kinds[coin];
    struct chain_kind_report *report = &chain->report.kinds[kind];
    struct step now = read_step(b, row, direction);

    report->rows++;
    if (coin_is_perp(kind) && is_ordinary_word(direction) &&
        !vg_slice_is(direction, ordinary_direction(now.is_buy, now.start, now.size)))
        report->direction_mismatches++;
    if (vg_floor_div(batch_int64(b, FILL_BLOCK_TIME, row), VG_NS_PER_MS) !=
        vg_floor_div(batch_int64(b, FILL_TIME, row), 1000))
        chain->report.time_mismatches++;

    bool added, self_trade = false;
    struct link *link = find_link(chain, user, coin, &added);
    if (!added) {
        report->links++;
        if (coin_is_perp(kind) ? now.start != link->next : !nearly_equal(now.start, link->next)) {
            enum chain_break cause = cause_of(&link->last, &now, kind, batch_text(b, FILL_USER_ADDRESS, row));
            report->breaks[cause]++;
            self_trade = cause == BREAK_SELF_TRADE;
            if (cause == BREAK_GAP) note_example(chain, b, row, link->next, now.start);
        }
    }
    link->next = self_trade ? now.start : position_after(b, row, kind, &now);
    link->last = now;
}

void chain_add(struct chain *chain, const struct fill_batch *b)
{
    vg_slice last = {NULL, 0};
    uint32_t user = 0;
    for (size_t row = 0; row < b->n; row++) {
        vg_slice address = batch_text(b, FILL_USER_ADDRESS, row);
        if (!last.p || !vg_slice_eq(address, last)) user = intern_id(&chain->users, address.p, address.n);
        last = address;
        add_row(chain, b, row, user);
    }
}
