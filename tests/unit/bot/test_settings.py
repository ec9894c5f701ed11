"""Settings from the environment: a wrong or unknown one is refused by its name; secrets are made once and kept."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, keep_secret, load_settings, read_secret_key

Set = Callable[..., None]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Set:
    """Set variables in an environment that has no others of ours, in a folder without `.env`."""
    for name in [name for name in os.environ if name.upper().startswith("SHOUWEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def set_all(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_all


def test_nothing_need_be_set(environment: Set) -> None:
    """A newcomer sets nothing: Rasa, port 8080, this machine only."""
    settings = load_settings()
    assert ("rasa", 8080, "127.0.0.1", None) == (
        settings.nlu_engine,
        settings.port,
        settings.host,
        settings.database_url,
    )


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SHOUWEN_PORT", "eighty", "integer"),
        ("SHOUWEN_PORT", "65536", "65535"),
        ("SHOUWEN_PORT", "-1", "greater than or equal to 0"),
        ("SHOUWEN_NLU_ENGINE", "gpt", "rasa"),
        ("SHOUWEN_SECRET_KEY", "short", "32 characters"),
        ("SHOUWEN_IDENTITY_KEY", "short", "32 characters"),
        ("SHOUWEN_POLICY_FILE", "no-such.yml", "no file no-such.yml"),
        ("SHOUWEN_SERVICE_FILE", "no-such.yml", "no file no-such.yml"),
        ("SHOUWEN_DATABASE_URL", "mysql://host/name", "postgresql+asyncpg://"),
        ("SHOUWEN_RASA_URL", "localhost", "an address like http://"),
        ("SHOUWEN_TELEGRAM_API_URL", "127.0.0.1:8081", "an address like http://"),
        ("SHOUWEN_TELEGRAM_TOKEN", "my bot", "a bot's token"),
        ("SHOUWEN_PUBLIC_URL", "chat.example.com", "no origin"),
        ("SHOUWEN_PUBLIC_URL", "https://example.com/chat", "no origin"),
        ("SHOUWEN_ALLOWED_ORIGINS", "https://shop.example.com, shop.example.org", "'shop.example.org' is no origin"),
        ("SHOUWEN_ALLOWED_ORIGINS", "*", "no origin"),
        ("SHOUWEN_TRUSTED_PROXIES", "10.0.0.1/8", "has host bits set"),
        ("SHOUWEN_TRUSTED_PROXIES", "127.0.0.1, proxy", "'proxy'"),
        ("SHOUWEN_SHOP_URL", "shop.example.com", "an address like https://"),
        ("SHOUWEN_SHOP_URL", "ftp://shop.example.com", "an address like https://"),
        ("SHOUWEN_SHOP_URL", "http://shop.example.com", "must be https"),
        ("SHOUWEN_SHOP_URL", "http://127.0.0.1.example.com", "must be https"),
        ("SHOUWEN_SHOP_URL", "https://me:secret@shop.example.com", "SHOP_TOKEN"),
        ("SHOUWEN_SHOP_URL", "https://shop.example.com/?token=secret", "SHOP_TOKEN"),
        ("SHOUWEN_SHOP_TOKEN", "short", "16 characters"),
        ("SHOUWEN_SHOP_TOKEN", "a token with spaces in it", "without spaces"),
        ("SHOUWEN_PROT", "8080", "unknown setting"),
        ("shouwen_time", "now", "unknown setting"),
    ],
)
def test_a_wrong_setting_is_named_with_its_reason(name: str, value: str, reason: str, environment: Set) -> None:
    """Name and reason in one message."""
    environment(**{name: value})
    with pytest.raises(SettingsError) as told:
        load_settings()
    assert name in str(told.value)
    assert reason in str(told.value)


def test_a_password_in_a_wrong_setting_is_not_shown(environment: Set) -> None:
    """What is said about an address does not repeat its secret."""
    environment(SHOUWEN_DATABASE_URL="postgres://me:secret@host/name")
    with pytest.raises(SettingsError) as told:
        load_settings()
    assert "secret" not in str(told.value)


def test_origins_are_as_browsers_send_them(environment: Set) -> None:
    """In lower case, without the slash at the end and without the port that goes without saying."""
    environment(
        SHOUWEN_PUBLIC_URL="https://Chat.example.com/",
        SHOUWEN_ALLOWED_ORIGINS="https://Shop.example.com:443/, http://[::1]:8080 ,",
    )
    expected = {"https://chat.example.com", "https://shop.example.com", "http://[::1]:8080"}
    assert expected == load_settings().origins()


def test_every_wrong_setting_is_named_at_once(environment: Set) -> None:
    """Nobody has to start five times to find five faults."""
    environment(SHOUWEN_PORT="x", SHOUWEN_NLU_ENGINE="y")
    with pytest.raises(
        SettingsError, match=r"SHOUWEN_PORT.*; .*SHOUWEN_NLU_ENGINE|SHOUWEN_NLU_ENGINE.*; .*SHOUWEN_PORT"
    ):
        load_settings()


def test_a_secret_is_never_in_the_message(environment: Set) -> None:
    """Nor in what is printed of the settings."""
    environment(SHOUWEN_SECRET_KEY="hunter2", SHOUWEN_DATABASE_URL="postgresql+asyncpg://me:hunter3@db/x")
    with pytest.raises(SettingsError) as told:
        load_settings()
    assert "hunter" not in str(told.value)
    environment(SHOUWEN_SECRET_KEY="hunter2" * 5)
    assert "hunter" not in repr(load_settings())


def test_the_file_is_read_and_the_environment_wins(environment: Set) -> None:
    """A `.env` beside the start; what is unknown in it is named too."""
    Path(".env").write_text("SHOUWEN_PORT=9000\nSHOUWEN_HOST=0.0.0.0\nOTHER=1\n")
    environment(SHOUWEN_PORT="9001")
    assert (9001, "0.0.0.0") == (load_settings().port, load_settings().host)
    Path(".env").write_text("SHOUWEN_HOTS=x\n")
    with pytest.raises(SettingsError, match="SHOUWEN_HOTS"):
        load_settings()


def test_origins_are_listed_ones_and_our_own() -> None:
    """Spaces and a slash at the end make no other origin."""
    settings = Settings(allowed_origins=" https://a.example/ ,https://b.example,", public_url="https://c.example/")
    assert {"https://a.example", "https://b.example", "https://c.example"} == settings.origins()
    assert set() == Settings().origins()


def test_a_secret_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    """The same at every start, and readable by nobody else."""
    settings = Settings(data_dir=tmp_path / "new")
    made = read_secret_key(settings)
    assert len(made) >= 32
    assert made == read_secret_key(settings)
    assert 0o600 == stat.S_IMODE((tmp_path / "new" / "secret_key").stat().st_mode)
    assert made != keep_secret(tmp_path / "other")


def test_a_secret_that_is_set_is_not_written(tmp_path: Path) -> None:
    """The operator's own key stays where the operator keeps it."""
    settings = Settings(data_dir=tmp_path / "new", secret_key="a secret of at least thirty-two letters")  # type: ignore[arg-type]
    assert "a secret of at least thirty-two letters" == read_secret_key(settings)
    assert not (tmp_path / "new").exists()


def test_a_shops_system_needs_its_token(environment: Set) -> None:
    """Named by what is missing."""
    environment(SHOUWEN_SHOP_URL="https://shop.example.com/support")
    with pytest.raises(SettingsError, match=r"SHOUWEN_SHOP_TOKEN: .*needs a token"):
        load_settings()


@pytest.mark.parametrize("url", ["https://shop.example.com/support", "http://127.0.0.1:9000", "http://[::1]:9000"])
def test_a_shops_system_may_be_elsewhere_or_here(url: str, environment: Set) -> None:
    """In the clear only on this machine; the token is not shown."""
    environment(SHOUWEN_SHOP_URL=url, SHOUWEN_SHOP_TOKEN="a-token-of-the-shop")
    settings = load_settings()
    assert url == settings.shop_url
    assert "a-token-of-the-shop" not in repr(settings)
