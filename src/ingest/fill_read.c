#include "ingest/fill_read.h"

#include "base/hex.h"
#include "base/json.h"

/* State of reading one object. `extra` gathers, as JSON members, everything that the columns of the
 * lake could not give back in the same words. */
struct reading {
    struct json_reader json;
    struct fill *fill;
    vg_buf extra;
    uint32_t seen; /* bits of enum key */
    vg_err *reason;
};

enum key {
    KEY_COIN,
    KEY_PX,
    KEY_SZ,
    KEY_SIDE,
    KEY_TIME,
    KEY_START_POSITION,
    KEY_DIR,
    KEY_CLOSED_PNL,
    KEY_HASH,
    KEY_OID,
    KEY_CROSSED,
    KEY_REQUIRED, /* keys above are in every fill the exchange ever wrote */
    KEY_FEE = KEY_REQUIRED,
    KEY_BUILDER_FEE,
    KEY_TID,
    KEY_CLOID,
    KEY_LIQUIDATION,
    KEY_FEE_TOKEN,
    KEY_BUILDER,
    KEY_TWAP_ID,
    KEY_DEPLOYER_FEE,
    KEYS
};

static const char *const key_names[KEYS] = {
    "coin",    "px",  "sz",         "side", "time",  "startPosition", "dir",      "closedPnl", "hash",   "oid",
    "crossed", "fee", "builderFee", "tid",  "cloid", "liquidation",   "feeToken", "builder",   "twapId", "deployerFee",
};

static bool refuse(struct reading *r, const char *key, const char *what)
{
    vg_fail(r->reason, VG_EPARSE, "%s: %s", key, what);
    return false;
}

static bool malformed(struct reading *r, const char *key)
{
    vg_fail(r->reason, VG_EPARSE, "%s: %s", key, r->json.error ? r->json.error : "malformed");
    return false;
}

static void keep_extra(struct reading *r, vg_slice key, vg_slice raw)
{
    vg_buf_addc(&r->extra, r->extra.len ? ',' : '{');
    vg_buf_addc(&r->extra, '"');
    vg_buf_add(&r->extra, key.p, key.n);
    vg_buf_adds(&r->extra, "\":");
    vg_buf_add(&r->extra, raw.p, raw.n);
}

/* A string without escapes, which is all that the exchange writes. */
static bool text(struct reading *r, const char *key, vg_slice *out)
{
    bool escaped;
    if (!json_text(&r->json, out, &escaped)) return malformed(r, key);
    return escaped ? refuse(r, key, "escaped characters are not supported") : true;
}

static bool label(struct reading *r, const char *key, vg_slice *out)
{
    if (!text(r, key, out)) return false;
    if (out->n == 0) return refuse(r, key, "empty");
    return out->n <= 255 ? true : refuse(r, key, "longer than 255 bytes");
}

static bool decimal(struct reading *r, const char *key, vg_dec *out)
{
    vg_slice raw;
    if (!text(r, key, &raw)) return false;
    switch (vg_dec_parse(raw.p, raw.n, out)) {
    case VG_DEC_OK: return true;
    case VG_DEC_OTHER: keep_extra(r, vg_slice_of(key), (vg_slice){raw.p - 1, raw.n + 2}); return true;
    case VG_DEC_SYNTAX: return refuse(r, key, "not a plain decimal number");
    case VG_DEC_TOO_LONG: return refuse(r, key, "more than 20 integer or 10 fractional digits");
    }
    VG_BUG("unknown status");
}

static bool integer(struct reading *r, const char *key, int64_t *out)
{
    json_peek(&r->json);
    const char *start = r->json.p;
    if (!json_int(&r->json, out)) return malformed(r, key);
    if (*out < 0 || *start == '-') return refuse(r, key, "negative");
    return true;
}

static bool hex(struct reading *r, const char *key, uint8_t *bytes, size_t n)
{
    vg_slice raw;
    if (!text(r, key, &raw)) return false;
    if (raw.n == 2 * n + 2 && memcmp(raw.p, "0x", 2) == 0 && vg_hex_decode(raw.p + 2, bytes, n)) return true;
    vg_fail(r->reason, VG_EPARSE, "%s: not 0x and %zu lower-case hex digits", key, 2 * n);
    return false;
}

