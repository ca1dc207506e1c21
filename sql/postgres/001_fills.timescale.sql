-- Fills, a chunk a day (UTC). block_time has microseconds; block_time_ns has it all.
CREATE TABLE fills (
    time                    TIMESTAMPTZ NOT NULL,
    user_address            TEXT COLLATE "C" NOT NULL,
    coin                    TEXT COLLATE "C" NOT NULL,
    price                   NUMERIC(30,10) NOT NULL,
    size                    NUMERIC(30,10) NOT NULL,
    side                    TEXT COLLATE "C" NOT NULL,
    direction               TEXT COLLATE "C",
    start_position          NUMERIC(30,10) NOT NULL,
    closed_pnl              NUMERIC(30,10),
    fee                     NUMERIC(30,10),
    fee_token               TEXT COLLATE "C",
    crossed                 BOOLEAN NOT NULL,
    tx_hash                 TEXT COLLATE "C" NOT NULL,
    order_id                BIGINT NOT NULL,
    trade_id                BIGINT,
    block_time              TIMESTAMPTZ NOT NULL,
    block_time_ns           BIGINT NOT NULL,
    block_number            BIGINT NOT NULL,
    event_index             INTEGER NOT NULL,
    builder                 TEXT COLLATE "C",
    builder_fee             NUMERIC(30,10),
    deployer_fee            NUMERIC(30,10),
    cloid                   TEXT COLLATE "C",
    twap_id                 BIGINT,
    liquidated_user         TEXT COLLATE "C",
    liquidation_mark_price  NUMERIC(30,10),
    liquidation_method      TEXT COLLATE "C",
    extra                   TEXT COLLATE "C"
);
SELECT create_hypertable('fills', 'time', chunk_time_interval => INTERVAL '1 day', create_default_indexes => false);

CREATE UNIQUE INDEX fills_key ON fills (block_number, event_index, time);
CREATE INDEX idx_fills_user_time ON fills (user_address, time DESC);
CREATE INDEX idx_fills_coin_time ON fills (coin, time DESC);

-- Days that nothing is added to any more are kept by columns.
ALTER TABLE fills SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'coin',
                       timescaledb.orderby = 'time DESC, block_number, event_index');
CALL add_columnstore_policy('fills', after => INTERVAL '7 days');
