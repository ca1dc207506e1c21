#include "simulate/truth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/day.h"
#include "base/dec.h"
#include "base/hex.h"
#include "simulate/hour_file.h"

static void add_address(vg_buf *out, const uint8_t address[20])
{
    char text[40];
    vg_hex_encode(address, 20, text);
    vg_buf_adds(out, "0x");
    vg_buf_add(out, text, sizeof text);
}

static void add_scaled(vg_buf *out, __int128 value, unsigned decimals)
{
    vg_buf_addc(out, ',');
    vg_buf_add_dec20(out, value * market_power10(20 - decimals > 12 ? 12 : 20 - decimals) *
                              market_power10(20 - decimals > 12 ? 8 - decimals : 0));
}

static void add_count(vg_buf *out, uint64_t value) { vg_buf_addf(out, ",%llu", (unsigned long long)value); }

static void add_traders(vg_buf *out, const struct market *market)
{
    vg_buf_adds(out, "address,archetype,fills,taker_fills,twap_fills,liquidated_fills,adl_fills,dust_fills,volume,"
                     "perp_volume,spot_volume,dust_volume,realized_pnl,perp_pnl,spot_pnl,builder_fees,deployer_fees");
    for (unsigned token = 0; token < TOKENS; token++)
        vg_buf_addf(out, ",fees_%s", market_token_names[token]);
    vg_buf_addc(out, '\n');
    for (uint32_t i = 0; i < market->people.n; i++) {
        const struct trader *trader = &market->people.traders[i];
        const struct tally *t = &trader->tally;
        add_address(out, trader->address);
        vg_buf_addf(out, ",%s", behaviours[trader->archetype].name);
        add_count(out, t->fills);
        add_count(out, t->taker_fills);
        add_count(out, t->twap_fills);
        add_count(out, t->liquidated_fills);
        add_count(out, t->adl_fills);
        add_count(out, t->dust_fills);
        add_scaled(out, t->perp_volume + t->spot_volume, 8);
        add_scaled(out, t->perp_volume, 8);
        add_scaled(out, t->spot_volume, 8);
        vg_buf_addc(out, ',');
        vg_buf_add_dec20(out, t->dust_volume);
        add_scaled(out, t->perp_pnl + t->spot_pnl, 8);
        add_scaled(out, t->perp_pnl, 8);
        add_scaled(out, t->spot_pnl, 8);
        add_scaled(out, t->builder_fees, 8);
        add_scaled(out, t->deployer_fees, 8);
        for (unsigned token = 0; token < TOKENS; token++)
            add_scaled(out, t->fees[token], 8);
        vg_buf_addc(out, '\n');
    }
}

static void add_positions(vg_buf *out, const struct market *market)
{
    vg_buf_adds(out, "address,coin,opening_quantity,opening_cost,closing_quantity,fills,realized_pnl\n");
    for (uint32_t i = 0; i < market->clearing.count; i++) {
        const struct position *p = &market->clearing.positions[i];
        if (!p->fills && !p->opening_quantity) continue;
        const struct market_coin *coin = &market_coins[position_coin(p)];
        unsigned money = coin_money_decimals(coin), digits = coin_is_spot(coin) ? BALANCE_DECIMALS : coin->sz_decimals;
        add_address(out, market->people.traders[position_trader(p)].address);
        vg_buf_addf(out, ",%s", coin->name);
        add_scaled(out, p->opening_quantity, digits);
        add_scaled(out, p->opening_cost, money);
        add_scaled(out, p->quantity, digits);
        add_count(out, p->fills);
        add_scaled(out, p->realized, money);
        vg_buf_addc(out, '\n');
    }
}

static void add_coins(vg_buf *out)
{
    static const char *const kinds[] = {[KIND_PERP] = "perp", [KIND_SPOT] = "spot", [KIND_BUILDER_PERP] = "hip3"};
    vg_buf_adds(out, "coin,kind,sz_decimals,price_decimals,base_token,quote_token\n");
    for (uint16_t i = 0; i < market_coin_count; i++) {
        const struct market_coin *coin = &market_coins[i];
        vg_buf_addf(out, "%s,%s,%u,%u,%s,%s\n", coin->name, kinds[coin->kind], coin->sz_decimals,
                    coin_price_decimals(coin), coin_is_spot(coin) ? market_token_names[coin->base] : "",
                    market_token_names[coin->quote]);
    }
}

