#include "serve/answers.h"
#include "serve/route.h"

const char *choice_order(size_t i)
{
    static const char *const names[] = {"asc", "desc", NULL};
    return names[i < 2 ? i : 2];
}

static const char *choice_format(size_t i)
{
    static const char *const names[] = {"json", "csv", NULL};
    return names[i < 2 ? i : 2];
}

static const char *choice_bool(size_t i)
{
    static const char *const names[] = {"false", "true", NULL};
    return names[i < 2 ? i : 2];
}

/* Parameters that several routes have. clang-format keeps one a line. */
/* clang-format off */
#define ADDRESS {.name = "address", .type = PARAMETER_ADDRESS, .in_path = true, .meaning = "the trader's address"}
#define COIN_PATH {.name = "coin", .type = PARAMETER_COIN, .in_path = true, .meaning = "the coin; '/' as %2F"}
#define COIN_ONLY {.name = "coin", .type = PARAMETER_COIN, .meaning = "only of this coin"}
#define FROM_TIME {.name = "from", .type = PARAMETER_TIME, .meaning = "not before"}
#define TO_TIME {.name = "to", .type = PARAMETER_TIME, .meaning = "not after"}
#define FROM_DAY {.name = "from", .type = PARAMETER_TIME, .meaning = "first day"}
#define TO_DAY {.name = "to", .type = PARAMETER_TIME, .meaning = "last day"}
#define LIMIT(most_, default_) \
    {.name = "limit", .type = PARAMETER_INTEGER, .least = 1, .most = most_, .otherwise = default_, .meaning = "rows of a page"}
#define CURSOR {.name = "cursor", .type = PARAMETER_CURSOR, .meaning = "next_cursor of the page before"}
#define FORMAT {.name = "format", .type = PARAMETER_CHOICE, .choice = choice_format, .meaning = "beats the header Accept"}
#define ORDER {.name = "order", .type = PARAMETER_CHOICE, .choice = choice_order, .otherwise = "desc", .meaning = "largest first, or smallest"}
#define SELECTION \
    {.name = "type", .type = PARAMETER_CHOICE, .choice = choice_class, .meaning = "only this class; SMART is short for SMART_DIRECTIONAL"}, \
    {.name = "class", .type = PARAMETER_CHOICE, .choice = choice_class, .meaning = "the same as type"}, \
    {.name = "profile", .type = PARAMETER_CHOICE, .choice = choice_profile, .otherwise = "vigil", .meaning = "by which rules the class is meant"}, \
    {.name = "cluster", .type = PARAMETER_INTEGER, .most = INT32_MAX, .meaning = "only of this cluster, by its id"}, \
    {.name = "min_volume", .type = PARAMETER_AMOUNT, .meaning = "at least so much volume in USD"}, \
    {.name = "min_fills", .type = PARAMETER_INTEGER, .most = INT64_C(1000000000000), .meaning = "at least so many fills"}, \
    {.name = "min_days", .type = PARAMETER_INTEGER, .most = 100000, .meaning = "at least so many active days"}

static const struct parameter traders_parameters[] = {
    SELECTION,
    {.name = "min_net_pnl", .type = PARAMETER_AMOUNT, .meaning = "at least so much net_pnl in USD"},
    {.name = "min_win_rate", .type = PARAMETER_AMOUNT, .meaning = "win_rate at least, from 0 to 1"},
    {.name = "min_sharpe", .type = PARAMETER_AMOUNT, .meaning = "sharpe_ratio at least"},
    {.name = "min_hold", .type = PARAMETER_AMOUNT, .meaning = "avg_hold_time_minutes at least"},
    {.name = "min_coins", .type = PARAMETER_INTEGER, .most = 100000, .meaning = "at least so many coins"},
    {.name = "active_since", .type = PARAMETER_TIME, .meaning = "last_trade not before"},
    {.name = "prefix", .type = PARAMETER_BEGINNING, .meaning = "how the address begins"},
    {.name = "sort", .type = PARAMETER_CHOICE, .choice = choice_sort, .otherwise = "volume", .meaning = "ordered by; NULL is at the end"},
    ORDER, LIMIT(1000, "100"), CURSOR, FORMAT};
