"""A file that has its name only once it is whole: also where several begin at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.operation.archive import PART, ArchiveError, writing_whole


def test_of_those_who_begin_at_once_each_writes_its_own_or_is_told(tmp_path: Path) -> None:
    """Nobody takes a file that another has just made for one left behind, or gives another's its name."""

    def write(number: int) -> int:
        path = tmp_path / str(number)
        try:
            with writing_whole(path, force=False) as file:
                file.write(path.name.encode())
        except ArchiveError as error:
            assert f"another backup is being written into {tmp_path}" == str(error)  # noqa: PT017
            return 0
        assert path.name == path.read_text()
        return 1

    with ThreadPoolExecutor(6) as together:
        assert 0 < sum(together.map(write, range(1_000)))
    assert not (tmp_path / PART).exists()


@pytest.mark.parametrize("lies", ["left", "link", "dangling"])
def test_what_was_left_behind_is_removed(lies: str, tmp_path: Path) -> None:
    """A killed backup's, or a link, which is not followed."""
    other = tmp_path / "other"
    match lies:
        case "left":
            (tmp_path / PART).write_text("half a backup")
        case "link":
            other.write_text("somebody's")
            (tmp_path / PART).symlink_to(other)
        case _:
            (tmp_path / PART).symlink_to(tmp_path / "nowhere")
    with writing_whole(tmp_path / "b.zip", force=False) as file:
        file.write(b"whole")
    assert "whole" == (tmp_path / "b.zip").read_text()
    assert 0o600 == (tmp_path / "b.zip").stat().st_mode & 0o777
    assert lies != "link" or "somebody's" == other.read_text()
    assert {"b.zip", *(["other"] if lies == "link" else [])} == {path.name for path in tmp_path.iterdir()}
