"""Files are written whole or not at all."""

import json
import os
import shutil
import stat
import subprocess
import sys

import pytest

from ipae_lib.files import (
    DamagedError,
    atomic_write,
    kept,
    make_folder,
    read_sealed,
    seal,
    write_sealed,
)


class TestAtomicWrite:
    @pytest.mark.parametrize("as_type", [str, lambda path: path])
    def test_the_file_appears_whole_with_its_folders(self, tmp_path, as_type):
        path = tmp_path / "a" / "b" / "result.nc"
        with atomic_write(as_type(path)) as temporary:
            temporary.write_bytes(b"first half, ")
            assert not path.exists()
            with temporary.open("ab") as file:
                file.write(b"second half")
            assert not path.exists()
        assert path.read_bytes() == b"first half, second half"
        assert os.listdir(path.parent) == ["result.nc"]  # noqa: PTH208

    def test_it_replaces_what_was_there(self, tmp_path):
        path = tmp_path / "result.nc"
        path.write_text("old")
        with atomic_write(path) as temporary:
            temporary.write_text("new")
            assert path.read_text() == "old"
        assert path.read_text() == "new"

    @pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt, SystemExit])
    @pytest.mark.parametrize("old", [None, "old"])
    def test_a_block_that_ends_early_changes_nothing(self, tmp_path, error, old):
        path = tmp_path / "result.nc"
        if old:
            path.write_text(old)

        def break_off():
            with atomic_write(path) as temporary:
                temporary.write_text("half of the n")
                raise error

        with pytest.raises(error):
            break_off()
        assert [file.name for file in tmp_path.iterdir()] == (["result.nc"] if old else [])
        assert not old or path.read_text() == old

    def test_a_failure_to_take_the_place_leaves_nothing_behind(self, tmp_path):
        path = tmp_path / "result.nc"
        path.mkdir()
        with pytest.raises(OSError, match=r"result\.nc"), atomic_write(path) as temporary:
            temporary.write_text("new")
        assert [file.name for file in tmp_path.iterdir()] == ["result.nc"]
        assert list(path.iterdir()) == []

    def test_the_temporary_file_cannot_be_taken_for_the_result(self, tmp_path):
        # it is on the same disk, hidden, and of the same kind
        path = tmp_path / "result.nc"
        with atomic_write(path) as temporary:
            assert temporary.parent == tmp_path
            assert temporary.name.startswith(".result.nc.")
            assert temporary.suffix == ".nc"

    def test_two_writers_do_not_share_a_temporary_file(self, tmp_path):
        path = tmp_path / "result.nc"
        with atomic_write(path) as first, atomic_write(path) as second:
            first.write_text("first")
            second.write_text("second")
        # the blocks end inner first
        assert path.read_text() == "first"

    @pytest.mark.slow
    @pytest.mark.skipif(os.name != "posix", reason="asks whether processes live")
    def test_what_a_killed_process_left_half_written_is_dropped_by_the_next(self, tmp_path):
        code = """
import os, signal, sys
from ipae_lib.files import atomic_write
with atomic_write(sys.argv[1]) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
        path = tmp_path / "result.nc"
        subprocess.run([sys.executable, "-c", code, str(path)], check=False)
        (left,) = tmp_path.iterdir()
        assert left.read_text() == "half"
        with atomic_write(path):  # those that still write are left alone
            (mine,) = set(tmp_path.iterdir()) - {left}
            assert not left.exists()
            with atomic_write(path) as other:
                assert mine.exists()
                assert mine != other
        assert [file.name for file in tmp_path.iterdir()] == ["result.nc"]

    @pytest.mark.skipif(os.name != "posix", reason="permissions as of POSIX")
    def test_others_may_read_the_file(self, tmp_path):
        path = tmp_path / "result.nc"
        with atomic_write(path) as temporary:
            temporary.write_text("new")
        assert stat.S_IMODE(path.stat().st_mode) == 0o644

    def test_a_folder_that_cannot_be_written(self, tmp_path):
        # a file in the folder's place stops root too
        (tmp_path / "taken").write_text("a file")
        message = r"cannot write to the folder .*taken.sub \(.*\); choose another one, or change"
        with (
            pytest.raises(OSError, match=message),
            atomic_write(tmp_path / "taken" / "sub" / "result.nc"),
        ):
            pytest.fail("the block must not run")

    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError(122, "x")])
    def test_a_full_disk_is_told(self, tmp_path, error):
        (tmp_path / "result.nc").write_text("old")
        message = r"cannot write .*result\.nc, as its disk is full .*; make room there"
        with pytest.raises(OSError, match=message), atomic_write(tmp_path / "result.nc"):
            raise error
        assert [file.name for file in tmp_path.iterdir()] == ["result.nc"]
        assert (tmp_path / "result.nc").read_text() == "old"

    def test_a_full_disk_is_told_whatever_the_writer_raises(self, tmp_path, monkeypatch):
        usage = shutil.disk_usage(tmp_path)._replace(free=0)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        with pytest.raises(OSError, match="its disk is full"), atomic_write(tmp_path / "state.pt"):
            raise RuntimeError("PytorchStreamWriter failed writing file data/0")

    @pytest.mark.slow
    @pytest.mark.skipif(os.name != "posix", reason="limits as of POSIX")
    def test_a_writer_that_the_system_stops_leaves_what_was_there(self, tmp_path):
        # a limit of the size of files: the nearest to a full disk that a test can make
        code = """
