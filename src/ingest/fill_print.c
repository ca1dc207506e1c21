#include "ingest/fill_print.h"

#include "base/hex.h"
#include "base/json.h"

#define MAX_MEMBERS 96

/* Members of `extra`: raw values that stand for, or beside, the columns. */
struct extra {
    size_t n;
    struct {
        vg_slice key, raw;
        bool used;
    } members[MAX_MEMBERS];
};

static vg_code extra_parse(const struct fill *fill, struct extra *extra, vg_err *err)
{
    extra->n = 0;
    if (!(fill->has & FILL_HAS_EXTRA)) return VG_OK;
    struct json_reader r = json_reader(fill->extra.p, fill->extra.n);
    vg_slice key, raw;
    if (json_enter(&r, '{'))
        while (json_next_key(&r, &key) && json_skip(&r, &raw)) {
            if (extra->n == MAX_MEMBERS) return vg_fail(err, VG_ELIMIT, "extra has more than %d members", MAX_MEMBERS);
            extra->members[extra->n].key = key;
            extra->members[extra->n].raw = raw;
            extra->members[extra->n++].used = false;
        }
    if (json_finish(&r)) return VG_OK;
    return vg_fail(err, VG_EPARSE, "extra is not a JSON object: %s", r.error);
}

/* Appends `"key":` and, if extra holds a value for the key, that value; true if it did. */
static bool member(struct extra *extra, const char *key, vg_buf *out)
{
    vg_buf_addc(out, out->data[out->len - 1] == '{' ? '"' : ',');
    if (out->data[out->len - 1] == ',') vg_buf_addc(out, '"');
    vg_buf_adds(out, key);
    vg_buf_adds(out, "\":");
    for (size_t i = 0; i < extra->n; i++) {
        if (!vg_slice_is(extra->members[i].key, key)) continue;
        extra->members[i].used = true;
        vg_buf_add(out, extra->members[i].raw.p, extra->members[i].raw.n);
        return true;
    }
    return false;
}

static bool has_member(const struct extra *extra, const char *key)
{
    for (size_t i = 0; i < extra->n; i++)
        if (vg_slice_is(extra->members[i].key, key)) return true;
    return false;
}

static void add_decimal(struct extra *extra, const char *key, vg_dec value, vg_buf *out)
{
    if (member(extra, key, out)) return;
    vg_buf_addc(out, '"');
    vg_buf_add_dec(out, value);
    vg_buf_addc(out, '"');
}

static void add_text(struct extra *extra, const char *key, vg_slice value, vg_buf *out)
{
    if (!member(extra, key, out)) json_add_string(out, value);
}

static void add_hex_value(const uint8_t *bytes, size_t n, vg_buf *out)
{
    vg_buf_reserve(out, 2 * n + 4);
    vg_buf_adds(out, "\"0x");
    vg_hex_encode(bytes, n, out->data + out->len);
    out->len += 2 * n;
    vg_buf_addc(out, '"');
}

static void add_hex(struct extra *extra, const char *key, const uint8_t *bytes, size_t n, vg_buf *out)
{
    if (!member(extra, key, out)) add_hex_value(bytes, n, out);
}

static void add_integer(struct extra *extra, const char *key, int64_t value, vg_buf *out)
{
    if (!member(extra, key, out)) vg_buf_addf(out, "%lld", (long long)value);
}

static void add_liquidation(const struct fill *fill, struct extra *extra, vg_buf *out)
{
    struct extra none = {0};
    if (member(extra, "liquidation", out)) return;
    vg_buf_addc(out, '{');
    if (fill->has & FILL_HAS_LIQUIDATED_USER)
        add_hex(&none, "liquidatedUser", fill->liquidated_user, ADDRESS_BYTES, out);
    if (fill->has & FILL_HAS_LIQUIDATION_MARK) add_decimal(&none, "markPx", fill->liquidation_mark, out);
    if (fill->has & FILL_HAS_LIQUIDATION_METHOD) add_text(&none, "method", fill->liquidation_method, out);
    vg_buf_addc(out, '}');
}

static void add_twap(const struct fill *fill, enum fill_form form, struct extra *extra, vg_buf *out)
{
    for (size_t i = 0; i < extra->n; i++) /* a source without the key, see fill_read.c */
        if (vg_slice_is(extra->members[i].key, "twapId") && vg_slice_is(extra->members[i].raw, "\"absent\"")) {
            extra->members[i].used = true;
            return;
        }
    if (fill->has & FILL_HAS_TWAP_ID)
        add_integer(extra, "twapId", fill->twap_id, out);
    else if ((form == FORM_BLOCKS || has_member(extra, "twapId")) && !member(extra, "twapId", out))
        vg_buf_adds(out, "null");
}

