#include "model/feature_schema.h"

#define HORIZON_MS(NAME, text, ms) ms,
const int64_t horizon_ms[HORIZONS] = {MARKOUT_HORIZONS(HORIZON_MS)};

#define FEATURE_COLUMN(NAME, name, type, null, unit, definition) \
    {name, COLUMN_##type, null, COLUMN_##type == COLUMN_TEXT, NULL, definition, unit},

const struct column trader_columns[TRADER_COLUMN_COUNT] = {TRADER_COLUMNS(FEATURE_COLUMN)};
const struct column trader_daily_columns[TRADER_DAILY_COLUMN_COUNT] = {TRADER_DAILY_COLUMNS(FEATURE_COLUMN)};
const struct column coin_daily_columns[COIN_DAILY_COLUMN_COUNT] = {COIN_DAILY_COLUMNS(FEATURE_COLUMN)};
const struct column episode_columns[EPISODE_COLUMN_COUNT] = {EPISODE_COLUMNS(FEATURE_COLUMN)};
const struct column trader_coin_columns[TRADER_COIN_COLUMN_COUNT] = {TRADER_COIN_COLUMNS(FEATURE_COLUMN)};
const struct column class_columns[CLASS_COLUMN_COUNT] = {CLASS_COLUMNS(FEATURE_COLUMN)};
const struct column cluster_member_columns[CLUSTER_MEMBER_COLUMN_COUNT] = {CLUSTER_MEMBER_COLUMNS(FEATURE_COLUMN)};
const struct column cluster_profile_columns[CLUSTER_PROFILE_COLUMN_COUNT] = {CLUSTER_PROFILE_COLUMNS(FEATURE_COLUMN)};

const struct feature_table_schema feature_tables[FEATURE_TABLES] = {
    [TABLE_TRADERS] = {"traders", trader_columns, TRADER_COLUMN_COUNT, false,
                       "one row a trader: figures of the whole window"},
    [TABLE_TRADER_DAILY] = {"trader_daily", trader_daily_columns, TRADER_DAILY_COLUMN_COUNT, true,
                            "one row for each trader and day with a fill"},
    [TABLE_COIN_DAILY] = {"coin_daily", coin_daily_columns, COIN_DAILY_COLUMN_COUNT, true,
                          "one row for each coin and day with a fill"},
    [TABLE_EPISODES] = {"episodes", episode_columns, EPISODE_COLUMN_COUNT, true,
                        "perp positions from flat to flat or flip, by the day of their end; also those cut by a gap"},
    [TABLE_TRADER_COINS] = {"trader_coins", trader_coin_columns, TRADER_COIN_COLUMN_COUNT, false,
                            "one row for each trader and coin: figures of the whole window"},
    [TABLE_CLASSES] = {"classes", class_columns, CLASS_COLUMN_COUNT, false,
                       "classes of each trader by the profiles of `vigil classify`"},
    [TABLE_CLUSTERS] = {"clusters", cluster_member_columns, CLUSTER_MEMBER_COLUMN_COUNT, false,
                        "one row a trader: the cluster that `vigil cluster` placed him in"},
    [TABLE_CLUSTER_PROFILES] = {"cluster_profiles", cluster_profile_columns, CLUSTER_PROFILE_COLUMN_COUNT, false,
                                "one row a cluster: what its members are like, and how good the clusters are"},
    [TABLE_POSITIONS] = {"positions", episode_columns, EPISODE_COLUMN_COUNT, false, "perp positions open at the end"},
};