static const struct parameter leader_parameters[] = {
    {.name = "by", .type = PARAMETER_CHOICE, .choice = choice_sum, .otherwise = "net_pnl", .meaning = "ordered by"},
    {.name = "period", .type = PARAMETER_CHOICE, .choice = choice_period, .otherwise = "all", .meaning = "the last days of the data, or all"},
    SELECTION, ORDER, LIMIT(1000, "100"), CURSOR, FORMAT};
static const struct parameter trader_parameters[] = {ADDRESS, FORMAT};
static const struct parameter fills_parameters[] = {ADDRESS, COIN_ONLY, FROM_TIME, TO_TIME, LIMIT(1000, "100"), CURSOR, FORMAT};
static const struct parameter positions_parameters[] = {ADDRESS, LIMIT(1000, "1000"), CURSOR, FORMAT};
static const struct parameter daily_parameters[] = {ADDRESS, FROM_DAY, TO_DAY, LIMIT(1000, "366"), CURSOR, FORMAT};
static const struct parameter assets_parameters[] = {
    {.name = "kind", .type = PARAMETER_CHOICE, .choice = choice_kind, .meaning = "only coins of this kind"},
    LIMIT(1000, "1000"), CURSOR, FORMAT};
static const struct parameter market_parameters[] = {LIMIT(1000, "366"), CURSOR, FORMAT};
static const struct parameter largest_parameters[] = {
    COIN_ONLY, LIMIT(100, "100"), FORMAT};
static const struct parameter episodes_of_all_parameters[] = {
    COIN_ONLY, {.name = "liquidated", .type = PARAMETER_CHOICE, .choice = choice_bool, .meaning = "only those that met a liquidation, or none"},
    FROM_TIME, TO_TIME,
    {.name = "sort", .type = PARAMETER_CHOICE, .choice = choice_episode_order, .otherwise = "close_time", .meaning = "ordered by"},
    ORDER, LIMIT(1000, "100"), CURSOR, FORMAT};
static const struct parameter activity_parameters[] = {ADDRESS};
static const struct parameter asset_parameters[] = {COIN_PATH};
static const struct parameter asset_daily_parameters[] = {COIN_PATH, FROM_DAY, TO_DAY, LIMIT(1000, "366"), CURSOR, FORMAT};
static const struct parameter asset_traders_parameters[] = {
    COIN_PATH,
    {.name = "sort", .type = PARAMETER_CHOICE, .choice = choice_trader_coin_order, .otherwise = "volume", .meaning = "ordered by"},
    ORDER, LIMIT(1000, "100"), CURSOR, FORMAT};
static const struct parameter twaps_parameters[] = {
    {.name = "wallet", .type = PARAMETER_ADDRESS, .required = true, .meaning = "whose"},
    {.name = "start", .type = PARAMETER_TIME, .required = true, .meaning = "not before"},
    {.name = "end", .type = PARAMETER_TIME, .required = true, .meaning = "not after"},
    {.name = "asset", .type = PARAMETER_COIN, .meaning = "only of this coin"},
    {.name = "latest_per_twap", .type = PARAMETER_CHOICE, .choice = choice_bool, .otherwise = "true", .meaning = "only the newest status of each"},
    LIMIT(5000, "500")};
static const struct parameter figure_parameters[] = {
    {.name = "figure", .type = PARAMETER_CHOICE, .choice = choice_figure, .in_path = true, .meaning = "which: a numeric column of traders"}};
static const struct parameter hours_parameters[] = {LIMIT(1000, "366"), CURSOR, FORMAT};
static const struct parameter twap_parameters[] = {
    {.name = "twap_id", .type = PARAMETER_NAME, .in_path = true, .meaning = "the TWAP order's number"}};

static const struct parameter static_parameters[] = {
    {.name = "name", .type = PARAMETER_NAME, .in_path = true, .meaning = "the file's name"}};

#define REF(name) "{\"$ref\":\"#/components/schemas/" name "\"}"
#define COVERED(required, properties) \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"coverage\"," required "]," \
    "\"properties\":{\"coverage\":" REF("Coverage") "," properties "}}"

static const char trader_schema[] = COVERED("\"trader\",\"classes\"",
    "\"trader\":" REF("Trader") ",\"classes\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":"
    "[\"profile\",\"class\",\"reason\",\"rule_version\",\"as_of\"],\"additionalProperties\":{\"type\":\"string\"}}}");
