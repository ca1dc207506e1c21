/* Reads a small synthetic market back with nothing of the generator's: liblz4, jansson and decimals of
 * its own, and checks what must hold of the exchange's files. Two days, so that a midnight lies inside. */
#include <ftw.h>
#include <lz4frame.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "simulate/simulate.h"

#define FILLS 30001
#define DAYS 2
#define FIRST_DAY 20574 /* 2026-05-01 */

typedef __int128 wide;

/* --- files --- */

struct bytes {
    char *p;
    size_t n;
};

static struct bytes read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot open %s", path);
    struct bytes b = {0};
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    b.n = (size_t)ftell(file);
    rewind(file);
    b.p = malloc(b.n + 1);
    assert_non_null(b.p);
    assert_int_equal(fread(b.p, 1, b.n, file), b.n);
    b.p[b.n] = '\0';
    fclose(file);
    return b;
}

static struct bytes unpack(struct bytes packed)
{
    LZ4F_dctx *lz4;
    assert_false(LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)));
    struct bytes text = {malloc(1), 0};
    size_t at = 0, hint = 1, room = 1 << 20;
    char *part = malloc(room);
    while (at < packed.n) {
        size_t out = room, in = packed.n - at;
        hint = LZ4F_decompress(lz4, part, &out, packed.p + at, &in, NULL);
        assert_false(LZ4F_isError(hint));
        at += in;
        text.p = realloc(text.p, text.n + out + 1);
        memcpy(text.p + text.n, part, out);
        text.n += out;
    }
    assert_int_equal(hint, 0); /* the frame is complete, its checksum right */
    text.p[text.n] = '\0';
    free(part);
    LZ4F_freeDecompressionContext(lz4);
    return text;
}

static void hour_path(char out[300], const char *directory, unsigned day, unsigned hour)
{
    snprintf(out, 300, "%s/node_fills_by_block/hourly/202605%02u/%u.lz4", directory, 1 + day, hour);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info, (void)kind, (void)place;
    return remove(path);
}

/* --- decimals: units of 1e-10 --- */

static wide decimal(const char *text)
{
    wide value = 0;
    int digits = -1;
    const char *p = text + (*text == '-');
    assert_true(*p >= '0' && *p <= '9');
    for (; *p; p++) {
        if (*p == '.') {
            assert_int_equal(digits, -1);
            digits = 0;
            continue;
        }
        assert_true(*p >= '0' && *p <= '9');
        value = value * 10 + (*p - '0');
        if (digits >= 0) digits++;
    }
    assert_in_range(digits, 1, 10);            /* always a point, never more than ten digits */
    assert_true(p[-1] != '0' || digits == 1);  /* no further trailing zeros */
    if (*text == '-') assert_true(value != 0); /* no "-0.0" */
    for (; digits < 10; digits++)
        value *= 10;
    return *text == '-' ? -value : value;
}

static wide power10(unsigned n) { return n ? 10 * power10(n - 1) : 1; }

static const char *text_of(const json_t *fill, const char *key)
{
    const char *text = json_string_value(json_object_get(fill, key));
    if (!text) fail_msg("no text under '%s'", key);
    return text;
}

static wide number_of(const json_t *fill, const char *key) { return decimal(text_of(fill, key)); }
static bool is_dust(const json_t *fill) { return strcmp(text_of(fill, "dir"), "Spot Dust Conversion") == 0; }
static bool is_buy(const json_t *fill) { return strcmp(text_of(fill, "side"), "B") == 0; }

/* --- tables of text, as in truth/ --- */

/* Rows of a CSV by its first `keys` columns joined with '|'; each row an object of texts by column. */
static json_t *read_table(const char *directory, const char *name, unsigned keys)
{
    char path[300];
    snprintf(path, sizeof path, "%s/truth/%s", directory, name);
    struct bytes file = read_file(path);
    char *lines, *line = strtok_r(file.p, "\n", &lines), *columns[64];
    unsigned n = 0;
    for (char *rest = line, *cell; (cell = strsep(&rest, ",")) && n < 64; n++)
        columns[n] = cell;
    json_t *table = json_object();
    while ((line = strtok_r(NULL, "\n", &lines))) {
        json_t *row = json_object();
        char key[100] = "";
        unsigned i = 0;
        for (char *rest = line, *cell; (cell = strsep(&rest, ",")); i++) {
            assert_true(i < n);
            json_object_set_new(row, columns[i], json_string(cell));
            if (i < keys) snprintf(key + strlen(key), sizeof key - strlen(key), "%s%s", i ? "|" : "", cell);
        }
        assert_int_equal(i, n);
        json_object_set_new(table, key, row);
    }
    free(file.p);
    return table;
}

