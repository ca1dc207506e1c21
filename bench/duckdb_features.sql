-- The peer of `vigil features` as far as SQL reaches: sums per trader, per trader and day, per coin and
-- day, to Parquet. No positions, episodes, hold times, drawdowns, markouts, entropies. Run by
-- bench/features.sh. ${LAKE}: the lake's folder; ${OUTPUT}: where the three files go.
CREATE TEMP VIEW f AS
SELECT *, price * size AS v, CAST(block_time AS DATE) AS day,
    coin LIKE '@%' OR coin LIKE '%/%' AS spot,
    CASE WHEN fee_token IN ('USDC', 'USDT0', 'USDH', 'USDE', 'USDHL', 'USDT', 'FEUSD', 'USDXL') THEN fee * 1.0000000000
         WHEN fee <> 0 AND (side = 'B') = (fee > 0) AND (coin LIKE '@%' OR coin LIKE '%/%') THEN fee * price
         ELSE 0 END AS fee_usd,
    (coin LIKE '@%' OR coin LIKE '%/%') AND side = 'B' AND fee > 0 AS fee_inside,
    crossed AND direction <> 'Spot Dust Conversion' AS print
FROM read_parquet('${LAKE}/fills/*/*.parquet', hive_partitioning = false);

COPY (
    SELECT user_address, count(*) AS fill_count, count(DISTINCT order_id) FILTER (direction <> 'Spot Dust Conversion') AS order_count,
        count(DISTINCT coin) AS unique_coins, count(DISTINCT day) AS active_days,
        min(time) AS first_trade, max(time) AS last_trade,
        sum(v) AS volume, sum(v) FILTER (spot) AS spot_volume, max(v) AS max_trade_size,
        sum(closed_pnl) AS realized_pnl, sum(closed_pnl) FILTER (spot) AS spot_realized_pnl,
        sum(closed_pnl) FILTER (closed_pnl > 0) AS gross_profit, sum(closed_pnl) FILTER (closed_pnl < 0) AS gross_loss,
        sum(fee_usd) AS fees_paid,
        sum(closed_pnl) - coalesce(sum(fee_usd) FILTER (NOT fee_inside), 0) AS net_pnl,
        count(*) FILTER (closed_pnl > 0) AS winning_fills, count(*) FILTER (closed_pnl < 0) AS losing_fills,
        count(*) FILTER (NOT crossed) / count(*) AS maker_pct,
        sum(v) FILTER (NOT crossed AND twap_id IS NULL AND liquidation_method IS NULL) AS maker_volume,
        sum(v) FILTER (twap_id IS NOT NULL) AS twap_volume, sum(v) FILTER (builder IS NOT NULL) AS builder_volume,
        sum(v) FILTER (isodow(time) > 5) AS weekend_volume,
        sum(v) FILTER (liquidated_user = user_address) AS liquidated_notional
    FROM f GROUP BY user_address ORDER BY user_address
) TO '${OUTPUT}/traders.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT day, user_address, count(*) AS fill_count, sum(v) AS volume, sum(closed_pnl) AS realized_pnl, sum(fee_usd) AS fees_paid
    FROM f GROUP BY ALL ORDER BY day, user_address
) TO '${OUTPUT}/trader_daily.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT day, coin, count(*) AS fill_count, count(DISTINCT user_address) AS unique_traders,
        sum(v) FILTER (print) AS volume, sum(v) FILTER (print AND side = 'B') AS taker_buy_volume,
        arg_min(price, (block_number, event_index)) FILTER (print) AS open, max(price) FILTER (print) AS high,
        min(price) FILTER (print) AS low, arg_max(price, (block_number, event_index)) FILTER (print) AS close
    FROM f GROUP BY ALL ORDER BY day, coin
) TO '${OUTPUT}/coin_daily.parquet' (FORMAT parquet, COMPRESSION zstd);
