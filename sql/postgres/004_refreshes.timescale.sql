-- Days whose fills have changed since the continuous aggregates were refreshed for them. A refresh cannot be part of the
-- transaction that changes fills, so a load that is killed in between leaves its day here for the next one.
CREATE TABLE vigil_lake.days_to_refresh (
    day DATE PRIMARY KEY
);
