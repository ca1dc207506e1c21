// Made by `./dev format` from the description of the API: not to be changed by hand.

export interface Coverage {
  from: string;
  to: string;
  complete: boolean;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  parameter?: string;
  allowed?: string;
}

export interface EmptyList {
  coverage: Coverage;
  items: unknown[];
  next_cursor: null;
}

export interface Trader {
  user_address: string;
  fill_count: number;
  system_fill_count: number;
  order_count: number;
  fills_per_order: number | null;
  unique_coins: number;
  active_days: number;
  calendar_days: number;
  trades_per_day: number;
  first_trade: string;
  last_trade: string;
  left_censored: boolean;
  volume: string;
  perp_volume: string;
  spot_volume: string;
  other_volume: string;
  avg_trade_size: number;
  max_trade_size: string;
  order_avg_trade_size: number | null;
  order_max_trade_size: string;
  realized_pnl: string;
  perp_realized_pnl: string;
  spot_realized_pnl: string;
  other_realized_pnl: string;
  fees_paid: string;
  builder_fees_paid: string;
  fee_unpriced_fills: number;
  net_pnl: string;
  perp_net_pnl: string;
  spot_net_pnl: string;
  other_net_pnl: string;
  gross_profit: string;
  gross_loss: string;
  winning_fills: number;
  losing_fills: number;
  pnl_per_trade: number | null;
  win_rate: number | null;
  profit_factor: number | null;
  edge_bps: number | null;
  edge_gross_bps: number | null;
  fee_bps: number | null;
  episode_count: number;
  episode_held_count: number;
  episode_broken_count: number;
  open_position_count: number;
  episode_win_rate: number | null;
  episode_gross_profit: string;
  episode_gross_loss: string;
  episode_profit_factor: number | null;
  payoff_ratio: number | null;
  pnl_concentration: number | null;
  avg_hold_time_minutes: number | null;
  winner_hold_time: number | null;
  loss_cut_speed: number | null;
  hold_time_weighted_minutes: number | null;
  turnover_hold_minutes: number | null;
  disposition: number | null;
  loss_chasing: number | null;
  long_open_notional: string;
  short_open_notional: string;
  long_short_ratio: number | null;
  taker_buy_volume: string;
  taker_sell_volume: string;
  avg_down_share: number | null;
  momentum_entry_bps: number | null;
  maker_pct: number;
  maker_share: number | null;
  slippage_bps: number | null;
  two_sided: number | null;
  size_entropy: number | null;
  round_size_share: number | null;
  interorder_median_s: number | null;
  burstiness: number | null;
  hour_entropy: number | null;
  sleep_gap_h: number | null;
  coin_hhi: number | null;
  sharpe_ratio: number | null;
  sharpe_se: number | null;
  sharpe_active: number | null;
  sortino_ratio: number | null;
  max_drawdown: string;
  consistency: number | null;
  pct_days_up: number;
  net_pnl_mtm: string;
  sharpe_mtm: number | null;
  mdd_mtm: string;
  max_position_usd: string;
  peak_gross_usd: string;
  turnover: number | null;
  inventory_half_life_min: number | null;
  liquidation_count: number;
  liquidation_fill_count: number;
  liquidated_notional: string;
  liq_taker_notional: string;
  victim_unknown_count: number;
  adl_count: number;
  self_trade_share: number | null;
  twap_share: number | null;
  spot_share: number | null;
  hip3_share: number | null;
  builder_fill_share: number | null;
  builder_fee_share: number | null;
  weekend_share: number | null;
  taker_markout_bps_1s: number | null;
  taker_markout_bps_10s: number | null;
  taker_markout_bps_1m: number | null;
  taker_markout_bps_5m: number | null;
  taker_markout_bps_1h: number | null;
  maker_markout_bps_1s: number | null;
  maker_markout_bps_10s: number | null;
  maker_markout_bps_1m: number | null;
  maker_markout_bps_5m: number | null;
  maker_markout_bps_1h: number | null;
  taker_markout_stale_share_1s: number | null;
  taker_markout_stale_share_10s: number | null;
  taker_markout_stale_share_1m: number | null;
  taker_markout_stale_share_5m: number | null;
  taker_markout_stale_share_1h: number | null;
  maker_markout_stale_share_1s: number | null;
  maker_markout_stale_share_10s: number | null;
  maker_markout_stale_share_1m: number | null;
  maker_markout_stale_share_5m: number | null;
  maker_markout_stale_share_1h: number | null;
  gap_count: number;
  direction_mismatches: number;
  unknown_directions: number;
  class_compat_sql: string | null;
  class_vision: string | null;
  class: string | null;
  cluster_id: number | null;
  cluster_name: string | null;
}

