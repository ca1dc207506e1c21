/* When, in what and in which sizes a trader trades: sums over his newest fills. */
#include <math.h>

#include "base/intern.h"
#include "base/json.h"
#include "serve/answers.h"

#define ACTIVITY_MS 10000     /* for the question; then 504 */
#define ACTIVITY_FILLS 100000 /* at most so many are read: about a second */
#define HOURS (7 * 24)        /* from Monday 0:00 UTC on */
#define US_PER_HOUR INT64_C(3600000000)
#define FIRST_HOUR (3 * 24) /* 1970-01-01 was a Thursday */
#define SIZES 24            /* two a decade: from 0.01 USD to 10 billion */

struct sums {
    uint64_t fills;
    vg_dec20 volume, taker_volume, bought, closed_pnl;
};

struct activity {
    struct intern names;
    struct sums *coins; /* by id of the name */
    size_t coin_room;
    struct sums hours[HOURS];
    uint64_t sizes[SIZES], fills;
};

static void begin_activity(void *ctx)
{
    struct activity *a = ctx;
    intern_clear(&a->names);
    memset(a->hours, 0, sizeof a->hours);
    memset(a->sizes, 0, sizeof a->sizes);
    a->fills = 0;
}

static void add_fill(struct sums *sums, const struct feature_value *v, vg_dec20 volume)
{
    sums->fills++;
    sums->volume += volume;
    if (v[FILL_CROSSED].integer) sums->taker_volume += volume;
    if (vg_slice_is(v[FILL_SIDE].text, "B")) sums->bought += volume;
    if (!v[FILL_CLOSED_PNL].null) sums->closed_pnl += v[FILL_CLOSED_PNL].decimal * VG_DEC_ONE;
}

static struct sums *sums_of_coin(struct activity *a, vg_slice coin)
{
    uint32_t known = a->names.count, id = intern_id(&a->names, coin.p, coin.n);
    if (id >= a->coin_room) {
        a->coin_room = id * 2 + 16;
        a->coins = vg_realloc(a->coins, a->coin_room * sizeof *a->coins);
    }
    if (id == known) a->coins[id] = (struct sums){0};
    return &a->coins[id];
}

static size_t size_class(vg_dec20 volume)
{
    double place = volume > 0 ? floor(2 * log10(vg_dec20_double(volume))) + 4 : 0;
    return place < 0 ? 0 : place >= SIZES ? SIZES - 1 : (size_t)place;
}

/* Fills come the newest first. */
static vg_code take_fill(void *ctx, const struct feature_value *v, vg_err *err)
{
    struct activity *a = ctx;
    int64_t time = v[FILL_TIME].integer;
    (void)err;
    if (!vg_dec_product_fits(v[FILL_PRICE].decimal, v[FILL_SIZE].decimal)) return VG_OK;
    vg_dec20 volume = v[FILL_PRICE].decimal * v[FILL_SIZE].decimal;
    add_fill(&a->hours[(time / US_PER_HOUR + FIRST_HOUR) % HOURS], v, volume);
    add_fill(sums_of_coin(a, v[FILL_COIN].text), v, volume);
    a->sizes[size_class(volume)]++;
    a->fills++;
    return VG_OK;
}

static void print_sum(vg_buf *out, const char *name, vg_dec20 sum)
{
    vg_buf_addf(out, ",\"%s\":\"", name);
    vg_buf_add_dec20(out, sum);
    vg_buf_addc(out, '"');
}

static void print_activity(vg_buf *out, const struct activity *a, bool complete)
{
    vg_buf_addf(out, ",\"fills\":%llu,\"complete\":%s,\"hours\":[", (unsigned long long)a->fills,
                complete ? "true" : "false");
    for (size_t i = 0; i < HOURS; i++) {
        vg_buf_addf(out, "%s{\"fills\":%llu", i ? "," : "", (unsigned long long)a->hours[i].fills);
        print_sum(out, "volume", a->hours[i].volume);
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "],\"coins\":[");
    for (uint32_t i = 0; i < a->names.count; i++) {
        vg_buf_adds(out, i ? ",{\"coin\":" : "{\"coin\":");
        json_add_string(out, a->names.keys[i]);
        vg_buf_addf(out, ",\"fills\":%llu", (unsigned long long)a->coins[i].fills);
        print_sum(out, "volume", a->coins[i].volume);
        print_sum(out, "taker_volume", a->coins[i].taker_volume);
        print_sum(out, "bought", a->coins[i].bought);
        print_sum(out, "closed_pnl", a->coins[i].closed_pnl);
        vg_buf_addc(out, '}');
    }
    vg_buf_adds(out, "],\"sizes\":[");
    for (size_t i = 0; i < SIZES; i++)
        vg_buf_addf(out, "%s%llu", i ? "," : "", (unsigned long long)a->sizes[i]);
    vg_buf_adds(out, "]}\n");
}

void answer_trader_activity(struct api_call *call)
{
    const char *address = call_argument(call, "address")->text;
    struct activity a = {0};
    struct store_query query = {
        .table = STORE_FILLS,
        .filters = {{FILL_USER_ADDRESS, STORE_EQUAL, feature_text(vg_slice_of(address))}},
        .filter_count = 1,
        .keys = {{.column = FILL_BLOCK_NUMBER, .descending = true}, {.column = FILL_EVENT_INDEX, .descending = true}},
        .key_count = 2,
        .limit = ACTIVITY_FILLS,
        .timeout_ms = ACTIVITY_MS,
        .cancelled = call_cancelled(call),
    };
    struct store_sink sink = {&a, begin_activity, take_fill};
    struct store_coverage coverage;
    vg_err err = {0};
    if (trader_index_find(snapshot_traders(call->snapshot), vg_slice_of(address)) == UINT32_MAX) {
        call_not_found(call, "trader", address);
        return;
    }
    if (store_rows(call_store(call), &query, &sink, &coverage, &err)) {
        call_failed(call, &err);
    } else {
        call_begin_of(call, &coverage);
        print_activity(&call->response->body, &a, a.fills < ACTIVITY_FILLS);
        call_json(call);
    }
    free(a.coins);
    intern_release(&a.names);
}
