"""Writers of one process on SQLite wait for each other, and a transaction that fails keeps nobody waiting."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError

from dispatch.database import Writers, will_write


def test_writers_take_turns_and_readers_do_not_wait(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'turns.sqlite'}", connect_args={"isolation_level": None})
    writers = Writers()
    event.listen(engine, "begin", writers.begin)
    event.listen(engine, "checkin", writers.leave)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counted (n INTEGER)"))
        connection.execute(text("INSERT INTO counted VALUES (0)"))
    with pytest.raises(OperationalError), engine.begin() as connection:
        connection.execute(text("UPDATE nothing SET n = 99"))

    def count() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                n = connection.scalar(text("SELECT n FROM counted"))
                connection.execute(text("UPDATE counted SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.begin() as writing:
        writing.execute(text("UPDATE counted SET n = n + 1"))
        token = will_write.set(False)
        with engine.connect() as reading:
            assert reading.scalar(text("SELECT n FROM counted")) == 160, "what was committed"
        will_write.reset(token)
    engine.dispose()
