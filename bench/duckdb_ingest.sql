-- The peer of `vigil fetch`: block lines (already decompressed) to one sorted, exact Parquet file with
-- the lake's columns, in DuckDB's own SQL. Run by bench/ingest.sh through bench/run_sql.c.
--
-- ${INPUT} lines, ${OUTPUT} Parquet, ${EXACT} how the text x becomes DECIMAL(30,10); see ingest.sh.
--
-- It does less than fetch does: no LZ4, no check for lost or doubled blocks, no quarantine of bad lines,
-- no manifest, and `extra` stays empty (unknown keys are dropped). Digits beyond the tenth would be
-- rounded without a word. Of several forms tried this was the fastest: one from_json for the whole fill
-- (one ->> per key costs more), and nested selects rather than WITH, because over a WITH DuckDB 1.5 works
-- out both branches of a coalesce for every row.
CREATE TEMP MACRO exact(x) AS ${EXACT};

COPY (
    SELECT
        make_timestamptz(f.time * 1000) AS time,
        user_address,
        f.coin AS coin,
        exact(f.px) AS price,
        exact(f.sz) AS size,
        f.side AS side,
        f.dir AS direction,
        exact(f.startPosition) AS start_position,
        exact(f.closedPnl) AS closed_pnl,
        exact(f.fee) AS fee,
        f.feeToken AS fee_token,
        f.crossed AS crossed,
        f.hash AS tx_hash,
        f.oid AS order_id,
        f.tid AS trade_id,
        block_time,
        block_number,
        event_index::INTEGER AS event_index,
        f.builder AS builder,
        exact(f.builderFee) AS builder_fee,
        exact(f.deployerFee) AS deployer_fee,
        f.cloid AS cloid,
        f.twapId AS twap_id,
        f.liquidation.liquidatedUser AS liquidated_user,
        exact(f.liquidation.markPx) AS liquidation_mark_price,
        f.liquidation.method AS liquidation_method,
        NULL::VARCHAR AS extra
    FROM (
        SELECT
            block_number,
            block_time,
            event_index,
            event[1]->>'$' AS user_address,
            from_json(event[2], '{
                "coin": "VARCHAR", "px": "VARCHAR", "sz": "VARCHAR", "side": "VARCHAR", "time": "BIGINT",
                "startPosition": "VARCHAR", "dir": "VARCHAR", "closedPnl": "VARCHAR", "hash": "VARCHAR",
                "oid": "BIGINT", "crossed": "BOOLEAN", "fee": "VARCHAR", "builderFee": "VARCHAR",
                "tid": "BIGINT", "cloid": "VARCHAR",
                "liquidation": {"liquidatedUser": "VARCHAR", "markPx": "VARCHAR", "method": "VARCHAR"},
                "feeToken": "VARCHAR", "builder": "VARCHAR", "twapId": "BIGINT", "deployerFee": "VARCHAR"
            }') AS f
        FROM (
            SELECT
                block_number,
                block_time,
                unnest(events) AS event,
                generate_subscripts(events, 1) - 1 AS event_index
            FROM read_json('${INPUT}', format = 'newline_delimited',
                columns = {block_time: 'TIMESTAMP_NS', block_number: 'BIGINT', events: 'JSON[][]'})
        )
    )
    ORDER BY user_address, block_number, event_index
) TO '${OUTPUT}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
