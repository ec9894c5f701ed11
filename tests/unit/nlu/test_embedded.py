"""The embedded engine: batches, order, errors and closing."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.nlu.analysis import TextReader
from bot.nlu.embedded import EmbeddedInterpreter
from bot.nlu.reading import InterpreterError, Reading


class RecordingReader:
    """A reader that writes down the batches it is given, or fails."""

    def __init__(self, reader: TextReader, *, fails: bool = False) -> None:
        self._reader, self._fails, self.batches = reader, fails, list[int]()

    def read(self, texts: Sequence[str], *, engine) -> list[Reading]:
        """Read like the reader inside."""
        self.batches.append(len(texts))
        if self._fails:
            raise RuntimeError("numbers are out")
        return self._reader.read(texts, engine=engine)


async def test_requests_of_one_moment_share_a_batch_and_keep_their_answers(reader: TextReader):
    """A hundred customers at once cost few batches, and each gets the reading of their own text."""
    recording = RecordingReader(reader)
    interpreter = EmbeddedInterpreter(recording)
    texts = [f"快递到哪里了 {number}" for number in range(100)]
    readings = await asyncio.gather(*map(interpreter.parse, texts))
    await interpreter.close()
    assert texts == [reading.text for reading in readings]
    assert len(recording.batches) <= 3
    assert {"embedded"} == {reading.engine for reading in readings}


async def test_a_failure_reaches_everybody_who_waits_and_the_engine_goes_on(reader: TextReader):
    """An error in the worker is an InterpreterError for each caller, not silence."""
    interpreter = EmbeddedInterpreter(RecordingReader(reader, fails=True))
    outcomes = await asyncio.gather(*(interpreter.parse("你好") for _ in range(3)), return_exceptions=True)
    assert [InterpreterError] * 3 == [type(outcome) for outcome in outcomes]
    with pytest.raises(InterpreterError, match="numbers are out"):
        await interpreter.parse("再来")
    await interpreter.close()


async def test_a_caller_who_leaves_does_not_disturb_the_others(reader: TextReader):
    """A cancelled request is dropped; its neighbours in the batch are answered."""
    interpreter = EmbeddedInterpreter(reader)
    leaving, staying = (asyncio.create_task(interpreter.parse(text)) for text in ("你好", "转人工"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).category == "handoff"
    await interpreter.close()


async def test_the_event_loop_turns_while_numbers_are_computed(reader: TextReader):
    """A long batch is computed elsewhere: other tasks run meanwhile."""
    interpreter = EmbeddedInterpreter(reader)
    work = asyncio.gather(*(interpreter.parse(f"我要退货 {number} " * 20) for number in range(60)))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    await interpreter.close()
    assert turns > 10


async def test_a_closed_engine_says_so(reader: TextReader):
    """After closing nobody waits for an answer that never comes."""
    interpreter = EmbeddedInterpreter(reader)
    waiting = asyncio.create_task(interpreter.parse("我要退货"))
    await asyncio.sleep(0)
    await interpreter.close()
    assert (await waiting).category == "after_sales"
    with pytest.raises(InterpreterError, match="closed"):
        await interpreter.parse("你好")