static bool is_null(struct reading *r) { return json_peek(&r->json) == 'n'; }

/* Price and size are positive; the exchange writes no sign there. */
static bool positive(struct reading *r, const char *key, vg_dec *out)
{
    if (!decimal(r, key, out)) return false;
    return *out >= 0 ? true : refuse(r, key, "negative");
}

static bool side(struct reading *r)
{
    vg_slice raw;
    if (!text(r, "side", &raw)) return false;
    if (vg_slice_is(raw, "B"))
        r->fill->has |= FILL_IS_BUY;
    else if (!vg_slice_is(raw, "A"))
        return refuse(r, "side", "neither \"B\" nor \"A\"");
    return true;
}

static bool liquidation(struct reading *r)
{
    struct fill *fill = r->fill;
    vg_slice whole, key;
    json_peek(&r->json);
    struct json_reader again = r->json;
    if (!json_skip(&again, &whole)) return malformed(r, "liquidation");
    bool other = false; /* something that the three columns cannot say */
    uint32_t order = 0;
    if (!json_enter(&r->json, '{')) return malformed(r, "liquidation");
    while (json_next_key(&r->json, &key)) {
        uint32_t has = vg_slice_is(key, "liquidatedUser") ? FILL_HAS_LIQUIDATED_USER
                       : vg_slice_is(key, "markPx")       ? FILL_HAS_LIQUIDATION_MARK
                       : vg_slice_is(key, "method")       ? FILL_HAS_LIQUIDATION_METHOD
                                                          : 0;
        vg_slice ignored;
        if (has == 0 || is_null(r)) {
            other = true;
            if (!json_skip(&r->json, &ignored)) return malformed(r, "liquidation");
            continue;
        }
        if (fill->has & has) return refuse(r, "liquidation", "a key twice");
        if (has < order) other = true;
        order = has;
        fill->has |= has;
        size_t extra_before = r->extra.len;
        bool ok = has == FILL_HAS_LIQUIDATED_USER    ? hex(r, "liquidatedUser", fill->liquidated_user, ADDRESS_BYTES)
                  : has == FILL_HAS_LIQUIDATION_MARK ? decimal(r, "markPx", &fill->liquidation_mark)
                                                     : label(r, "method", &fill->liquidation_method);
        if (!ok) return false;
        if (r->extra.len != extra_before) { /* an odd number: the whole object is kept instead */
            r->extra.len = extra_before;
            other = true;
        }
    }
    if (r->json.error) return malformed(r, "liquidation");
    if (other || !(fill->has & FILL_HAS_LIQUIDATION)) keep_extra(r, VG_SLICE("liquidation"), whole);
    return true;
}

static bool value(struct reading *r, enum key key, enum fill_form form)
{
    struct fill *fill = r->fill;
    const char *name = key_names[key];
    if (key >= KEY_REQUIRED && is_null(r)) {
        vg_slice raw;
        if (!json_skip(&r->json, &raw)) return malformed(r, name);
        if (key != KEY_TWAP_ID || form != FORM_BLOCKS) keep_extra(r, vg_slice_of(name), raw);
        return true;
    }
    switch (key) {
    case KEY_COIN: return label(r, name, &fill->coin);
    case KEY_PX: return positive(r, name, &fill->price);
    case KEY_SZ: return positive(r, name, &fill->size);
    case KEY_SIDE: return side(r);
    case KEY_TIME: return integer(r, name, &fill->time_ms);
    case KEY_START_POSITION: return decimal(r, name, &fill->start_position);
    case KEY_DIR: fill->has |= FILL_HAS_DIRECTION; return label(r, name, &fill->direction);
    case KEY_CLOSED_PNL: fill->has |= FILL_HAS_CLOSED_PNL; return decimal(r, name, &fill->closed_pnl);
    case KEY_HASH: return hex(r, name, fill->hash, HASH_BYTES);
    case KEY_OID: return integer(r, name, &fill->order_id);
    case KEY_FEE: fill->has |= FILL_HAS_FEE; return decimal(r, name, &fill->fee);
    case KEY_BUILDER_FEE: fill->has |= FILL_HAS_BUILDER_FEE; return decimal(r, name, &fill->builder_fee);
    case KEY_TID: fill->has |= FILL_HAS_TRADE_ID; return integer(r, name, &fill->trade_id);
    case KEY_CLOID: fill->has |= FILL_HAS_CLOID; return hex(r, name, fill->cloid, CLOID_BYTES);
    case KEY_LIQUIDATION: return liquidation(r);
    case KEY_FEE_TOKEN: fill->has |= FILL_HAS_FEE_TOKEN; return label(r, name, &fill->fee_token);
    case KEY_BUILDER: fill->has |= FILL_HAS_BUILDER; return hex(r, name, fill->builder, ADDRESS_BYTES);
    case KEY_TWAP_ID: fill->has |= FILL_HAS_TWAP_ID; return integer(r, name, &fill->twap_id);
    case KEY_DEPLOYER_FEE: fill->has |= FILL_HAS_DEPLOYER_FEE; return decimal(r, name, &fill->deployer_fee);
    case KEY_CROSSED: {
        bool crossed;
        if (!json_bool(&r->json, &crossed)) return malformed(r, name);
        if (crossed) fill->has |= FILL_IS_TAKER;
        return true;
    }
    case KEYS: break;
    }
    VG_BUG("unknown key");
}

