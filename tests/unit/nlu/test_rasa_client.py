"""Rasa asked over HTTP: what goes out, and what is made of the answer."""

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.nlu.rasa_client import RasaInterpreter
from bot.nlu.rasa_server import RasaAddress
from bot.nlu.reading import Entity, InterpreterError, Point

_ANSWER = {
    "intent": {"name": "order.cancel", "confidence": 0.9},
    "intent_ranking": [{"name": "order.cancel", "confidence": 0.9}, {"name": "handoff.ask_human", "confidence": 0.05}],
    "entities": [{"entity": "order_number", "value": "20260101001", "start": 3, "end": 14}],
    "reading": {"unsure": False, "also": ["quality.damaged"]},
}


class RasaStandIn:
    """An HTTP server in Rasa's place. `answer` is what it says, `status` how."""

    def __init__(self) -> None:
        self.answer: Any = _ANSWER
        self.status = 200
        self.asked: list[tuple[str, str]] = []

    async def handle(self, request: web.Request) -> web.Response:
        """Write down token and text, and answer."""
        self.asked.append((request.query.get("token", ""), (await request.json())["text"]))
        if isinstance(self.answer, str):
            return web.Response(text=self.answer, status=self.status)
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def stand_in():
    """The stand-in and an interpreter that asks it."""
    rasa = RasaStandIn()
    app = web.Application()
    app.router.add_post("/model/parse", rasa.handle)
    async with TestServer(app) as server:
        address = RasaAddress(str(server.make_url("")).rstrip("/"), "s3")
        interpreter = RasaInterpreter(lambda: address)
        yield rasa, interpreter
        await interpreter.close()


async def test_reads_the_answer_with_spans_of_the_customers_text(stand_in):
    """Intent, sureness, second request and entities arrive; spans are counted without the shield."""
    _, interpreter = stand_in
    reading = await interpreter.parse("订单20260101001取消")
    assert (
        reading.category, reading.unsure, reading.also, reading.engine,
    ) == ("order", False, ("quality.damaged",), "rasa")  # fmt: skip
    assert reading.entities == (Entity("order_number", "20260101001", 2, 13),)


async def test_reads_the_points_of_a_list(stand_in):
    """Their spans are counted without the shield, too."""
    rasa, interpreter = stand_in
    point = {"start": 1, "end": 3, "intent": "order.cancel", "confidence": 0.9, "unsure": False}
    rasa.answer = _ANSWER | {"reading": {"unsure": False, "points": [point]}}
    reading = await interpreter.parse("订单20260101001取消")
    assert reading.points == (Point(0, 2, "order.cancel", 0.9, False),)


@pytest.mark.parametrize("text", ["/restart", "  /order.cancel", "/", "\ud800"])
async def test_no_text_reaches_rasa_as_a_command(stand_in, text: str):
    """What Rasa strips and looks at first is never the customer's slash."""
    rasa, interpreter = stand_in
    rasa.answer = _ANSWER | {"entities": []}
    await interpreter.parse(text)
    ((token, sent),) = rasa.asked
    assert token == "s3"
    assert not sent.strip().startswith("/")


async def test_another_pipelines_answer_is_understood(stand_in):
    """Without our own component's field the sureness comes from the ranking."""
    rasa, interpreter = stand_in
    rasa.answer = {key: value for key, value in _ANSWER.items() if key not in {"reading", "entities"}}
    assert not (await interpreter.parse("取消")).unsure
    rasa.answer["intent"] = {"name": "order.cancel", "confidence": 0.4}
    assert (await interpreter.parse("取消")).unsure


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, _ANSWER),
        (401, _ANSWER),
        (200, "<html>"),
        (200, []),
        (200, {}),
        (200, _ANSWER | {"intent": {"name": None, "confidence": 0.0}}),
        (200, _ANSWER | {"intent": {"name": "nlu_fallback", "confidence": 0.3}}),
        (200, _ANSWER | {"entities": [{"entity": "order_number", "value": "1", "start": 5, "end": 99}]}),
    ],
)
async def test_nonsense_is_an_interpreter_error(stand_in, status: int, answer: Any):
    """An answer that cannot be used makes the caller fall back, it does not crash or pass through."""
    rasa, interpreter = stand_in
    rasa.status, rasa.answer = status, answer
    with pytest.raises(InterpreterError):
        await interpreter.parse("取消订单")


async def test_a_server_that_is_not_there_is_an_interpreter_error():
    """Neither no address nor a dead one raises anything else."""
    for address in (None, RasaAddress("http://127.0.0.1:9", None)):
        interpreter = RasaInterpreter(lambda found=address: found)
        with pytest.raises(InterpreterError):
            await interpreter.parse("hi")
        await interpreter.close()