static const char asset_schema[] = COVERED("\"asset\"", "\"asset\":" REF("Asset"));
#define EXACT "{\"type\":\"string\",\"pattern\":\"^-?[0-9]+\\\\.[0-9]+$\"}"
#define INTEGER "{\"type\":\"integer\"}"
#define LIST(item) "{\"type\":\"array\",\"items\":" item "}"
#define OBJECT(required, properties) \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
static const char activity_schema[] = COVERED("\"fills\",\"complete\",\"hours\",\"sizes\"",
    "\"fills\":" INTEGER ",\"complete\":{\"type\":\"boolean\"},\"hours\":" LIST(OBJECT("\"fills\",\"volume\"",
    "\"fills\":" INTEGER ",\"volume\":" EXACT)) ",\"sizes\":" LIST(INTEGER));
#define HOLDINGS_BY_CLASS \
    "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"class\",\"traders\",\"value\"]," \
    "\"properties\":{\"class\":{\"type\":[\"string\",\"null\"]},\"traders\":" INTEGER ",\"value\":" EXACT "}}}"
static const char holders_schema[] = COVERED("\"sides\"", "\"sides\":" LIST(OBJECT(
    "\"side\",\"traders\",\"value\",\"largest\",\"largest_ten\",\"classes\"",
    "\"side\":{\"enum\":[\"long\",\"short\"]},\"traders\":" INTEGER ",\"value\":" EXACT ",\"largest\":" EXACT
    ",\"largest_ten\":" EXACT ",\"classes\":" HOLDINGS_BY_CLASS)));
#define NULLABLE(type) "{\"type\":[\"" type "\",\"null\"]}"
static const char clusters_schema[] = COVERED("\"as_of\",\"model_as_of\",\"model\",\"quality\",\"clusters\"",
    "\"as_of\":" NULLABLE("string") ",\"model_as_of\":" NULLABLE("string") ",\"model\":" NULLABLE("string")
    ",\"quality\":{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"number\",\"string\",\"null\"]}}"
    ",\"clusters\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":"
    "[\"id\",\"name\",\"traders\",\"share\",\"reason\",\"centre\"],\"properties\":{\"id\":{\"type\":\"integer\"},"
    "\"name\":{\"type\":\"string\"},\"traders\":{\"type\":\"integer\"},\"share\":{\"type\":\"number\"},\"reason\":" NULLABLE("string")
    ",\"opening_hours\":" LIST("{\"type\":\"number\"}") ",\"opening_weekdays\":" LIST("{\"type\":\"number\"}")
    ",\"what_they_do\":" NULLABLE("string") ",\"when_they_trade\":" NULLABLE("string") ",\"how_they_earn\":" NULLABLE("string")
    ",\"typical_members\":" LIST("{\"type\":\"string\"}")
    ",\"centre\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}}},"
    "\"additionalProperties\":{\"type\":[\"number\",\"string\",\"boolean\",\"null\"]}}}");
static const char map_schema[] = COVERED("\"as_of\",\"trustworthiness\",\"version\",\"traders\",\"x\",\"y\",\"cluster\",\"class\"",
    "\"as_of\":" NULLABLE("string") ",\"trustworthiness\":" NULLABLE("number") ",\"version\":{\"type\":\"string\"},\"traders\":" LIST("{\"type\":\"string\"}")
    ",\"x\":" LIST("{\"type\":\"number\"}") ",\"y\":" LIST("{\"type\":\"number\"}") ",\"cluster\":" LIST(NULLABLE("integer"))
    ",\"class\":" LIST(NULLABLE("string")));
static const char figure_schema[] = COVERED("\"as_of\",\"version\",\"figure\",\"values\"",
    "\"as_of\":" NULLABLE("string") ",\"version\":{\"type\":\"string\"},\"figure\":{\"type\":\"string\"},\"values\":" LIST("{\"type\":[\"number\",\"string\",\"null\"]}"));
static const char coverage_schema[] = COVERED("\"version\",\"fills\",\"fills_in_lake\",\"hours_present\",\"hours_span\",\"traders\",\"coins\"",
    "\"version\":{\"type\":\"string\"},\"fills\":{\"type\":\"integer\"},\"fills_in_lake\":{\"type\":\"integer\"},"
    "\"hours_present\":{\"type\":\"integer\"},\"hours_span\":{\"type\":\"integer\"},\"traders\":{\"type\":\"integer\"},"
    "\"coins\":{\"type\":\"integer\"}");