static enum key key_of(vg_slice name)
{
    for (enum key key = 0; key < KEYS; key++)
        if (vg_slice_is(name, key_names[key])) return key;
    return KEYS;
}

static bool unknown_key(struct reading *r, vg_slice name, const vg_slice *known, size_t n)
{
    vg_slice raw;
    for (size_t i = 0; i < n; i++)
        if (vg_slice_eq(name, known[i])) return refuse(r, "an unknown key", "occurs twice");
    if (!json_skip(&r->json, &raw)) return malformed(r, "a value");
    keep_extra(r, name, raw);
    return true;
}

#define MAX_UNKNOWN_KEYS 64

static bool object(struct reading *r, enum fill_form form)
{
    vg_slice name, unknown[MAX_UNKNOWN_KEYS];
    size_t unknowns = 0;
    if (!json_enter(&r->json, '{')) return malformed(r, "fill");
    while (json_next_key(&r->json, &name)) {
        enum key key = key_of(name);
        if (key == KEYS) {
            if (unknowns == MAX_UNKNOWN_KEYS) return refuse(r, "fill", "more than 64 unknown keys");
            if (!unknown_key(r, name, unknown, unknowns)) return false;
            unknown[unknowns++] = name;
            continue;
        }
        if (r->seen & (1u << key)) return refuse(r, key_names[key], "occurs twice");
        r->seen |= 1u << key;
        if (!value(r, key, form)) return false;
    }
    if (r->json.error) return malformed(r, "fill");
    for (enum key key = 0; key < KEY_REQUIRED; key++)
        if (!(r->seen & (1u << key))) return refuse(r, key_names[key], "missing");
    if (form == FORM_BLOCKS && !(r->seen & (1u << KEY_TWAP_ID)))
        keep_extra(r, VG_SLICE("twapId"), VG_SLICE("\"absent\""));
    return true;
}

static void finish_extra(struct reading *r, struct arena *arena)
{
    if (r->extra.len) {
        vg_buf_addc(&r->extra, '}');
        r->fill->extra = (vg_slice){arena_copy(arena, r->extra.data, r->extra.len), r->extra.len};
        r->fill->has |= FILL_HAS_EXTRA;
    }
    vg_buf_release(&r->extra);
}

/* Times that the lake's columns hold: up to the year 2261. */
static bool check_time(struct reading *r)
{
    return r->fill->time_ms <= INT64_MAX / VG_NS_PER_MS ? true : refuse(r, "time", "beyond the year 2261");
}

/* A product that the lake's SQL cannot hold would only be found when somebody asks for the volume. */
static bool check_value(struct reading *r)
{
    return vg_dec_product_fits(r->fill->price, r->fill->size) ? true
                                                              : refuse(r, "px x sz", "more than 18 integer digits");
}