export interface TraderList {
  coverage: Coverage;
  items: Trader[];
  next_cursor: string | null;
}

export interface Leader {
  rank: number;
  user_address: string;
  net_pnl: string;
  realized_pnl: string;
  fees_paid: string;
  volume: string;
  net_pnl_mtm: string;
  fill_count: number;
  winning_fills: number;
  losing_fills: number;
  active_days: number;
  class: string | null;
}

export interface LeaderList {
  coverage: Coverage;
  items: Leader[];
  next_cursor: string | null;
}

export interface Fill {
  time: string;
  user_address: string;
  coin: string;
  price: string;
  size: string;
  side: string;
  direction: string | null;
  start_position: string;
  closed_pnl: string | null;
  fee: string | null;
  fee_token: string | null;
  crossed: boolean;
  tx_hash: string;
  order_id: number;
  trade_id: number | null;
  block_time: string;
  block_number: number;
  event_index: number;
  builder: string | null;
  builder_fee: string | null;
  deployer_fee: string | null;
  cloid: string | null;
  twap_id: number | null;
  liquidated_user: string | null;
  liquidation_mark_price: string | null;
  liquidation_method: string | null;
  extra: string | null;
}

export interface FillList {
  coverage: Coverage;
  items: Fill[];
  next_cursor: string | null;
}

export interface Episode {
  user_address: string;
  coin: string;
  side: string;
  open_time: string;
  close_time: string | null;
  max_size: string;
  opened_notional: string;
  closed_notional: string;
  entry_vwap: number | null;
  exit_vwap: number | null;
  gross_pnl: string;
  fees_usd: string;
  net_pnl: string;
  fills: number;
  orders: number;
  maker_share: number | null;
  liquidated: boolean;
  left_censored: boolean;
  broken: boolean;
  position: string;
  entry: number | null;
  last_price: string | null;
}

export interface EpisodeList {
  coverage: Coverage;
  items: Episode[];
  next_cursor: string | null;
}

export interface TraderDay {
  date: string;
  user_address: string;
  fill_count: number;
  order_count: number;
  episode_count: number;
  unique_coins: number;
  volume: string;
  perp_volume: string;
  spot_volume: string;
  taker_volume: string;
  realized_pnl: string;
  fees_paid: string;
  net_pnl: string;
  cumulative_net_pnl: string;
  net_pnl_mtm: string;
  net_pnl_mtm_idle: string;
  winning_fills: number;
  losing_fills: number;
  liquidated_notional: string;
}

export interface TraderDayList {
  coverage: Coverage;
  items: TraderDay[];
  next_cursor: string | null;
}

export interface TraderCoin {
  user_address: string;
  coin: string;
  kind: string;
  fill_count: number;
  first_trade: string;
  last_trade: string;
  volume: string;
  buy_volume: string;
  taker_volume: string;
  realized_pnl: string;
  fees_paid: string;
  net_pnl: string;
}

export interface TraderCoinList {
  coverage: Coverage;
  items: TraderCoin[];
  next_cursor: string | null;
}

export interface CoinDay {
  date: string;
  coin: string;
  kind: string;
  fill_count: number;
  trade_count: number;
  unique_traders: number;
  volume: string;
  taker_buy_volume: string;
  taker_sell_volume: string;
  seed_buy_volume: string;
  seed_sell_volume: string;
  open: string | null;
  high: string | null;
  low: string | null;
  close: string | null;
  vwap: number | null;
  liquidated_notional: string;
  twap_volume: string;
}