static const char twaps_schema[] =
    "{\"type\":\"object\",\"required\":[\"wallet\",\"start\",\"end\",\"twaps\"],\"properties\":{\"wallet\":{\"type\":"
    "\"string\"},\"start\":{\"type\":\"string\",\"format\":\"date-time\"},\"end\":{\"type\":\"string\",\"format\":"
    "\"date-time\"},\"twaps\":{\"type\":\"array\"}}}";
static const char health_schema[] =
    "{\"type\":\"object\",\"required\":[\"status\",\"version\",\"store\",\"snapshot\"],\"properties\":{\"status\":{"
    "\"enum\":[\"ok\"]},\"version\":{\"type\":\"string\"},\"store\":{\"type\":\"object\"},\"snapshot\":{\"type\":"
    "\"object\"},\"coverage\":" REF("Coverage") "}}";
static const char object_schema[] = "{\"type\":\"object\"}";

#define PARAMETERS(table) .parameters = table, .parameter_count = sizeof table / sizeof *table

const struct route routes[] = {
    {.path = "/traders/{address}", .id = "getTrader", .flags = ROUTE_PAGE | ROUTE_QUICK | ROUTE_DATA | ROUTE_CSV,
     .summary = "One trader", .description = "Every figure of the table traders, and the class by each set of rules with its reason.",
     PARAMETERS(trader_parameters), .schema = trader_schema, .answer = answer_trader},
    {.path = "/traders", .id = "listTraders", .flags = ROUTE_PAGE | ROUTE_DATA | ROUTE_CSV,
     .summary = "Traders by any figure", .description = "All conditions hold together. Equals are ordered by address.",
     PARAMETERS(traders_parameters), .schema = REF("TraderList"), .answer = answer_traders},
    {.path = "/traders/{address}/fills", .id = "listFills", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "Fills of a trader", .description = "The newest first.",
     PARAMETERS(fills_parameters), .schema = REF("FillList"), .answer = answer_trader_fills},
    {.path = "/traders/{address}/positions", .id = "listPositions", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "Open perp positions of a trader", .description = "At the end of the data, by coin.",
     PARAMETERS(positions_parameters), .schema = REF("EpisodeList"), .answer = answer_trader_positions},
    {.path = "/traders/{address}/daily", .id = "listTraderDays", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "Days of a trader", .description = "Days with a fill, the newest first.",
     PARAMETERS(daily_parameters), .schema = REF("TraderDayList"), .answer = answer_trader_daily},
    {.path = "/traders/{address}/episodes", .id = "listEpisodes", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "Episodes of a trader", .description = "Perp positions from flat to flat or to the flip; the last to end first.",
     PARAMETERS(fills_parameters), .schema = REF("EpisodeList"), .answer = answer_trader_episodes},
    {.path = "/traders/{address}/activity", .id = "getActivity", .flags = ROUTE_DATA,
     .summary = "When and in which sizes a trader trades",
     .description = "Sums over his newest 100,000 fills; `complete` says whether these are all. `hours`: the hours of the week from Monday "
                    "0:00 UTC on. `sizes`: fills by price times size in USD, two classes a decade: below 0.0316, below 0.1, and so on.",
     PARAMETERS(activity_parameters), .schema = activity_schema, .answer = answer_trader_activity},
    {.path = "/traders/{address}/coins", .id = "listTraderCoins", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "Coins of a trader", .description = "His sums in each over the whole window, by volume.",
     PARAMETERS(positions_parameters), .schema = REF("TraderCoinList"), .answer = answer_trader_coins},
    {.path = "/positions", .id = "listAllPositions", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "The largest open perp positions", .description = "Of everybody, by value at the coin's last price. There are no further pages.",
     PARAMETERS(largest_parameters), .schema = REF("EpisodeList"), .answer = answer_positions},
    {.path = "/episodes", .id = "listAllEpisodes", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "Episodes of everybody", .description = "Perp positions from flat to flat or to the flip.",
     PARAMETERS(episodes_of_all_parameters), .schema = REF("EpisodeList"), .answer = answer_episodes},
    {.path = "/market/daily", .id = "listMarketDays", .flags = ROUTE_QUICK | ROUTE_DATA | ROUTE_CSV,
     .summary = "Days of the market", .description = "All coins together, the newest day first.",
     PARAMETERS(market_parameters), .schema = REF("MarketDayList"), .answer = answer_market_daily},
    {.path = "/leaderboard", .id = "leaderboard", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "Who earned what", .description = "Traders who were active in the period, without the account that sells the exchange's dust.",
     PARAMETERS(leader_parameters), .schema = REF("LeaderList"), .answer = answer_leaderboard},
    {.path = "/assets", .id = "listAssets", .flags = ROUTE_PAGE | ROUTE_DATA | ROUTE_CSV,
     .summary = "Coins by volume", .description = "Sums of all days.",
     PARAMETERS(assets_parameters), .schema = REF("AssetList"), .answer = answer_assets},
    {.path = "/assets/{coin}", .id = "getAsset", .flags = ROUTE_PAGE | ROUTE_QUICK | ROUTE_DATA,
     .summary = "One coin", .description = "Sums of all days.",
     PARAMETERS(asset_parameters), .schema = asset_schema, .answer = answer_asset},
    {.path = "/assets/{coin}/daily", .id = "listAssetDays", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "Days of a coin", .description = "Days with a fill, the newest first.",
     PARAMETERS(asset_daily_parameters), .schema = REF("CoinDayList"), .answer = answer_asset_daily},
    {.path = "/assets/{coin}/holders", .id = "getHolders", .flags = ROUTE_DATA,
     .summary = "Who is long and short in a coin", .description = "Open perp positions at the coin's last price, by class of the trader; and what the largest, "
                    "and the largest ten, hold.",
     PARAMETERS(asset_parameters), .schema = holders_schema, .answer = answer_asset_holders},
    {.path = "/assets/{coin}/traders", .id = "listAssetTraders", .flags = ROUTE_DATA | ROUTE_CSV,
     .summary = "Traders of a coin", .description = "Their sums in it over the whole window.",
     PARAMETERS(asset_traders_parameters), .schema = REF("TraderCoinList"), .answer = answer_asset_traders},
    {.path = "/assets/{coin}/signals", .id = "listSignals", .flags = ROUTE_QUICK | ROUTE_DATA,
     .summary = "Signals of a coin", .description = "Empty until signals are computed.",
     PARAMETERS(asset_parameters), .schema = REF("EmptyList"), .answer = answer_asset_signals},
    {.path = "/alerts", .id = "listAlerts", .flags = ROUTE_PAGE | ROUTE_QUICK | ROUTE_DATA,
     .summary = "Recent alerts", .description = "Empty until alerts are computed.",
     .schema = REF("EmptyList"), .answer = answer_empty_list},
    {.path = "/clusters", .id = "listClusters", .flags = ROUTE_PAGE | ROUTE_QUICK | ROUTE_DATA,
     .summary = "Archetypes of traders", .description = "Groups of traders who behave alike: what they are called and why, what they do, when, and how they earn or lose, typical members, their centre in standard deviations, and how good the groups are. Empty before `vigil cluster`.",
     .schema = clusters_schema, .answer = answer_clusters},
    {.path = "/clusters/map", .id = "clusterMap", .flags = ROUTE_QUICK | ROUTE_DATA,
     .summary = "The map of traders", .description = "Everybody who is on it, one value of each array a trader: on the map, alike is near. Empty before `vigil cluster`.",
     .schema = map_schema, .answer = answer_map},
    {.path = "/clusters/map/{figure}", .id = "mapFigure", .flags = ROUTE_DATA,
     .summary = "A figure of everybody on the map", .description = "One value for each trader of /clusters/map, in its order, as long as `version` is the map's.",
     PARAMETERS(figure_parameters), .schema = figure_schema, .answer = answer_map_figure},
    {.path = "/validation", .id = "getValidation", .flags = ROUTE_MAKEABLE,
     .summary = "Whether the labels predict anything", .description = "The report of `vigil validate`; browsers get it as a page. 404 before it was made, over a database, and for a lake in a bucket.",
     .schema = object_schema, .answer = answer_validation},
    {.path = "/coverage", .id = "getCoverage", .flags = ROUTE_QUICK | ROUTE_DATA,
     .summary = "What the answers rest on", .description = "Hours that the lake has, and how far the tables are.",
     .schema = coverage_schema, .answer = answer_coverage},
    {.path = "/coverage/hours", .id = "listCoveredDays", .flags = ROUTE_QUICK | ROUTE_DATA | ROUTE_CSV,
     .summary = "Which hours the answers rest on", .description = "Days from the first hour to the last, the newest first.",
     PARAMETERS(hours_parameters), .schema = REF("CoveredDayList"), .answer = answer_coverage_hours},
    {.path = "/twaps", .id = "listTwaps", .flags = ROUTE_QUICK,
     .summary = "TWAP orders of a wallet", .description = "Empty until TWAP statuses are imported.",
     PARAMETERS(twaps_parameters), .schema = twaps_schema, .answer = answer_twaps},
    {.path = "/twaps/{twap_id}", .id = "getTwap", .flags = ROUTE_QUICK,
     .summary = "Statuses of one TWAP order", .description = "404 until TWAP statuses are imported.",
     PARAMETERS(twap_parameters), .schema = object_schema, .answer = answer_twap},
    {.path = "/stream", .id = "stream", .flags = ROUTE_QUICK, .media = "text/event-stream",
     .summary = "News as they come", .description = "Server-sent events. `published`: there are new data. The header Last-Event-ID brings what was missed.",
     .answer = answer_stream},
    {.path = "/metrics", .id = "metrics", .flags = ROUTE_QUICK, .media = "text/plain",
     .summary = "What the server does", .description = "In Prometheus's format.", .answer = answer_metrics},
    {.path = "/healthz", .id = "health", .flags = ROUTE_OPEN | ROUTE_QUICK,
     .summary = "Whether the server can answer", .description = "503 while the store cannot be read, or there are no tables yet.",
     .schema = health_schema, .answer = answer_health},
    {.path = "/openapi.json", .id = "openapi", .flags = ROUTE_OPEN | ROUTE_QUICK,
     .summary = "This document", .description = "OpenAPI 3.1.", .schema = object_schema, .answer = answer_openapi},
    {.path = "/docs", .id = "docs", .flags = ROUTE_OPEN | ROUTE_QUICK, .media = "text/html",
     .summary = "This document as a page", .description = "Needs no other host.", .answer = answer_docs},
    {.path = "/static/{name}", .id = "staticFile", .flags = ROUTE_OPEN | ROUTE_QUICK, .media = "application/octet-stream",
     .summary = "Parts of the pages", .description = "Of the type that the file has. Its name changes with its content.",
     PARAMETERS(static_parameters), .answer = answer_static},
    {.path = "/", .id = "root", .flags = ROUTE_OPEN | ROUTE_PAGE | ROUTE_QUICK,
     .summary = "Where to begin", .description = "Links.", .schema = object_schema, .answer = answer_root},
};
const size_t route_count = sizeof routes / sizeof *routes;