/* --- one market for all tests --- */

struct world {
    char directory[64];
    struct simulate_result result;
    json_t *blocks; /* all lines in order */
    json_t *coins, *traders, *positions;
};

static void generate(const char *directory, uint64_t seed, struct simulate_result *result)
{
    struct simulate_options options = {
        .fills = FILLS, .traders = 300, .seed = seed, .first_day = FIRST_DAY, .days = DAYS, .output = directory};
    vg_err err = {0};
    if (simulate_market(&options, result, &err)) fail_msg("%s", err.msg);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    strcpy(w->directory, "/tmp/vigil-simulate-XXXXXX");
    assert_non_null(mkdtemp(w->directory));
    generate(w->directory, 1, &w->result);
    w->blocks = json_array();
    for (unsigned hour = 0; hour < 24 * DAYS; hour++) {
        char path[300];
        hour_path(path, w->directory, hour / 24, hour % 24);
        struct bytes packed = read_file(path), text = unpack(packed);
        for (char *line = text.p, *end; *line; line = end + 1) {
            end = strchr(line, '\n');
            assert_non_null(end);
            json_t *block = json_loadb(line, (size_t)(end - line), 0, NULL);
            assert_non_null(block);
            char *again = json_dumps(block, JSON_COMPACT);
            assert_memory_equal(again, line, (size_t)(end - line)); /* no space, no odd number form */
            free(again);
            json_array_append_new(w->blocks, block);
        }
        free(packed.p);
        free(text.p);
    }
    w->coins = read_table(w->directory, "coins.csv", 1);
    w->traders = read_table(w->directory, "traders.csv", 1);
    w->positions = read_table(w->directory, "positions.csv", 2);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    json_decref(w->blocks);
    json_decref(w->coins);
    json_decref(w->traders);
    json_decref(w->positions);
    nftw(w->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(w);
    return 0;
}

static const json_t *coin_of(const struct world *w, const json_t *fill)
{
    const json_t *coin = json_object_get(w->coins, text_of(fill, "coin"));
    assert_non_null(coin);
    return coin;
}

static bool is_spot(const struct world *w, const json_t *fill)
{
    return strcmp(text_of(coin_of(w, fill), "kind"), "spot") == 0;
}

static unsigned size_digits(const struct world *w, const json_t *fill)
{
    return (unsigned)atoi(text_of(coin_of(w, fill), "sz_decimals"));
}

typedef void (*row_check)(struct world *w, const json_t *block, const char *user, const json_t *fill, void *context);

static void each_row(struct world *w, row_check check, void *context)
{
    size_t i, k;
    json_t *block, *event;
    json_array_foreach(w->blocks, i, block) json_array_foreach(json_object_get(block, "events"), k, event)
        check(w, block, json_string_value(json_array_get(event, 0)), json_array_get(event, 1), context);
}

/* --- the file format --- */

static void writes_frames_like_the_exchange(void **state)
{
    struct world *w = *state;
    char path[300];
    hour_path(path, w->directory, 1, 5);
    struct bytes packed = read_file(path);
    LZ4F_dctx *lz4;
    assert_false(LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)));
    LZ4F_frameInfo_t info;
    size_t n = packed.n;
    assert_false(LZ4F_isError(LZ4F_getFrameInfo(lz4, &info, packed.p, &n)));
    assert_int_equal(info.blockSizeID, LZ4F_max4MB);
    assert_int_equal(info.contentChecksumFlag, LZ4F_contentChecksumEnabled);
    LZ4F_freeDecompressionContext(lz4);
    free(packed.p);
    assert_int_equal(w->result.files, 24 * DAYS);
}