bool fill_read(vg_slice event, enum fill_form form, struct fill *fill, struct arena *arena, vg_err *reason)
{
    struct reading r = {.json = json_reader(event.p, event.n), .fill = fill, .reason = reason};
    *fill = (struct fill){0};
    bool ok = json_enter(&r.json, '[') || malformed(&r, "event");
    ok = ok && (json_next_element(&r.json) || malformed(&r, "event")) && hex(&r, "user", fill->user, ADDRESS_BYTES);
    ok = ok && (json_next_element(&r.json) || malformed(&r, "event")) && object(&r, form);
    ok = ok && check_time(&r) && check_value(&r);
    if (ok && (json_next_element(&r.json) || !json_finish(&r.json)))
        ok = refuse(&r, "event", r.json.error ? r.json.error : "more than a user and a fill");
    finish_extra(&r, arena);
    return ok;
}

/* One member of side_info: {"user","start_pos","oid","twap_id","cloid"}. */
static bool trade_party(struct reading *r)
{
    struct fill *fill = r->fill;
    vg_slice name;
    unsigned seen = 0;
    if (!json_enter(&r->json, '{')) return malformed(r, "side_info");
    while (json_next_key(&r->json, &name)) {
        unsigned bit;
        bool ok = true;
        if (vg_slice_is(name, "user")) {
            bit = 1;
            ok = hex(r, "user", fill->user, ADDRESS_BYTES);
        } else if (vg_slice_is(name, "start_pos")) {
            bit = 2;
            ok = decimal(r, "start_pos", &fill->start_position);
        } else if (vg_slice_is(name, "oid")) {
            bit = 4;
            ok = integer(r, "oid", &fill->order_id);
        } else if (vg_slice_is(name, "twap_id")) {
            bit = 8;
            if (is_null(r)) {
                ok = json_skip(&r->json, &name) || malformed(r, "twap_id");
            } else {
                fill->has |= FILL_HAS_TWAP_ID;
                ok = integer(r, "twap_id", &fill->twap_id);
            }
        } else if (vg_slice_is(name, "cloid")) {
            bit = 16;
            if (is_null(r)) {
                ok = json_skip(&r->json, &name) || malformed(r, "cloid");
            } else {
                fill->has |= FILL_HAS_CLOID;
                ok = hex(r, "cloid", fill->cloid, CLOID_BYTES);
            }
        } else {
            return refuse(r, "side_info", "an unknown key");
        }
        if (!ok) return false;
        if (seen & bit) return refuse(r, "side_info", "a key twice");
        seen |= bit;
    }
    if (r->json.error) return malformed(r, "side_info");
    return (seen & 7) == 7 ? true : refuse(r, "side_info", "user, start_pos or oid is missing");
}

static bool trade_sides(struct reading *r, struct fill fills[2], vg_buf extras[2])
{
    struct fill *shared_fill = r->fill;
    if (!json_enter(&r->json, '[')) return malformed(r, "side_info");
    for (int i = 0; i < 2; i++) {
        if (!json_next_element(&r->json)) return refuse(r, "side_info", "fewer than two sides");
        r->fill = &fills[i];
        vg_buf shared = r->extra;
        r->extra = extras[i];
        bool ok = trade_party(r);
        extras[i] = r->extra;
        r->extra = shared;
        if (!ok) return false;
    }
    r->fill = shared_fill;
    if (json_next_element(&r->json)) return refuse(r, "side_info", "more than two sides");
    return r->json.error ? malformed(r, "side_info") : true;
}

enum trade_key { TRADE_COIN, TRADE_SIDE, TRADE_TIME, TRADE_PX, TRADE_SZ, TRADE_HASH, TRADE_SIDE_INFO, TRADE_KEYS };

static const char *const trade_key_names[TRADE_KEYS] = {"coin", "side", "time", "px", "sz", "hash", "side_info"};

/* A node_trades line: what both rows share, and each side's own. */
struct trade {
    struct fill shared; /* FILL_IS_BUY: the buyer is the taker */
    struct fill *fills; /* buyer, seller */
    vg_buf extras[2];
    vg_slice unknown[MAX_UNKNOWN_KEYS];
    size_t unknowns;
};