static const struct column *columns_of_market(void) { return market_columns; }
static const struct column *columns_of_fills(void) { return fill_columns; }
static const struct column *columns_of_episodes(void) { return episode_columns; }
static const struct column *columns_of_trader_days(void) { return trader_daily_columns; }
static const struct column *columns_of_coin_days(void) { return coin_daily_columns; }
static const struct column *columns_of_trader_coins(void) { return trader_coin_columns; }
static const struct column *columns_of_assets(void) { return asset_columns; }

const struct row_schema row_schemas[] = {
    {"Trader", "Figures of a trader over the whole window.", listed_columns, LISTED_COLUMN_COUNT},
    {"Leader", "A place in a leaderboard.", leader_columns, LEADER_COLUMN_COUNT},
    {"Fill", "A fill as the exchange booked it.", columns_of_fills, FILL_COLUMNS},
    {"Episode", "A perp position from flat to flat or to the flip, or an open one.", columns_of_episodes, EPISODE_COLUMN_COUNT},
    {"TraderDay", "A trader's day.", columns_of_trader_days, TRADER_DAILY_COLUMN_COUNT},
    {"TraderCoin", "A trader's sums in one coin.", columns_of_trader_coins, TRADER_COIN_COLUMN_COUNT},
    {"CoinDay", "A coin's day.", columns_of_coin_days, COIN_DAILY_COLUMN_COUNT},
    {"MarketDay", "A day of the whole market.", columns_of_market, MARKET_COLUMN_COUNT},
    {"CoveredDay", "Hours of a day.", covered_day_columns, COVERED_DAY_COLUMN_COUNT},
    {"Asset", "A coin over the whole window.", columns_of_assets, ASSET_COLUMN_COUNT},
};
const size_t row_schema_count = sizeof row_schemas / sizeof *row_schemas;
/* clang-format on */