static void numbers_blocks_and_orders_times(void **state)
{
    struct world *w = *state;
    size_t i;
    json_t *block;
    const char *before = "", *local_before = "";
    json_int_t number = 0;
    size_t empty = 0;
    json_array_foreach(w->blocks, i, block)
    {
        const char *time = text_of(block, "block_time"), *local = text_of(block, "local_time");
        json_int_t this = json_integer_value(json_object_get(block, "block_number"));
        if (i) assert_int_equal(this, number + 1);
        assert_int_equal(strlen(time), 29);
        assert_true(strcmp(time, before) > 0 && strcmp(local, local_before) > 0 && strcmp(local, time) > 0);
        empty += json_array_size(json_object_get(block, "events")) == 0;
        number = this;
        before = time;
        local_before = local;
    }
    assert_int_equal(i, w->result.blocks);
    assert_true(empty > i / 4);
    const json_t *first = json_array_get(w->blocks, 0);
    assert_int_equal(strncmp(text_of(first, "block_time"), "2026-04-30T23:59:59.99", 22), 0);
    assert_int_equal(strncmp(text_of(first, "local_time"), "2026-05-01T00:00:00", 19), 0);
    assert_int_equal(strncmp(local_before, "2026-05-02T23", 13), 0);
}

static void check_row_form(struct world *w, const json_t *block, const char *user, const json_t *fill, void *context)
{
    static const char *const order[] = {
        "coin",      "px",          "sz",       "side",    "time",   "startPosition", "dir",
        "closedPnl", "hash",        "oid",      "crossed", "fee",    "builderFee",    "tid",
        "cloid",     "liquidation", "feeToken", "builder", "twapId", "deployerFee",   "priorityGas"};
    (void)context;
    size_t at = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)fill, key, value)
    {
        while (at < 21 && strcmp(order[at], key) != 0)
            at++;
        assert_true(at < 21); /* known, and in the exchange's order */
    }
    assert_int_equal(strlen(user), 42);
    assert_true(json_object_get(fill, "twapId") && json_object_get(fill, "feeToken") &&
                json_object_get(fill, "closedPnl"));

    long long seconds_in_block = 0, ms = 0;
    sscanf(text_of(block, "block_time") + 17, "%lld.%3lld", &seconds_in_block, &ms);
    long long time = json_integer_value(json_object_get(fill, "time"));
    assert_int_equal(time % 60000, seconds_in_block * 1000 + ms); /* the floor of block_time */

    const char *hash = text_of(fill, "hash");
    bool zero = strspn(hash + 2, "0") == 64;
    if (!zero) {
        assert_int_equal(strncmp(hash + 22, "04", 2), 0);
        char number[9] = "";
        memcpy(number, hash + 24, 8);
        assert_int_equal(strtoll(number, NULL, 16), json_integer_value(json_object_get(block, "block_number")));
    }
    if (!json_is_null(json_object_get(fill, "twapId"))) assert_true(zero);

    /* five significant digits, or an integer; sizes in lots */
    wide price = number_of(fill, "px"), digits = price;
    while (digits % 10 == 0)
        digits /= 10;
    assert_true(digits < 100000 || price % power10(10) == 0);
    unsigned decimals = size_digits(w, fill), money = is_spot(w, fill) ? 8 : 6;
    assert_true(price % power10(10 - (money - decimals)) == 0);
    if (!is_dust(fill)) assert_true(number_of(fill, "sz") % power10(10 - decimals) == 0);
    assert_true(price > 0 && number_of(fill, "sz") > 0);
}

static void writes_rows_in_the_exchanges_form(void **state) { each_row(*state, check_row_form, NULL); }

