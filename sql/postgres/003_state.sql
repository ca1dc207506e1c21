-- What of the lake is in this database, and what the tables of figures rest on.
CREATE TABLE vigil_lake.loaded_files (
    path         TEXT COLLATE "C" PRIMARY KEY,
    sha256       TEXT COLLATE "C" NOT NULL,
    table_name   TEXT COLLATE "C" NOT NULL,
    day          DATE,
    rows         BIGINT NOT NULL,
    notional     NUMERIC(38,20),
    closed_pnl   NUMERIC(30,10),
    fee          NUMERIC(30,10),
    loaded_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE vigil_lake.loaded_files IS 'files of the lake whose rows are here; the sums are of fills only';

CREATE TABLE vigil_lake.coverage (
    version        BIGINT NOT NULL,
    from_ns        BIGINT,
    to_ns          BIGINT,
    fills          BIGINT NOT NULL DEFAULT 0,
    fills_in_lake  BIGINT NOT NULL DEFAULT 0,
    hours_present  BIGINT NOT NULL DEFAULT 0,
    hours_span     BIGINT NOT NULL DEFAULT 0,
    complete       BOOLEAN NOT NULL DEFAULT false,
    layout         TEXT COLLATE "C" NOT NULL DEFAULT '',
    loaded_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE vigil_lake.coverage IS 'one row; version changes whenever a load publishes something';
COMMENT ON COLUMN vigil_lake.coverage.layout IS 'checksum of the columns that the tables of figures were made with';
INSERT INTO vigil_lake.coverage (version) VALUES (0);
