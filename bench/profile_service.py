"""The service that most would write: a trader's profile out of PostgreSQL with FastAPI and asyncpg, as an answer in JSON.
bench/api.sh compares with it: uvicorn with uvloop and httptools, a pool of connections, a prepared statement.

    DATABASE_URL=postgresql://… uvicorn profile_service:app --app-dir bench
"""

import os

import asyncpg
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.on_event("startup")
async def connect():
    app.state.pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=8, max_size=8)


@app.get("/traders/{address}")
async def trader(address: str):
    row = await app.state.pool.fetchrow("SELECT * FROM vigil_lake.traders WHERE user_address = $1", address)
    if row is None:
        raise HTTPException(status_code=404)
    classes = await app.state.pool.fetch("SELECT profile, class, reason, rule_version, as_of FROM vigil_lake.classes "
                                         "WHERE user_address = $1", address)
    return {"trader": dict(row), "classes": [dict(c) for c in classes]}