static void pairs_every_trade(void **state)
{
    struct world *w = *state;
    json_t *seen = json_object(), *block;
    size_t rows = 0, trades = 0, dust = 0, i;
    wide bought = 0, sold = 0;
    json_array_foreach(w->blocks, i, block)
    {
        const json_t *events = json_object_get(block, "events");
        for (size_t k = 0; k < json_array_size(events); rows++) {
            const json_t *buy = json_array_get(json_array_get(events, k), 1);
            if (is_dust(buy)) {
                assert_int_equal(json_integer_value(json_object_get(buy, "tid")), 0);
                assert_false(is_buy(buy));
                assert_string_equal(text_of(buy, "sz"), text_of(buy, "startPosition"));
                k++;
                dust++;
                continue;
            }
            const json_t *sell = json_array_get(json_array_get(events, k + 1), 1);
            assert_true(is_buy(buy) && !is_buy(sell));
            static const char *const shared[] = {"coin", "px", "sz", "time", "hash", "tid", "liquidation"};
            for (size_t s = 0; s < sizeof shared / sizeof *shared; s++) {
                json_t *a = json_object_get(buy, shared[s]), *b = json_object_get(sell, shared[s]);
                assert_true(a == b || json_equal(a, b));
            }
            assert_int_not_equal(json_is_true(json_object_get(buy, "crossed")),
                                 json_is_true(json_object_get(sell, "crossed")));
            assert_string_not_equal(json_string_value(json_array_get(json_array_get(events, k), 0)),
                                    json_string_value(json_array_get(json_array_get(events, k + 1), 0)));
            char tid[32];
            long long id = json_integer_value(json_object_get(buy, "tid"));
            assert_in_range(id, 1, 1LL << 50);
            snprintf(tid, sizeof tid, "%lld", id);
            assert_null(json_object_get(seen, tid));
            json_object_set_new(seen, tid, json_true());
            bought += number_of(buy, "px") * number_of(buy, "sz");
            sold += number_of(sell, "px") * number_of(sell, "sz");
            k += 2;
            rows++;
            trades++;
        }
    }
    assert_true(bought == sold);
    assert_int_equal(rows, w->result.fills);
    assert_in_range(rows, FILLS - 1, FILLS);
    assert_int_equal(trades, w->result.trades);
    assert_int_equal(dust, w->result.dust_fills);
    assert_int_equal(rows, 2 * trades + dust);
    assert_in_range(dust, 1, FILLS / 100); /* there is some, and little */
    json_decref(seen);
}

/* --- the accounting --- */

/* What follows from the rows seen so far, per trader and coin. */
struct account {
    bool known;
    wide quantity;    /* 1e-10 */
    double spot_cost; /* 1e-8 */
    double perp_cost; /* 1e-6 */
};

struct accounts {
    json_t *index;
    struct account *list;
    size_t n, perp_closes, spot_closes, flips;
};

static struct account *account_of(struct world *w, struct accounts *accounts, const char *user, const json_t *fill)
{
    char key[100];
    snprintf(key, sizeof key, "%s|%s", user, text_of(fill, "coin"));
    json_t *at = json_object_get(accounts->index, key);
    if (at) return &accounts->list[json_integer_value(at)];
    json_object_set_new(accounts->index, key, json_integer((json_int_t)accounts->n));
    accounts->list = realloc(accounts->list, (accounts->n + 1) * sizeof *accounts->list);
    struct account *account = &accounts->list[accounts->n++];
    *account = (struct account){.known = true};
    const json_t *opening = json_object_get(w->positions, key);
    assert_non_null(opening);
    account->quantity = number_of(opening, "opening_quantity");
    wide cost = number_of(opening, "opening_cost");
    if (is_spot(w, fill))
        account->spot_cost = (double)(cost / 100);
    else
        account->perp_cost = (double)(cost / 10000);
    return account;
}

static const char *expected_direction(bool buys, wide start, wide size)
{
    if (buys) return start >= 0 ? "Open Long" : size <= -start ? "Close Short" : "Short > Long";
    return start <= 0 ? "Open Short" : size <= start ? "Close Long" : "Long > Short";
}

static void check_perp(struct accounts *accounts, struct account *a, const json_t *fill, unsigned decimals)
{
    wide start = number_of(fill, "startPosition"), size = number_of(fill, "sz");
    bool buys = is_buy(fill);
    assert_true(start == a->quantity);
    const char *direction = text_of(fill, "dir");
    bool forced = strncmp(direction, "Liquidated", 10) == 0 || strcmp(direction, "Auto-Deleveraging") == 0;
    if (!forced) assert_string_equal(direction, expected_direction(buys, start, size));
    accounts->flips += strchr(direction, '>') != NULL;
    if (strncmp(direction, "Liquidated", 10) == 0) assert_true(buys ? start < 0 : start > 0);

    /* in lots and ticks, so that cost is in units of 1e-6 */
    wide lot = power10(10 - decimals), tick = power10(4 + decimals);
    wide lots = size / lot, price = number_of(fill, "px") / tick, held = (start < 0 ? -start : start) / lot;
    wide closing = (buys ? start < 0 : start > 0) ? (lots < held ? lots : held) : 0, profit = 0;
    if (closing) {
        wide entry = (wide)floor(a->perp_cost / (double)held);
        profit = closing * (buys ? entry - price : price - entry);
        a->perp_cost *= (double)(held - closing) / (double)held;
        accounts->perp_closes++;
    }
    assert_true(number_of(fill, "closedPnl") == profit * 10000);
    a->perp_cost += (double)((lots - closing) * price);
    a->quantity += buys ? size : -size;
}

