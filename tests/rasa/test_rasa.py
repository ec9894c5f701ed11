"""The real Rasa project: trained, served, asked, killed. Needs Rasa's environment, which `make` sets up."""

import asyncio
import os
import shutil
import signal
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.app import build_app
from bot.nlu.data import Example, load_examples
from bot.nlu.embedded import EmbeddedInterpreter
from bot.nlu.rasa_child import GONE_EXIT_CODE
from bot.nlu.rasa_client import RasaInterpreter
from bot.nlu.rasa_server import RasaServer, RasaServerError, read_address
from bot.nlu.reading import LANGUAGES
from bot.nlu.understanding import open_understanding
from bot.settings import Settings
from escalation.people import ensure_admin
from escalation.ports import SystemClock
from tests.dialogues.player import LaterClock, Player
from tests.dialogues.script import FILES, Wording, find_names, read_script
from tests.dialogues.test_dialogues import check_commands, check_tickets
from tests.integration.chat import Chat
from tests.integration.conftest import seed
from tests.patience import PATIENCE_SECONDS

PROJECT = Path(__file__).parents[2] / "nlu_data"
PYTHON = PROJECT / ".venv" / "bin" / "python"
SENTENCES = load_examples(PROJECT / "tests")

pytestmark = [
    pytest.mark.rasa,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not PYTHON.exists(), reason=f"Rasa is not installed ({PYTHON}); `make` installs it"),
]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data directory for all of them: training takes half a minute."""
    return tmp_path_factory.mktemp("data")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(data_dir: Path) -> AsyncIterator[RasaServer]:
    """The project's Rasa, trained and running."""
    server = RasaServer(nlu_data=PROJECT, data_dir=data_dir)
    await server.prepare(lambda _: None)
    await server.start(lambda _: None)
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rasa(server: RasaServer) -> AsyncIterator[RasaInterpreter]:
    """The client of that server."""
    interpreter = RasaInterpreter(lambda: server.address)
    yield interpreter
    await interpreter.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def embedded(data_dir: Path) -> AsyncIterator[EmbeddedInterpreter]:
    """The embedded engine on the same data."""
    interpreter = await EmbeddedInterpreter.load(PROJECT, data_dir, lambda _: None)
    yield interpreter
    await interpreter.close()


@pytest.mark.parametrize(
    ("text", "category", "other"),
    [
        ("earphone broken, I want my money back, and the invoice is wrong", "after_sales", "order"),
        ("耳机坏了我要退款，发票也开错了", "after_sales", "order"),
        ("這件外套我想退貨，另外我的另一個包裹到哪裡了", "after_sales", "logistics"),
        ("Cancel my order please. Also where is my other parcel?", "order", "logistics"),
    ],
)
async def test_a_second_request_is_kept_in_each_language(
    text: str, category: str, other: str, embedded: EmbeddedInterpreter
):
    """However it is joined to the first one."""
    reading = await embedded.parse(text)
    assert (category, [other]) == (reading.category, [intent.split(".")[0] for intent in reading.also])


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("logistics.tracking", "quality.damaged", "我的快递到哪了？另外收到的杯子碎了"),
        ("logistics.tracking", "quality.damaged", "我的快遞到哪了？另外收到的杯子碎了"),
        ("logistics.tracking", "quality.damaged", "Where is my parcel? And also the cups arrived smashed."),
        ("after_sales.return", "quality.damaged", "耳机我要退货，另外收到的杯子碎了"),
        ("order.invoice", "order.change", "发票抬头写错了，还有收货地址帮我改一下"),
        ("order.change", "order.invoice", "please change my address, and also send me the invoice"),
        ("logistics.tracking", "logistics.lost_or_signed_not_received",
         "Where is my parcel? Also my other order says delivered but I never got it"),
        ("quality.damaged", "quality.wrong_or_missing_item", "杯子碎了，另外盘子少了一个"),
    ],
)  # fmt: skip
async def test_what_is_asked_first_leads_and_what_is_joined_on_follows(
    first: str, second: str, text: str, embedded: EmbeddedInterpreter
):
    """Other goods, another parcel, or another intent of one category: neither is mixed into the other."""
    reading = await embedded.parse(text)
    assert (first, (second,), False) == (reading.intent, reading.also, reading.unsure)