/* The first line of market.json: what determines every byte. */
static void add_parameters(vg_buf *out, const struct simulate_options *options)
{
    char date[VG_DATE_TEXT];
    vg_day_print(options->first_day, '-', date);
    vg_buf_addf(
        out, "{\"format\":1,\"seed\":%llu,\"fills_wanted\":%llu,\"traders_wanted\":%u,\"date\":\"%s\",\"days\":%u,\n",
        (unsigned long long)options->seed, (unsigned long long)options->fills, options->traders, date, options->days);
}

static void add_market(vg_buf *out, const struct market *market, const struct simulate_options *options,
                       const struct simulate_result *result)
{
    add_parameters(out, options);
    vg_buf_addf(out,
                " \"fills\":%llu,\"trades\":%llu,\"dust_fills\":%llu,\"blocks\":%llu,\"first_block\":%llu,"
                "\"twap_trades\":%llu,\"liquidation_trades\":%llu,\"coins\":%u,\n",
                (unsigned long long)result->fills, (unsigned long long)result->trades,
                (unsigned long long)result->dust_fills, (unsigned long long)result->blocks,
                (unsigned long long)result->first_block, (unsigned long long)market->twap_trades,
                (unsigned long long)market->liquidation_trades, market_coin_count);
    vg_buf_addf(out, " \"bytes_raw\":%llu,\"bytes_lz4\":%llu,\"vault\":\"", (unsigned long long)result->bytes_raw,
                (unsigned long long)result->bytes_lz4);
    add_address(out, market->people.traders[0].address);
    vg_buf_adds(out, "\",\"dust_account\":\"");
    add_address(out, market->people.traders[market->people.dust_account].address);
    vg_buf_adds(
        out,
        "\",\n \"notes\":\"volume leaves dust conversion rows out (dust_volume has them); fees are signed sums per "
        "fee token; opening_cost is what the exchange's books held before the window; the dust "
        "account's positions restart every midnight\"}\n");
}

static vg_code write_part(const char *directory, const char *name, vg_buf *content, vg_err *err)
{
    vg_code rc = simulate_write_file(directory, name, content, err);
    vg_buf_clear(content);
    return rc;
}

vg_code truth_write(const struct market *market, const struct simulate_options *options,
                    const struct simulate_result *result, vg_err *err)
{
    char *directory = vg_path_join(options->output, "truth");
    vg_buf text = {0};
    vg_code rc;
    VG_GO(simulate_make_directories(directory, err));
    add_traders(&text, market);
    VG_GO(write_part(directory, "traders.csv", &text, err));
    add_positions(&text, market);
    VG_GO(write_part(directory, "positions.csv", &text, err));
    add_coins(&text);
    VG_GO(write_part(directory, "coins.csv", &text, err));
    add_market(&text, market, options, result);
    VG_GO(write_part(directory, "market.json", &text, err));
out:
    vg_buf_release(&text);
    free(directory);
    return rc;
}

vg_code truth_check_output(const struct simulate_options *options, vg_err *err)
{
    char *path = vg_path_join(options->output, "truth/market.json");
    vg_buf wanted = {0};
    char found[512] = "";
    vg_code rc = VG_OK;
    FILE *file = fopen(path, "re");
    if (!file) {
        if (errno != ENOENT && errno != ENOTDIR) rc = vg_fail_errno(err, "cannot read %s", path);
    } else {
        add_parameters(&wanted, options);
        bool same = fgets(found, sizeof found, file) && strcmp(found, vg_buf_str(&wanted)) == 0;
        if (!same)
            rc = vg_fail(err, VG_ESTATE,
                         "%s holds another synthetic market (see truth/market.json): name an empty directory",
                         options->output);
        fclose(file);
    }
    vg_buf_release(&wanted);
    free(path);
    return rc;
}
