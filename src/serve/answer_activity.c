/* When and in which sizes a trader trades: sums over his newest fills. */
#include <math.h>

#include "serve/answers.h"

#define ACTIVITY_MS 10000     /* for the question; then 504 */
#define ACTIVITY_FILLS 100000 /* at most so many are read: about a second */
#define HOURS (7 * 24)        /* from Monday 0:00 UTC on */
#define US_PER_HOUR INT64_C(3600000000)
#define FIRST_HOUR (3 * 24) /* 1970-01-01 was a Thursday */
#define SIZES 24            /* two a decade: from 0.01 USD to 10 billion */

struct hour {
    uint64_t fills;
    vg_dec20 volume;
};

struct activity {
    struct hour hours[HOURS];
    uint64_t sizes[SIZES], fills;
};

static void begin_activity(void *ctx) { *(struct activity *)ctx = (struct activity){0}; }

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
    struct hour *hour = &a->hours[(time / US_PER_HOUR + FIRST_HOUR) % HOURS];
    hour->fills++;
    hour->volume += volume;
    a->sizes[size_class(volume)]++;
    a->fills++;
    return VG_OK;
}

static void print_activity(vg_buf *out, const struct activity *a, bool complete)
{
    vg_buf_addf(out, ",\"fills\":%llu,\"complete\":%s,\"hours\":[", (unsigned long long)a->fills,
                complete ? "true" : "false");
    for (size_t i = 0; i < HOURS; i++) {
        vg_buf_addf(out, "%s{\"fills\":%llu,\"volume\":\"", i ? "," : "", (unsigned long long)a->hours[i].fills);
        vg_buf_add_dec20(out, a->hours[i].volume);
        vg_buf_adds(out, "\"}");
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
}