@pytest.mark.parametrize(
    "text",
    ["快递到哪里了？另外什么时候能到", "屏幕碎了，另外按键也没反应", "My parcel is late. Also when will it arrive?"],
)
async def test_more_of_the_same_is_no_second_request(text: str, embedded: EmbeddedInterpreter):
    """The same wish in other words, or another fault of the same goods."""
    assert () == (await embedded.parse(text)).also


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: f"{sentence.intent}:{sentence.line}")
async def test_both_engines_read_a_plain_sentence_alike(
    sentence: Example, rasa: RasaInterpreter, embedded: EmbeddedInterpreter
):
    """One model: the same category as meant, and the same numbers from either engine."""
    ours, theirs = await embedded.parse(sentence.text), await rasa.parse(sentence.text)
    assert sentence.category == ours.category == theirs.category
    assert (ours.intent, ours.unsure, ours.entities, ours.also) == (
        theirs.intent, theirs.unsure, theirs.entities, theirs.also,
    )  # fmt: skip
    assert ours.confidence == pytest.approx(theirs.confidence, abs=1e-3)


@pytest.mark.parametrize("text", ["/restart", ' /order.cancel{"a": "b"}', "/", "", "\ud800", "很长" * 3000, "a\0b"])
async def test_any_text_is_text(text: str, rasa: RasaInterpreter, embedded: EmbeddedInterpreter):
    """A slash is no command, and nothing a customer can send breaks the server."""
    ours, theirs = await embedded.parse(text), await rasa.parse(text)
    assert (ours.intent, text) == (theirs.intent, theirs.text)
    assert theirs.confidence < 1.0


async def test_spans_cut_the_customers_own_text(rasa: RasaInterpreter):
    """White space at the front, which Rasa cuts, does not move the spans."""
    text = "  订单 20260101001 尾号8888 "
    found = {entity.name: text[entity.start : entity.end] for entity in (await rasa.parse(text)).entities}
    assert found == {"order_number": "20260101001", "phone_digits": "8888"}


async def test_only_the_token_opens_and_no_process_list_shows_it(server: RasaServer):
    """Without the token nothing is read; no channel of Rasa's own is open; the command line is silent about it."""
    address = server.address
    assert address is not None
    async with aiohttp.ClientSession() as http:
        refused = await http.post(f"{address.url}/model/parse", json={"text": "hi"})
        channel = await http.post(f"{address.url}/webhooks/rest/webhook", json={"sender": "a", "message": "hi"})
    assert (refused.status, channel.status) == (401, 404)
    assert not any(str(address.token).encode() in line for line in _list_command_lines())


def _list_command_lines() -> list[bytes]:
    return [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]


async def test_only_the_owner_reads_the_address(server: RasaServer, data_dir: Path):
    """The file with the token is private."""
    assert stat.S_IMODE((data_dir / "rasa" / "address.json").stat().st_mode) == 0o600
    assert read_address(data_dir) == server.address


async def test_a_trained_model_is_used_again(server: RasaServer, data_dir: Path):
    """A second start trains nothing, and one model is kept."""
    told: list[str] = []
    await server.prepare(told.append)
    assert told == []
    assert len(list((data_dir / "rasa" / "models").iterdir())) == 1


async def test_a_killed_rasa_is_replaced_by_the_embedded_engine(server: RasaServer, data_dir: Path, tmp_path: Path):
    """Each message is answered before, while and after Rasa dies; a stop afterwards leaves nothing behind."""
    assert server.address
    data_dir = shutil.copytree(data_dir, tmp_path / "data")
    second = RasaServer(nlu_data=PROJECT, data_dir=data_dir)
    await second.start(lambda _: None)
    opened = open_understanding(
        engine="rasa", nlu_data=PROJECT, data_dir=data_dir, clock=SystemClock(), progress=lambda _: None
    )
    async with opened as interpreter:
        assert (await interpreter.parse("转人工")).engine == "rasa"
        os.kill(second.pid or 0, signal.SIGKILL)
        await second.wait()
        readings = [await interpreter.parse("转人工") for _ in range(5)]
    assert {("embedded", "handoff")} == {(reading.engine, reading.category) for reading in readings}
    await second.stop()
    assert read_address(data_dir) is None


