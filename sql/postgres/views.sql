-- Profiles under the names of seed 001, and more.
CREATE VIEW trader_profiles AS
SELECT t.user_address, t.first_trade, t.last_trade, t.active_days, t.volume AS total_volume, t.fill_count AS total_trades,
       t.unique_coins, t.realized_pnl, t.fees_paid, t.net_pnl, t.pnl_per_trade, t.win_rate, t.profit_factor,
       t.maker_pct, t.avg_hold_time_minutes, t.avg_trade_size, t.long_short_ratio, t.sharpe_ratio, t.max_drawdown,
       t.consistency, k.cluster_id, k.cluster_name, c.class AS trader_class,
       (SELECT loaded_at FROM vigil_lake.coverage) AS updated_at
FROM vigil_lake.traders t
LEFT JOIN vigil_lake.classes c ON c.user_address = t.user_address AND c.profile = 'vigil'
LEFT JOIN vigil_lake.clusters k ON k.user_address = t.user_address;
