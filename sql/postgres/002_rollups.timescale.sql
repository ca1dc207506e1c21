-- The daily rollups that the seeds' queries know, as continuous aggregates that show new rows at once.
-- vigil load refreshes the days that it touched, then adds the policies (they would run in between).
CREATE MATERIALIZED VIEW trader_daily
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 day', time) AS day, user_address,
       count(*) AS fill_count, sum(price * size) AS volume,
       sum(coalesce(closed_pnl, 0)) AS realized_pnl, sum(coalesce(fee, 0)) AS fees_paid,
       sum(CASE WHEN NOT crossed THEN 1 ELSE 0 END)::FLOAT / nullif(count(*), 0) AS maker_pct,
       sum(CASE WHEN closed_pnl > 0 THEN 1 ELSE 0 END) AS winning_trades,
       sum(CASE WHEN closed_pnl < 0 THEN 1 ELSE 0 END) AS losing_trades,
       count(DISTINCT coin) AS unique_coins
FROM fills GROUP BY 1, 2 WITH NO DATA;
CREATE INDEX ON trader_daily (user_address, day DESC);

CREATE MATERIALIZED VIEW coin_daily
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 day', time) AS day, coin,
       count(*) AS fill_count, count(DISTINCT user_address) AS unique_traders,
       sum(price * size) AS volume,
       sum(CASE WHEN direction LIKE 'Open Long%' OR direction LIKE 'Close Short%' THEN size ELSE 0 END) AS buy_volume,
       sum(CASE WHEN direction LIKE 'Open Short%' OR direction LIKE 'Close Long%' THEN size ELSE 0 END) AS sell_volume
FROM fills GROUP BY 1, 2 WITH NO DATA;