import resource, sys
from ipae_lib.files import write_sealed
path = sys.argv[1]
write_sealed(path, b"old")
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    write_sealed(path, bytes(100_000))
except OSError as error:
    print(error)
"""
        path = tmp_path / "kept"
        command = [sys.executable, "-c", code, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert f"cannot write {path}, as its disk is full" in done.stdout
        assert read_sealed(path) == b"old"
        assert [file.name for file in tmp_path.iterdir()] == ["kept"]

    def test_file_and_folder_are_brought_to_the_disk_before_and_after(self, tmp_path, monkeypatch):
        path, synced = tmp_path / "result.nc", []
        fsync = os.fsync

        def noted(handle):
            is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
            synced.append(("folder" if is_folder else "file", path.exists()))
            fsync(handle)

        monkeypatch.setattr(os, "fsync", noted)
        with atomic_write(path) as temporary:
            temporary.write_text("new")
        expected = [("file", False)] + [("folder", True)] * (os.name == "posix")
        assert synced == expected


class TestMakeFolder:
    def test_it_makes_the_parents_and_leaves_it_empty(self, tmp_path):
        folder = make_folder(str(tmp_path / "a" / "b"))
        assert folder == tmp_path / "a" / "b"
        assert list(folder.iterdir()) == []
        assert make_folder(folder) == folder

    @pytest.mark.parametrize("below", ["", "sub"])
    def test_a_file_in_its_place(self, tmp_path, below):
        (tmp_path / "taken").write_text("a file")
        folder = tmp_path / "taken" / below
        with pytest.raises(OSError, match="cannot write to the folder") as caught:
            make_folder(folder)
        assert str(folder) in str(caught.value)
        assert "choose another one, or change its permissions" in str(caught.value)
        assert caught.value.__cause__ is not None

    def test_too_little_room_is_told(self, tmp_path):
        free = shutil.disk_usage(tmp_path).free
        with pytest.raises(
            OSError, match=r"needs [\d,]+ MB and its disk has .*; make room"
        ) as told:
            make_folder(tmp_path, room=2 * free + 10**12)
        assert str(tmp_path) in str(told.value)
        assert make_folder(tmp_path, room=free // 2) == tmp_path

    def test_a_folder_that_lets_nobody_write(self, tmp_path, monkeypatch):
        # as on a full or read-only disk; a mode would not stop root
        def full(**_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("tempfile.TemporaryFile", full)
        with pytest.raises(OSError, match=r"cannot write .*\(No space left on device\); choose"):
            make_folder(tmp_path)


class TestSeals:
    @pytest.mark.parametrize("content", [b"", b"content", bytes(range(256)) * 9])
    def test_what_was_written_is_read(self, tmp_path, content):
        path = tmp_path / "a" / "kept"
        write_sealed(path, content)
        assert read_sealed(path) == content
        assert kept(path, bytes) == content

    def test_no_flipped_bit_passes(self, tmp_path):
        path = tmp_path / "kept"
        write_sealed(path, b"content")
        content = path.read_bytes()
        for place in range(8 * len(content)):
            damaged = bytearray(content)
            damaged[place // 8] ^= 1 << place % 8
            path.write_bytes(damaged)
            with pytest.raises(DamagedError, match=rf"{path} is damaged or cut off"):
                read_sealed(path)

    def test_no_part_passes(self, tmp_path):
        path = tmp_path / "kept"
        write_sealed(path, b"content")
        content = path.read_bytes()
        for length in range(len(content)):
            path.write_bytes(content[:length])
            with pytest.raises(DamagedError):
                read_sealed(path)

    def test_a_file_without_a_seal_is_read_where_none_is_required(self, tmp_path):
        path = tmp_path / "old"
        path.write_bytes(b"content")
        assert read_sealed(path, required=False) == b"content"
        with pytest.raises(DamagedError):
            read_sealed(path)
        seal(path)
        assert read_sealed(path) == b"content"

    @pytest.mark.parametrize("content", [b"\x80 no text", b"{", b"[]"])
    def test_what_is_damaged_is_told_and_deleted(self, tmp_path, capsys, content):
        path = tmp_path / "kept"
        if content == b"[]":  # whole, and something else
            write_sealed(path, content)
        else:
            path.write_bytes(content)
        assert kept(path, lambda content: json.loads(content)["answers"]) is None
        told = capsys.readouterr().err
        assert told.startswith(f"{path} is damaged")
        assert told.endswith("; it is made again\n")
        assert not path.exists()
        assert kept(path, bytes) is None

    def test_what_cannot_be_read_is_not_deleted(self, tmp_path):
        (tmp_path / "folder").mkdir()
        with pytest.raises(OSError, match="folder"):
            kept(tmp_path / "folder", bytes)
        assert (tmp_path / "folder").exists()