static void check_spot(struct world *w, struct accounts *accounts, struct account *a, const char *user,
                       const json_t *fill)
{
    wide start = number_of(fill, "startPosition"), size = number_of(fill, "sz");
    if (strncmp(user, "0xeeeeeeee", 10) == 0) a->quantity = start, a->known = false; /* restarts every midnight */
    assert_true(start == a->quantity);
    if (is_dust(fill)) {
        assert_true(number_of(fill, "closedPnl") == 0 && number_of(fill, "fee") == 0);
        a->quantity = 0;
        a->spot_cost = 0;
        return;
    }
    bool buys = is_buy(fill);
    assert_string_equal(text_of(fill, "dir"), buys ? "Buy" : "Sell");
    wide value = number_of(fill, "px") * number_of(fill, "sz") / power10(12), profit = 0;
    if (buys) {
        a->spot_cost += (double)value;
        a->quantity += size;
    } else {
        assert_true(size <= start);
        double part = a->spot_cost * ((double)size / (double)start);
        profit = value - (wide)part; /* floored for the print; the books keep it whole */
        a->spot_cost -= part;
        a->quantity -= size;
        accounts->spot_closes++;
    }
    if (a->known) assert_true(number_of(fill, "closedPnl") == profit * 100);
    if (strcmp(text_of(fill, "feeToken"), text_of(coin_of(w, fill), "base_token")) == 0)
        a->quantity -= number_of(fill, "fee");
}

static void check_accounting(struct world *w, const json_t *block, const char *user, const json_t *fill, void *context)
{
    (void)block;
    struct accounts *accounts = context;
    struct account *account = account_of(w, accounts, user, fill);
    if (is_spot(w, fill))
        check_spot(w, accounts, account, user, fill);
    else
        check_perp(accounts, account, fill, size_digits(w, fill));
}

static void books_positions_and_profits_as_the_exchange_does(void **state)
{
    struct world *w = *state;
    struct accounts accounts = {.index = json_object()};
    each_row(w, check_accounting, &accounts);
    assert_true(accounts.perp_closes > FILLS / 5 && accounts.spot_closes > 100 && accounts.flips > 50);

    const char *key;
    json_t *at;
    json_object_foreach(accounts.index, key, at)
    {
        if (strncmp(key, "0xeeeeeeee", 10) == 0) continue;
        wide closing = number_of(json_object_get(w->positions, key), "closing_quantity");
        assert_true(closing == accounts.list[json_integer_value(at)].quantity);
    }
    json_decref(accounts.index);
    free(accounts.list);
}

static void check_fee(struct world *w, const json_t *block, const char *user, const json_t *fill, void *context)
{
    (void)block, (void)user, (void)context;
    const json_t *coin = coin_of(w, fill);
    wide fee = number_of(fill, "fee");
    bool taker = json_is_true(json_object_get(fill, "crossed")), buys = is_buy(fill);
    const char *token = text_of(fill, "feeToken"), *base = text_of(coin, "base_token"),
               *quote = text_of(coin, "quote_token");
    if (!is_spot(w, fill)) {
        assert_string_equal(token, quote);
        assert_true(fee % 10000 == 0); /* six decimals */
    } else if (!is_dust(fill) && fee != 0) {
        /* who receives tokens pays in them; a rebate comes in what the taker pays with */
        bool in_base = fee > 0 ? buys : !buys;
        assert_string_equal(token, in_base ? base : quote);
        assert_true(fee % 100 == 0);
    }
    if (taker) assert_true(fee >= 0);
    const json_t *builder = json_object_get(fill, "builderFee"), *deployer = json_object_get(fill, "deployerFee");
    if (builder) assert_true(number_of(fill, "builderFee") > 0 && number_of(fill, "builderFee") <= fee);
    if (deployer) assert_true(number_of(fill, "deployerFee") > 0 && number_of(fill, "deployerFee") <= fee);
    if (deployer) assert_string_equal(text_of(coin, "kind"), "hip3");
    /* never above 9 + 10 basis points, the dearest venue and the dearest builder */
    if (strcmp(token, quote) == 0)
        assert_true(fee * power10(10) * 10000 <= number_of(fill, "px") * number_of(fill, "sz") * 19);
}