static bool trade_time(struct reading *r, struct trade *trade)
{
    vg_slice raw;
    if (!text(r, "time", &raw)) return false;
    return vg_time_parse(raw.p, raw.n, &trade->shared.block_time_ns) ? true : refuse(r, "time", "not a time");
}

static bool trade_unknown(struct reading *r, struct trade *trade, vg_slice name)
{
    if (vg_slice_is(name, "start_pos")) /* extra keeps a side's start_pos under this name */
        return refuse(r, "start_pos", "outside of side_info");
    if (trade->unknowns == MAX_UNKNOWN_KEYS) return refuse(r, "trade", "more than 64 unknown keys");
    if (!unknown_key(r, name, trade->unknown, trade->unknowns)) return false;
    trade->unknown[trade->unknowns++] = name;
    return true;
}

static bool trade_value(struct reading *r, struct trade *trade, enum trade_key key)
{
    struct fill *shared = &trade->shared;
    const char *name = trade_key_names[key];
    switch (key) {
    case TRADE_COIN: return label(r, name, &shared->coin);
    case TRADE_SIDE: return side(r);
    case TRADE_TIME: return trade_time(r, trade);
    case TRADE_PX: return positive(r, name, &shared->price);
    case TRADE_SZ: return positive(r, name, &shared->size);
    case TRADE_HASH: return hex(r, name, shared->hash, HASH_BYTES);
    case TRADE_SIDE_INFO: return trade_sides(r, trade->fills, trade->extras);
    case TRADE_KEYS: break;
    }
    VG_BUG("unknown key");
}

static bool trade_object(struct reading *r, struct trade *trade)
{
    vg_slice name;
    if (!json_enter(&r->json, '{')) return malformed(r, "trade");
    while (json_next_key(&r->json, &name)) {
        enum trade_key key = 0;
        while (key < TRADE_KEYS && !vg_slice_is(name, trade_key_names[key]))
            key++;
        if (key == TRADE_KEYS) {
            if (!trade_unknown(r, trade, name)) return false;
            continue;
        }
        if (r->seen & (1u << key)) return refuse(r, trade_key_names[key], "occurs twice");
        r->seen |= 1u << key;
        if (!trade_value(r, trade, key)) return false;
    }
    if (r->json.error || !json_finish(&r->json)) return malformed(r, "trade");
    for (enum trade_key key = 0; key < TRADE_KEYS; key++)
        if (!(r->seen & (1u << key))) return refuse(r, trade_key_names[key], "missing");
    return check_value(r);
}

/* Both rows get what they share. */
static void trade_rows(const struct trade *trade)
{
    const struct fill *shared = &trade->shared;
    for (int i = 0; i < 2; i++) {
        struct fill *fill = &trade->fills[i];
        bool buyer = i == 0, buyer_takes = shared->has & FILL_IS_BUY;
        fill->block_time_ns = shared->block_time_ns;
        fill->time_ms = vg_floor_div(shared->block_time_ns, VG_NS_PER_MS);
        fill->coin = shared->coin;
        fill->price = shared->price;
        fill->size = shared->size;
        memcpy(fill->hash, shared->hash, HASH_BYTES);
        if (buyer) fill->has |= FILL_IS_BUY;
        if (buyer == buyer_takes) fill->has |= FILL_IS_TAKER;
    }
}

bool trade_read(vg_slice line, struct fill fills[2], struct arena *arena, vg_err *reason)
{
    struct trade trade = {.fills = fills};
    struct reading r = {.json = json_reader(line.p, line.n), .fill = &trade.shared, .reason = reason};
    fills[0] = fills[1] = (struct fill){0};
    bool ok = trade_object(&r, &trade);
    if (ok) trade_rows(&trade);
    if (ok && trade.extras[0].len) { /* the trade's own members come first in the buyer's extra */
        vg_buf_addc(&r.extra, r.extra.len ? ',' : '{');
        vg_buf_add(&r.extra, trade.extras[0].data + 1, trade.extras[0].len - 1);
    }
    vg_buf_release(&trade.extras[0]);
    r.fill = &fills[0];
    finish_extra(&r, arena);
    r.fill = &fills[1];
    r.extra = trade.extras[1];
    finish_extra(&r, arena);
    return ok;
}
