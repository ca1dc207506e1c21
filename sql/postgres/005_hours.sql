-- Which hours the lake has. Only a load of the figures knows them, so those are made anew once.
CREATE TABLE vigil_lake.coverage_hours (
    date   DATE PRIMARY KEY,
    hours  TEXT COLLATE "C" NOT NULL
);
COMMENT ON TABLE vigil_lake.coverage_hours IS
    'a UTC day: a character for each hour: 1 present, 0 absent, ? not told by its objects, - before or after the data';
ALTER TABLE vigil_lake.coverage ADD COLUMN lake_version BIGINT NOT NULL DEFAULT 0;
COMMENT ON COLUMN vigil_lake.coverage.lake_version IS 'changes with what the lake had when it was loaded, hours without a fill among it';
UPDATE vigil_lake.coverage SET layout = '';
