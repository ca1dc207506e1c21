-- Which hours the lake has. Only a load of the figures knows them, so those are made anew once.
CREATE TABLE vigil_lake.coverage_hours (
    date   DATE PRIMARY KEY,
    hours  TEXT COLLATE "C" NOT NULL
);
COMMENT ON TABLE vigil_lake.coverage_hours IS
    'a UTC day: a character for each hour: 1 present, 0 absent, ? not told by its objects, - before or after the data';
UPDATE vigil_lake.coverage SET layout = '';
