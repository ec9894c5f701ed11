"""How fast the embedded engine reads: one message alone, many at once, and the parts of the work.

    python bench/nlu.py [DATA_DIR]

Trains first where the model is stale. Figures are milliseconds on the machine that runs it.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.nlu.data import load_examples
from bot.nlu.embedded import EmbeddedInterpreter, load_reader
from bot.nlu.entities import find_entities
from bot.nlu.features import SentenceEncoder, prepare_texts
from bot.nlu.language import find_language

NLU_DATA = Path(__file__).parents[1] / "nlu_data"


def measure(name: str, work: Callable[[str], object], texts: list[str]) -> None:
    """Print median and 99th percentile of the work for one text."""
    took = []
    for text in texts:
        started = time.perf_counter()
        work(text)
        took.append((time.perf_counter() - started) * 1000)
    took.sort()
    print(f"{name:34} median {took[len(took) // 2]:7.3f}   p99 {took[len(took) * 99 // 100]:7.3f}")


async def measure_crowd(interpreter: EmbeddedInterpreter, texts: list[str]) -> None:
    """Print the throughput of many customers who write at once."""
    started = time.perf_counter()
    await asyncio.gather(*map(interpreter.parse, texts))
    took = time.perf_counter() - started
    print(f"{len(texts)} at once: {took * 1000:.0f} ms, {len(texts) / took:.0f} messages a second")
    await interpreter.close()


def main() -> None:
    """Measure all of it."""
    data_dir = Path(sys.argv[1] if len(sys.argv) > 1 else ".data")
    started = time.perf_counter()
    reader = load_reader(NLU_DATA, data_dir, print)
    print(f"loading (and training where stale) {time.perf_counter() - started:.2f} s")
    # Training sentences with a number behind them: no text is found in the encoder's memory.
    texts = [f"{example.text} {n}x" for n, example in enumerate(load_examples(NLU_DATA / "nlu")[::7])][:600]
    encoder = SentenceEncoder(remember=0)
    measure("one message, read completely", lambda text: reader.read([text], engine="embedded"), texts)
    measure("  of which the encoder", lambda text: encoder.encode(prepare_texts([text])), texts)
    measure("  of which entities", find_entities, texts)
    measure("  of which language", find_language, texts)
    asyncio.run(measure_crowd(EmbeddedInterpreter(reader), [f"{text}?" for text in texts]))


if __name__ == "__main__":
    main()