static void charges_fees_in_the_right_token(void **state) { each_row(*state, check_fee, NULL); }

/* --- the truth --- */

struct sums {
    wide volume, dust_volume, perp_pnl, spot_pnl, builder, deployer; /* volumes 1e-20, else 1e-10 */
    size_t fills, takers, twaps, liquidated, deleveraged, dust;
    json_t *fees; /* token -> index */
    wide by_token[16];
};

struct all_sums {
    json_t *index;
    struct sums *list;
    size_t n;
};

static void add_up(struct world *w, const json_t *block, const char *user, const json_t *fill, void *context)
{
    (void)block;
    struct all_sums *all = context;
    json_t *at = json_object_get(all->index, user);
    if (!at) {
        json_object_set_new(all->index, user, json_integer((json_int_t)all->n));
        all->list = realloc(all->list, (all->n + 1) * sizeof *all->list);
        all->list[all->n++] = (struct sums){.fees = json_object()};
    }
    struct sums *s = &all->list[at ? (size_t)json_integer_value(at) : all->n - 1];
    wide volume = number_of(fill, "px") * number_of(fill, "sz");
    s->fills++;
    s->takers += json_is_true(json_object_get(fill, "crossed"));
    s->twaps += !json_is_null(json_object_get(fill, "twapId"));
    s->dust += is_dust(fill);
    s->deleveraged += strcmp(text_of(fill, "dir"), "Auto-Deleveraging") == 0;
    const char *victim = json_string_value(json_object_get(json_object_get(fill, "liquidation"), "liquidatedUser"));
    s->liquidated += victim && strcmp(victim, user) == 0;
    *(is_dust(fill) ? &s->dust_volume : &s->volume) += volume;
    *(is_spot(w, fill) ? &s->spot_pnl : &s->perp_pnl) += number_of(fill, "closedPnl");
    if (json_object_get(fill, "builderFee")) s->builder += number_of(fill, "builderFee");
    if (json_object_get(fill, "deployerFee")) s->deployer += number_of(fill, "deployerFee");
    const char *token = text_of(fill, "feeToken");
    if (!json_object_get(s->fees, token))
        json_object_set_new(s->fees, token, json_integer((json_int_t)json_object_size(s->fees)));
    s->by_token[json_integer_value(json_object_get(s->fees, token))] += number_of(fill, "fee");
}

/* Products of price and size have more than ten fractional digits: units of 1e-20. */
static wide decimal20(const char *text)
{
    wide value = 0;
    int digits = -1;
    for (const char *p = text; *p; p++) {
        if (*p == '.')
            digits = 0;
        else
            value = value * 10 + (*p - '0'), digits += digits >= 0;
    }
    return value * power10(20 - (unsigned)digits);
}