async def test_rasa_killed_in_the_middle_of_a_conversation(
    server: RasaServer, data_dir: Path, tmp_path: Path, database_url: str, sessions: async_sessionmaker[AsyncSession]
):
    """The customer notices nothing: the flow goes on with the next message."""
    data_dir = shutil.copytree(data_dir, tmp_path / "data")
    second = RasaServer(nlu_data=PROJECT, data_dir=data_dir)
    await second.start(lambda _: None)
    async with sessions.begin() as session:
        await ensure_admin(session, now=SystemClock().now())
    app = build_app(Settings(data_dir=data_dir, nlu_engine="rasa"), database_url=database_url)
    async with TestClient(TestServer(app)) as client:
        chat = await Chat.open(client, locale="en")
        await chat.ask("Where is my parcel?", "order number")
        os.kill(second.pid or 0, signal.SIGKILL)
        await second.wait()
        await chat.ask("20260101999 4321", "don't match")
        await chat.ask("I want to talk to a human", "SW-")
    await second.stop()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["cancel", "complaint", "faulty_exchange", "late", "lost", "return_no_reason"])
async def test_a_script_read_by_rasa(
    name: str, language: str, rasa: RasaInterpreter, tmp_path: Path, database_url: str,
    sessions: async_sessionmaker[AsyncSession],
):  # fmt: skip
    """Some of the scripted conversations, with Rasa reading: the same words, buttons, tickets and commands."""
    script = read_script(next(path for path in FILES if path.stem == name))
    names = find_names(script, await seed(sessions))
    app = build_app(Settings(data_dir=tmp_path), database_url=database_url, interpreter=rasa)
    async with TestClient(TestServer(app)) as client:
        player = Player(client, await Chat.open(client, locale=language), Wording(language, names), LaterClock())
        for turn in script["turns"]:
            await player.play(turn)
    async with sessions() as session:
        await check_tickets(session, script.get("tickets", []), names)
        await check_commands(session, script.get("shop", []))


async def train_plainly(config: Path, folder: Path) -> tuple[int, bytes]:
    """Train on the few plain sentences; returns the exit code and what Rasa said."""
    process = await asyncio.create_subprocess_exec(
        *(str(PYTHON), "-m", "bot.nlu.rasa_child", "train", "nlu", "--out", str(folder)),
        *("--config", str(config), "--nlu", str(PROJECT / "tests"), "--domain", str(PROJECT / "domain.yml")),
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            "HOME": str(folder),
            "PYTHONPATH": str(PROJECT.parent),
            "NLU_MODELS_DIR": str(folder),
            "RASA_TELEMETRY_ENABLED": "false",
        },
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n")
    output = await process.stdout.read()
    return await process.wait(), output


async def test_data_that_was_not_exported_is_refused(tmp_path: Path):
    """Rasa does not train on sentences that the exported model has never seen."""
    code, output = await train_plainly(PROJECT / "config.yml", tmp_path)
    assert code != 0
    assert b"no usable text model" in output


async def test_diet_can_take_our_models_place(tmp_path: Path):
    """The other configuration trains on the same files, with our features; once through is enough to see that."""
    config = (PROJECT / "config-diet.yml").read_text(encoding="utf-8")
    assert "epochs: 20" in config
    (tmp_path / "config.yml").write_text(config.replace("epochs: 20", "epochs: 1"), encoding="utf-8")
    code, output = await train_plainly(tmp_path / "config.yml", tmp_path)
    assert code == 0, output.decode()
    assert "tar.gz" in output.decode(), output.decode()


async def test_no_orphan_outlives_its_parent(tmp_path: Path):
    """A parent that dies without a word closes the line; the Rasa process ends by itself, whatever it is doing."""
    process = await asyncio.create_subprocess_exec(
        *(str(PYTHON), "-m", "bot.nlu.rasa_child", "run", "--enable-api", "-i", "127.0.0.1", "-p", "0"),
        cwd=tmp_path,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={"HOME": str(tmp_path), "PYTHONPATH": str(PROJECT.parent), "RASA_TELEMETRY_ENABLED": "false"},
    )
    assert process.stdin is not None
    process.stdin.write(b"secret\n")
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), timeout=PATIENCE_SECONDS) == GONE_EXIT_CODE


async def test_a_missing_installation_is_told_plainly(tmp_path: Path):
    """Where Rasa is not installed, the reason says so."""
    server = RasaServer(nlu_data=PROJECT, data_dir=tmp_path, python=tmp_path / "python")
    with pytest.raises(RasaServerError, match="not installed"):
        await server.prepare(lambda _: None)