export interface CoinDayList {
  coverage: Coverage;
  items: CoinDay[];
  next_cursor: string | null;
}

export interface MarketDay {
  date: string;
  coins: number;
  traders: number | null;
  trade_count: number;
  volume: string;
  taker_buy_volume: string;
  taker_sell_volume: string;
  liquidated_notional: string;
}

export interface MarketDayList {
  coverage: Coverage;
  items: MarketDay[];
  next_cursor: string | null;
}

export interface CoveredDay {
  date: string;
  hours_present: number;
  hours: string;
}

export interface CoveredDayList {
  coverage: Coverage;
  items: CoveredDay[];
  next_cursor: string | null;
}

export interface Asset {
  coin: string;
  kind: string;
  first_date: string;
  last_date: string;
  active_days: number;
  fill_count: number;
  trade_count: number;
  volume: string;
  taker_buy_volume: string;
  taker_sell_volume: string;
  liquidated_notional: string;
  last_day_volume: string;
  last_day_traders: number;
  close: string | null;
  previous_close: string | null;
}

export interface AssetList {
  coverage: Coverage;
  items: Asset[];
  next_cursor: string | null;
}

/** What each operation answers. */
export interface Answers {
  getTrader: {
    coverage: Coverage;
    trader: Trader;
    classes: (Record<string, string>)[];
  };
  listTraders: TraderList;
  listFills: FillList;
  listPositions: EpisodeList;
  listTraderDays: TraderDayList;
  listEpisodes: EpisodeList;
  getActivity: {
    coverage: Coverage;
    fills: number;
    complete: boolean;
    hours: ({
      fills: number;
      volume: string;
    })[];
    sizes: number[];
  };
  listTraderCoins: TraderCoinList;
  listAllPositions: EpisodeList;
  listAllEpisodes: EpisodeList;
  listMarketDays: MarketDayList;
  leaderboard: LeaderList;
  listAssets: AssetList;
  getAsset: {
    coverage: Coverage;
    asset: Asset;
  };
  listAssetDays: CoinDayList;
  getHolders: {
    coverage: Coverage;
    sides: ({
      side: "long" | "short";
      traders: number;
      value: string;
      largest: string;
      largest_ten: string;
      classes: ({
        class: string | null;
        traders: number;
        value: string;
      })[];
    })[];
  };
  listAssetTraders: TraderCoinList;
  listSignals: EmptyList;
  listAlerts: EmptyList;
  listClusters: {
    coverage: Coverage;
    as_of: string | null;
    model_as_of: string | null;
    model: string | null;
    quality: Record<string, number | string | null>;
    clusters: ({
      id: number;
      name: string;
      traders: number;
      share: number;
      reason: string | null;
      opening_hours?: number[];
      opening_weekdays?: number[];
      what_they_do?: string | null;
      when_they_trade?: string | null;
      how_they_earn?: string | null;
      typical_members?: string[];
      centre: Record<string, number>;
    })[];
  };
  clusterMap: {
    coverage: Coverage;
    as_of: string | null;
    trustworthiness: number | null;
    version: string;
    traders: string[];
    x: number[];
    y: number[];
    cluster: (number | null)[];
    class: (string | null)[];
  };
  mapFigure: {
    coverage: Coverage;
    as_of: string | null;
    version: string;
    figure: string;
    values: (number | string | null)[];
  };
  getValidation: Record<string, unknown>;
  getCoverage: {
    coverage: Coverage;
    version: string;
    fills: number;
    fills_in_lake: number;
    hours_present: number;
    hours_span: number;
    traders: number;
    coins: number;
  };
  listCoveredDays: CoveredDayList;
  listTwaps: {
    wallet: string;
    start: string;
    end: string;
    twaps: unknown[];
  };
  getTwap: Record<string, unknown>;
  health: {
    status: "ok";
    version: string;
    store: Record<string, unknown>;
    snapshot: Record<string, unknown>;
    coverage?: Coverage;
  };
  openapi: Record<string, unknown>;
  root: Record<string, unknown>;
}