static void truth_equals_the_sums_of_the_files(void **state)
{
    struct world *w = *state;
    struct all_sums all = {.index = json_object()};
    each_row(w, add_up, &all);
    const char *user;
    json_t *row;
    size_t active = 0;
    json_object_foreach(w->traders, user, row)
    {
        static const struct sums nothing;
        const json_t *at = json_object_get(all.index, user);
        const struct sums *s = at ? &all.list[json_integer_value(at)] : &nothing;
        active += at != NULL;
        assert_int_equal(atoll(text_of(row, "fills")), s->fills);
        assert_int_equal(atoll(text_of(row, "taker_fills")), s->takers);
        assert_int_equal(atoll(text_of(row, "twap_fills")), s->twaps);
        assert_int_equal(atoll(text_of(row, "liquidated_fills")), s->liquidated);
        assert_int_equal(atoll(text_of(row, "adl_fills")), s->deleveraged);
        assert_int_equal(atoll(text_of(row, "dust_fills")), s->dust);
        assert_true(decimal20(text_of(row, "volume")) == s->volume);
        assert_true(decimal20(text_of(row, "dust_volume")) == s->dust_volume);
        assert_true(number_of(row, "perp_pnl") == s->perp_pnl && number_of(row, "spot_pnl") == s->spot_pnl);
        assert_true(number_of(row, "realized_pnl") == s->perp_pnl + s->spot_pnl);
        assert_true(number_of(row, "builder_fees") == s->builder && number_of(row, "deployer_fees") == s->deployer);
        const char *column;
        json_t *cell;
        json_object_foreach(row, column, cell)
        {
            if (strncmp(column, "fees_", 5) != 0) continue;
            const json_t *token = json_object_get(s->fees, column + 5);
            wide sum = token ? s->by_token[json_integer_value(token)] : 0;
            assert_true(decimal(json_string_value(cell)) == sum);
        }
    }
    assert_int_equal(active, all.n); /* nobody trades whom the truth does not know */
    for (size_t i = 0; i < all.n; i++)
        json_decref(all.list[i].fees);
    free(all.list);
    json_decref(all.index);
}

/* --- runs --- */

static bool same_files(const char *a, const char *b)
{
    bool same = true;
    for (unsigned hour = 0; hour < 24 * DAYS; hour++) {
        char path_a[300], path_b[300];
        hour_path(path_a, a, hour / 24, hour % 24);
        hour_path(path_b, b, hour / 24, hour % 24);
        struct bytes x = read_file(path_a), y = read_file(path_b);
        if (x.n != y.n || memcmp(x.p, y.p, x.n) != 0) same = false;
        free(x.p);
        free(y.p);
    }
    return same;
}

static void repeats_itself_for_a_seed_only(void **state)
{
    struct world *w = *state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        char other[] = "/tmp/vigil-simulate-XXXXXX";
        struct simulate_result result;
        assert_non_null(mkdtemp(other));
        generate(other, seed, &result);
        assert_int_equal(same_files(w->directory, other), seed == 1);
        json_t *traders = read_table(other, "traders.csv", 1);
        assert_int_equal(json_equal(traders, w->traders), seed == 1);
        json_decref(traders);
        nftw(other, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
}

static void does_not_mix_two_markets(void **state)
{
    struct world *w = *state;
    struct simulate_options options = {
        .fills = FILLS, .traders = 300, .seed = 99, .first_day = FIRST_DAY, .days = DAYS, .output = w->directory};
    struct simulate_result result;
    vg_err err = {0};
    assert_int_equal(simulate_market(&options, &result, &err), VG_ESTATE);
    assert_non_null(strstr(err.msg, "another synthetic market"));
}

static void refuses_options_that_make_no_sense(void **state)
{
    (void)state;
    const struct simulate_options good = {
        .fills = 1000, .traders = 50, .first_day = FIRST_DAY, .days = 1, .output = "/nonexistent/simulate"};
    struct simulate_options bad[5] = {good, good, good, good, good};
    bad[0].output = NULL;
    bad[1].fills = 1;
    bad[2].traders = 3;
    bad[3].days = 0;
    bad[4].first_day = 0;
    for (size_t i = 0; i < 5; i++) {
        struct simulate_result result;
        vg_err err = {0};
        assert_int_equal(simulate_market(&bad[i], &result, &err), VG_EUSAGE);
        assert_true(err.msg[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_frames_like_the_exchange),
        cmocka_unit_test(numbers_blocks_and_orders_times),
        cmocka_unit_test(writes_rows_in_the_exchanges_form),
        cmocka_unit_test(pairs_every_trade),
        cmocka_unit_test(books_positions_and_profits_as_the_exchange_does),
        cmocka_unit_test(charges_fees_in_the_right_token),
        cmocka_unit_test(truth_equals_the_sums_of_the_files),
        cmocka_unit_test(repeats_itself_for_a_seed_only),
        cmocka_unit_test(does_not_mix_two_markets),
        cmocka_unit_test(refuses_options_that_make_no_sense),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
