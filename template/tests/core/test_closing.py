"""What slices open is closed again, the last one first, while the database still answers."""

from sqlalchemy import text

from tests.conftest import MakeApp


async def test_the_end_of_serving_closes_what_was_opened(make_app: MakeApp) -> None:
    app = make_app()
    kernel = app.state.kernel
    closed: list[str] = []

    async def first() -> None:
        assert await kernel.store.first(text("SELECT 1"), {}) is not None
        closed.append("first")

    async def second() -> None:
        closed.append("second")

    kernel.closing(first)
    kernel.closing(second)
    async with app.router.lifespan_context(app):
        assert closed == []

    assert closed == ["second", "first"]