vg_code fill_print(const struct fill *fill, enum fill_form form, vg_buf *out, vg_err *err)
{
    struct extra extra;
    VG_TRY(extra_parse(fill, &extra, err));
    uint32_t has = fill->has;
    vg_buf_addc(out, '[');
    add_hex_value(fill->user, ADDRESS_BYTES, out);
    vg_buf_adds(out, ",{");
    add_text(&extra, "coin", fill->coin, out);
    add_decimal(&extra, "px", fill->price, out);
    add_decimal(&extra, "sz", fill->size, out);
    add_text(&extra, "side", has & FILL_IS_BUY ? VG_SLICE("B") : VG_SLICE("A"), out);
    add_integer(&extra, "time", fill->time_ms, out);
    add_decimal(&extra, "startPosition", fill->start_position, out);
    add_text(&extra, "dir", fill->direction, out);
    add_decimal(&extra, "closedPnl", fill->closed_pnl, out);
    add_hex(&extra, "hash", fill->hash, HASH_BYTES, out);
    add_integer(&extra, "oid", fill->order_id, out);
    if (!member(&extra, "crossed", out)) vg_buf_adds(out, has & FILL_IS_TAKER ? "true" : "false");
    if (has & FILL_HAS_FEE || has_member(&extra, "fee")) add_decimal(&extra, "fee", fill->fee, out);
    if (has & FILL_HAS_BUILDER_FEE || has_member(&extra, "builderFee"))
        add_decimal(&extra, "builderFee", fill->builder_fee, out);
    if (has & FILL_HAS_TRADE_ID || has_member(&extra, "tid")) add_integer(&extra, "tid", fill->trade_id, out);
    if (has & FILL_HAS_CLOID || has_member(&extra, "cloid")) add_hex(&extra, "cloid", fill->cloid, CLOID_BYTES, out);
    if (has & FILL_HAS_LIQUIDATION || has_member(&extra, "liquidation")) add_liquidation(fill, &extra, out);
    if (has & FILL_HAS_FEE_TOKEN || has_member(&extra, "feeToken")) add_text(&extra, "feeToken", fill->fee_token, out);
    if (has & FILL_HAS_BUILDER || has_member(&extra, "builder"))
        add_hex(&extra, "builder", fill->builder, ADDRESS_BYTES, out);
    add_twap(fill, form, &extra, out);
    if (has & FILL_HAS_DEPLOYER_FEE || has_member(&extra, "deployerFee"))
        add_decimal(&extra, "deployerFee", fill->deployer_fee, out);
    for (size_t i = 0; i < extra.n; i++)
        if (!extra.members[i].used)
            vg_buf_addf(out, ",\"%.*s\":%.*s", (int)extra.members[i].key.n, extra.members[i].key.p,
                        (int)extra.members[i].raw.n, extra.members[i].raw.p);
    vg_buf_adds(out, "}]");
    return VG_OK;
}

static void add_party(const struct fill *fill, struct extra *extra, vg_buf *out)
{
    struct extra none = {0};
    vg_buf_addc(out, '{');
    add_hex(&none, "user", fill->user, ADDRESS_BYTES, out);
    add_decimal(extra, "start_pos", fill->start_position, out);
    add_integer(&none, "oid", fill->order_id, out);
    if (fill->has & FILL_HAS_TWAP_ID)
        add_integer(&none, "twap_id", fill->twap_id, out);
    else
        vg_buf_adds(out, ",\"twap_id\":null");
    if (fill->has & FILL_HAS_CLOID)
        add_hex(&none, "cloid", fill->cloid, CLOID_BYTES, out);
    else
        vg_buf_adds(out, ",\"cloid\":null");
    vg_buf_addc(out, '}');
}

vg_code trade_print(const struct fill fills[2], vg_buf *out, vg_err *err)
{
    struct extra buyer, seller;
    VG_TRY(extra_parse(&fills[0], &buyer, err));
    VG_TRY(extra_parse(&fills[1], &seller, err));
    char time[VG_TIME_TEXT];
    vg_time_print(fills[0].block_time_ns, 9, time);
    vg_buf_addc(out, '{');
    add_text(&buyer, "coin", fills[0].coin, out);
    add_text(&buyer, "side", fills[0].has & FILL_IS_TAKER ? VG_SLICE("B") : VG_SLICE("A"), out);
    add_text(&buyer, "time", vg_slice_of(time), out);
    add_decimal(&buyer, "px", fills[0].price, out);
    add_decimal(&buyer, "sz", fills[0].size, out);
    add_hex(&buyer, "hash", fills[0].hash, HASH_BYTES, out);
    for (size_t i = 0; i < buyer.n; i++)
        if (!buyer.members[i].used && !vg_slice_is(buyer.members[i].key, "start_pos"))
            vg_buf_addf(out, ",\"%.*s\":%.*s", (int)buyer.members[i].key.n, buyer.members[i].key.p,
                        (int)buyer.members[i].raw.n, buyer.members[i].raw.p);
    vg_buf_adds(out, ",\"side_info\":[");
    add_party(&fills[0], &buyer, out);
    vg_buf_addc(out, ',');
    add_party(&fills[1], &seller, out);
    vg_buf_adds(out, "]}");
    return VG_OK;
}

void block_print_head(const struct block *block, vg_buf *out)
{
    char local_time[VG_TIME_TEXT], time[VG_TIME_TEXT];
    vg_time_print(block->local_time_ns, 9, local_time);
    vg_time_print(block->time_ns, 9, time);
    vg_buf_addf(out, "{\"local_time\":\"%s\",\"block_time\":\"%s\",\"block_number\":%lld,\"events\":[", local_time,
                time, (long long)block->number);
}
