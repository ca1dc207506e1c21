-- The daily rollups that the seeds' queries know. vigil load calls vigil_lake.refresh_rollups for each day that it touched.
CREATE TABLE trader_daily (
    day             TIMESTAMPTZ NOT NULL,
    user_address    TEXT COLLATE "C" NOT NULL,
    fill_count      BIGINT NOT NULL,
    volume          NUMERIC NOT NULL,
    realized_pnl    NUMERIC NOT NULL,
    fees_paid       NUMERIC NOT NULL,
    maker_pct       DOUBLE PRECISION,
    winning_trades  BIGINT NOT NULL,
    losing_trades   BIGINT NOT NULL,
    unique_coins    BIGINT NOT NULL,
    PRIMARY KEY (user_address, day)
);
CREATE INDEX idx_trader_daily_day ON trader_daily (day);

CREATE TABLE coin_daily (
    day             TIMESTAMPTZ NOT NULL,
    coin            TEXT COLLATE "C" NOT NULL,
    fill_count      BIGINT NOT NULL,
    unique_traders  BIGINT NOT NULL,
    volume          NUMERIC NOT NULL,
    buy_volume      NUMERIC NOT NULL,
    sell_volume     NUMERIC NOT NULL,
    PRIMARY KEY (coin, day)
);
CREATE INDEX idx_coin_daily_day ON coin_daily (day);

-- The day that begins at the time given.
CREATE FUNCTION vigil_lake.refresh_rollups(begin_time TIMESTAMPTZ) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    end_time TIMESTAMPTZ := begin_time + INTERVAL '24 hours';
BEGIN
    DELETE FROM trader_daily WHERE day = begin_time;
    INSERT INTO trader_daily
    SELECT begin_time, user_address,
       count(*) AS fill_count, sum(price * size) AS volume,
       sum(coalesce(closed_pnl, 0)) AS realized_pnl, sum(coalesce(fee, 0)) AS fees_paid,
       sum(CASE WHEN NOT crossed THEN 1 ELSE 0 END)::FLOAT / nullif(count(*), 0) AS maker_pct,
       sum(CASE WHEN closed_pnl > 0 THEN 1 ELSE 0 END) AS winning_trades,
       sum(CASE WHEN closed_pnl < 0 THEN 1 ELSE 0 END) AS losing_trades,
       count(DISTINCT coin) AS unique_coins
    FROM fills WHERE time >= begin_time AND time < end_time GROUP BY user_address;
    DELETE FROM coin_daily WHERE day = begin_time;
    INSERT INTO coin_daily
    SELECT begin_time, coin,
       count(*) AS fill_count, count(DISTINCT user_address) AS unique_traders,
       sum(price * size) AS volume,
       sum(CASE WHEN direction LIKE 'Open Long%' OR direction LIKE 'Close Short%' THEN size ELSE 0 END) AS buy_volume,
       sum(CASE WHEN direction LIKE 'Open Short%' OR direction LIKE 'Close Long%' THEN size ELSE 0 END) AS sell_volume
    FROM fills WHERE time >= begin_time AND time < end_time GROUP BY coin;
END
$$;
