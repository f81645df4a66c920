"""Any network, as a stranger brings it: inputs in every form, and whatever its layers give."""

import random
import warnings
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from torch import nn
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
from torchvision.models import resnet18

from ipae_lib import InformationPlane, MatrixRenyi, PreviousWidth, ProposedWidth, capture
from ipae_lib.estimators.gaussian import CanonicalCorrelations
from ipae_lib.inputs import InputWarning
from ipae_lib.layers import INPUT, OUTPUT

PROPOSED = {"proposed": MatrixRenyi(ProposedWidth(0.8))}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=seeded(seed))


@pytest.fixture(autouse=True)
def _same_weights_each_time():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def mlp():
    return nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))


def sizes(plane):
    return dict(plane.record().input_mi.sizes)


def shapes(model, layers, inputs, **settings):
    return {name: tuple(x.shape) for name, x in capture(model, layers, inputs, **settings).items()}


class TestSampleAxis:
    def test_what_does_not_tell_samples_from_batches_is_refused_with_each_fix(self):
        x = normal(64, 10, 6)
        message = (
            r"batches has shape \(64, 10, 6\), which does not tell samples from batches; give "
            r"\[batches\] for one batch of 64 samples of shape \(10, 6\), list\(batches\) for 64 "
            r"batches of 10 samples of shape \(6,\), or batch_size=N"
        )
        with pytest.raises(ValueError, match=message):
            InformationPlane(mlp(), ["1"], x, PROPOSED)
        with pytest.raises(ValueError, match="does not tell samples from batches"):
            InformationPlane(mlp(), ["1"], x.numpy(), PROPOSED)
        one = InformationPlane(mlp(), ["1"], [x], PROPOSED)
        many = InformationPlane(mlp(), ["1"], list(x), PROPOSED)
        cut = InformationPlane(mlp(), ["1"], x, PROPOSED, batch_size=32)
        assert [sizes(plane)["batch"] for plane in (one, many, cut)] == [1, 64, 2]
        assert [plane.record().samples for plane in (one, many, cut)] == [64, 10, 32]

    def test_all_forms_of_the_same_samples_give_the_same_record(self):
        x, model = normal(48, 6), mlp()
        y = torch.arange(48)
        forms = {
            "list of arrays": list(x.numpy().reshape(3, 16, 6)),
            "generator": (part for part in x.split(16)),
            "nested lists": [part.tolist() for part in x.split(16)],
            "loader": DataLoader(TensorDataset(x), 16),
            "mapping": [{"input": part} for part in x.split(16)],
        }
        cut = {
            "tensor": x,
            "array": x.numpy(),
            "frame": pd.DataFrame(x.numpy()),
            "data array": xr.DataArray(x.numpy()),
            "not contiguous": np.asfortranarray(x.numpy()),
            "big-endian": x.numpy().astype(">f4"),
            "data set": TensorDataset(x),
            "dict": {"input": x},
            "tuple": (x,),
            "list of samples": list(x),
        }
        expected = InformationPlane(model, ["1"], list(x.split(16)), PROPOSED).record()
        for form in forms.values():
            assert InformationPlane(model, ["1"], form, PROPOSED).record().equals(expected)
        for name, form in cut.items():
            record = InformationPlane(model, ["1"], form, PROPOSED, batch_size=16).record()
            assert record.equals(expected), name
        pairs = DataLoader(TensorDataset(x, y), 16)
        assert InformationPlane(model, ["1"], pairs, PROPOSED, inputs=0).record().equals(expected)

    def test_one_batch_needs_no_list(self):
        assert sizes(InformationPlane(mlp(), ["1"], normal(20, 6), PROPOSED))["batch"] == 1
        frame = pd.DataFrame(normal(20, 6).numpy())
        assert sizes(InformationPlane(mlp(), ["1"], frame, PROPOSED))["batch"] == 1

    @pytest.mark.parametrize("whole", [True, False])
    def test_a_smaller_last_batch_is_left_out_and_said(self, whole):
        x = normal(40, 6)
        given = x if whole else list(x.split(16))
        with pytest.warns(
            InputWarning, match=r"last of 3 batches has 8 samples.*16.*left out"
        ) as w:
            plane = InformationPlane(
                mlp(),
                ["1"],
                given,
                PROPOSED,
                batch_size=16 if whole else None,
                targets={"Y": torch.arange(40) % 2},
            )
        assert w[0].filename == __file__
        assert sizes(plane)["batch"] == 2
        assert plane.record().target_mi.sizes["batch"] == 2

    @pytest.mark.parametrize(
        ("batches", "settings", "message"),
        [
            ([normal(8, 6), normal(9, 6)], {}, r"batches have \[8, 9\] samples.*same number"),
            ([normal(8, 6), normal(8, 5)], {}, r"batches\[1\] has the shapes.*\(8, 5\).*pad"),
            ((normal(8, 6), normal(8, 6)), {}, r"batches is a tuple of 2; give \[batches\].*list"),
            ([], {}, r"batches is \[\]; give at least one"),
            (TensorDataset(normal(8, 6)), {}, "batches is a TensorDataset.*batch_size=512"),
            (DataLoader(TensorDataset(normal(8, 6)), 4), {"batch_size": 4},
             "batch_size is 4, but batches is a DataLoader.*leave batch_size out"),
            (normal(8, 6), {"batch_size": 0}, "batch_size is 0; it must be a whole number"),
            ("images", {}, "batches is 'images'; give samples"),
            (3, {}, "batches is 3; give samples"),
            ([normal(6)], {}, r"batches\[0\] has shape \(6,\); give at least one row"),
            ([(normal(8, 6), torch.arange(8))], {}, r"the model does not take.*inputs=0"),
            ([(normal(8, 6), 3)], {"inputs": 4}, "inputs is 4, which a batch lacks"),
            ([{"a": normal(8, 6)}], {"inputs": "b"}, r"inputs is 'b'.*lacks \(\['a'\]\)"),
            ({"a": normal(8, 6), "b": normal(7, 6)}, {"batch_size": 2}, "numbers of rows: .*7"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_batches_is_refused(self, batches, settings, message):
        with pytest.raises((TypeError, ValueError), match=message):
            InformationPlane(mlp(), ["1"], batches, PROPOSED, **settings)

    def test_samples_of_an_iterable_data_set(self):
        class Stream(IterableDataset):
            def __iter__(self):
                yield from normal(24, 6)

        plane = InformationPlane(mlp(), ["1"], Stream(), PROPOSED, batch_size=8)
        assert torch.equal(plane.activations()["X"].float().flatten(0, 1), normal(24, 6))

    @pytest.mark.parametrize(
        ("value", "error"),
        [
            (np.ma.masked_less(normal(8, 6).numpy(), 0), "has masked values"),
            (normal(8, 6).to_sparse(), "layout torch.sparse_coo.*dense"),
            (pd.DataFrame({"a": range(8), "b": list("abcdefgh")}), "dtype object"),
        ],
    )
    def test_values_that_are_no_plain_numbers(self, value, error):
        for given in (value, [value]):
            with pytest.raises(TypeError, match=error):
                InformationPlane(mlp(), ["1"], given, PROPOSED)


class Tokens(nn.Module):
    """Token ids to logits, as a small language model has it."""

    def __init__(self, width=8, words=5000):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        layer = nn.TransformerEncoderLayer(width, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(width, 3)

    def forward(self, ids, mask=None):
        hidden = self.encoder(self.embed(ids), src_key_padding_mask=mask)
        return {"logits": self.head(hidden[:, 0]), "hidden": (hidden,)}


@dataclass
class Output:
    reconstruction: torch.Tensor
    mu: torch.Tensor
    log_variance: torch.Tensor


class Variational(nn.Module):
    """A VAE that returns several things, and draws random numbers."""

    def __init__(self, kind="tuple"):
        super().__init__()
        self.kind = kind
        self.encoder = nn.Linear(6, 4)
        self.decoder = nn.Linear(2, 6)

    def encode(self, x):
        return self.encoder(x).chunk(2, dim=1)

    def forward(self, x):
        mu, log_variance = self.encode(x)
        z = mu + torch.randn_like(mu) * (log_variance / 2).exp()
        parts = self.decoder(z), mu, log_variance
        made = {
            "tuple": tuple,
            "dict": lambda p: dict(zip(("reconstruction", "mu", "log_variance"), p, strict=True)),
            "dataclass": lambda p: Output(*p),
            "named tuple": lambda p: namedtuple("Named", "reconstruction mu log_variance")(*p),
        }
        return made[self.kind](parts)


class TestSelectors:
    def test_a_lstm(self):
        model = nn.Sequential()
        model.lstm = nn.LSTM(3, 4, num_layers=2, batch_first=True)
        model.forward = lambda x: model.lstm(x)[0][:, -1]
        x = normal(8, 7, 3)
        layers = {
            "all": "lstm:output[0]",
            "last": "lstm[0]|last",
            "hidden": "lstm:output[1][0][-1]",
            "cell": "lstm:output[1][1][1]",
            "mean": "lstm[0]|tokens",
            "taken": "lstm:input",
        }
        found = capture(model, layers, x)
        assert found["all"].shape == (8, 28)
        assert found["hidden"].shape == found["cell"].shape == (8, 4)
        assert torch.equal(found["last"], found["hidden"])
        assert torch.equal(found["last"], found["X_out"])
        assert torch.equal(found["taken"], found["X"])
        expected = model.double().lstm(x.double())[0].mean(1)
        torch.testing.assert_close(found["mean"], expected)
        whole = (
            r"layer 'lstm' gave tuple.*'lstm:output\[0\]' of shape \(8, 7, 4\), 'lstm:output\[1\]"
        )
        with pytest.raises(ValueError, match=whole):
            capture(model, ["lstm"], x)
        with pytest.raises(ValueError, match=r"gave \(2, 8, 4\) for a batch of 8 samples"):
            capture(model, ["lstm[1][0]"], x)
        record = InformationPlane(model, layers, [x], PROPOSED).record()
        assert record.input_mi.notnull().all()

    def test_attention_and_its_inputs_by_name(self):
        model = nn.Module()
        model.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        model.forward = lambda x: model.attention(query=x, key=x, value=2 * x)[0].sum(1)
        x = normal(8, 5, 4)
        layers = {"out": "attention[0]", "weights": "attention[1]", "v": "attention:input[value]"}
        found = capture(model, layers, x)
        assert found["weights"].shape == (8, 25)
        assert torch.equal(found["v"], 2 * found["X"])
        with pytest.raises(ValueError, match=r"'attention:input\[query\]' of shape \(8, 5, 4\)"):
            capture(model, ["attention:input"], x)
        with pytest.raises(ValueError, match=r"no part \[3\]; it has 'attention:output\[0\]'"):
            capture(model, ["attention[3]"], x)

    @pytest.mark.parametrize("kind", ["tuple", "dict", "dataclass", "named tuple"])
    def test_a_model_that_returns_several_things(self, kind):
        model, x = Variational(kind), normal(8, 6)
        with pytest.raises(
            ValueError, match=r"layer 'X_out' gave .* one part by x_out, such as ':output\["
        ):
            capture(model, {"code": "encoder"}, x)
        part = 0 if kind in ("tuple", "named tuple") else "reconstruction"
        layers = {
            "mu": f":output[{1 if part == 0 else 'mu'}]",
            "same": lambda x: model.encode(x)[0],
        }
        found = capture(model, layers, x, x_out=f":output[{part}]")
        assert found["X_out"].shape == (8, 6)
        assert torch.equal(found["mu"], found["same"])
        plane = InformationPlane(model, layers, x, PROPOSED, x_out=f"[{part}]")
        assert plane.record().input_mi.notnull().all()

    def test_a_module_that_is_used_twice(self):
        relu = nn.ReLU()
        model = nn.Sequential(nn.Linear(6, 5), relu, nn.Linear(5, 6), relu)
        x = normal(8, 6)
        for name in ("1", "3"):  # both its names are known
            with pytest.raises(ValueError, match=f"'{name}' ran 2 times.*'{name}#0' or '{name}#1'"):
                capture(model, [name], x)
        found = capture(model, {"first": "1#0", "second": "3#1", "before": "1#1:input"}, x)
        assert found["first"].shape == (8, 5)
        assert torch.equal(found["second"], found["X_out"])
        assert torch.equal(found["before"].relu(), found["second"])
        with pytest.raises(ValueError, match=r"names call 2, and the module ran 2 times.*from 0"):
            capture(model, ["1#2"], x)

    def test_the_input_of_a_module_that_writes_in_place(self):
        model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(inplace=True), nn.Linear(5, 6))
        found = capture(model, {"before": "1:input", "after": "1", "linear": "0"}, normal(8, 6))
        assert float(found["before"].min()) < 0
        assert torch.equal(found["before"], found["linear"])
        assert torch.equal(found["before"].relu(), found["after"])

    def test_pooling(self):
        model = nn.Sequential(nn.Conv2d(3, 5, 3), nn.Flatten(), nn.Linear(180, 2))
        x = normal(8, 3, 8, 8)
        found = capture(model, {"all": "0", "mean": "0|space"}, x)
        expected = found["all"].reshape(8, 5, 36).mean(2)
        torch.testing.assert_close(found["mean"], expected)
        with pytest.raises(
            ValueError, match=r"shape \(8, 5, 6, 6\), and \|tokens takes \(N, L, D\)"
        ):
            capture(model, ["0|tokens"], x)
        with pytest.raises(ValueError, match=r"pooling 'max' is unknown; use one of \['space'"):
            capture(model, ["0|max"], x)

    @pytest.mark.parametrize(
        ("layer", "message"),
        [
            ("layer1.0.conv", r"did you mean 'layer1\.0\.conv[12]' or"),
            ("fcc", "did you mean 'fc'"),
            ("layer9", "did you mean 'layer[1-4]'"),
            ("fc:outputs", "layers names 'fc:outputs', which the model lacks"),
        ],
    )
    def test_a_misspelt_layer(self, layer, message):
        with pytest.raises(ValueError, match=message):
            InformationPlane(resnet18(), [layer], normal(4, 3, 32, 32), PROPOSED, batch_size=4)

    def test_torchscript_is_refused_in_clear(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scripted = torch.jit.script(mlp())
        with pytest.raises(ValueError, match=r"model is TorchScript.*the module that it was made"):
            InformationPlane(scripted, ["1"], normal(8, 6), PROPOSED)

    @pytest.mark.parametrize("wrap", ["compile", "parallel", "fx", "no grad"])
    def test_wrapped_models(self, wrap):
        model, x = mlp(), normal(8, 6)
        wrapped, path = {
            "compile": lambda: (torch.compile(model, backend="eager"), "_orig_mod.1"),
            "parallel": lambda: (nn.DataParallel(model), "module.1"),
            "fx": lambda: (torch.fx.symbolic_trace(model), "1"),
            "no grad": lambda: (torch.no_grad()(lambda: model)(), "1"),
        }[wrap]()
        expected = InformationPlane(model, {"T": "1"}, x, PROPOSED).record()
        found = InformationPlane(wrapped, {"T": path}, x, PROPOSED).record()
        xr.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)

    def test_a_hook_that_changes_a_value_is_followed(self):
        model, x = mlp(), normal(8, 6)
        model[1].register_forward_hook(lambda module, args, value: value * 2)
        with torch.no_grad():
            found = capture(model, ["1"], x)["1"]
            assert torch.equal(found, 2 * torch.tanh(model.double()[0](x.double())))


class TestTokens:
    def ids(self, *shape):
        return torch.randint(5000, shape, generator=seeded())

    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
    def test_ids_stay_whole_whatever_the_model(self, dtype):
        model, ids = Tokens().to(dtype), self.ids(16, 7)
        plane = InformationPlane(
            model,
            {"e": "embed", "h": "encoder|first"},
            ids,
            PROPOSED,
            dtype=None,
            x_out=":output[logits]",
            discrete=["X"],
        )
        found = plane.activations()
        assert found["X"].dtype == torch.int64
        assert torch.equal(found["X"][0], ids)
        with torch.no_grad():
            assert torch.equal(found["e"][0].to(dtype), model.embed(ids).flatten(1))

    def test_all_forms_and_several_inputs(self):
        model, ids = Tokens().double(), self.ids(16, 7)
        mask = torch.zeros(16, 7, dtype=torch.bool)
        mask[:, 5:] = True
        settings = {"x_out": "[logits]", "discrete": ["X"], "x": ":input[ids]"}
        records = [
            InformationPlane(model, ["encoder|first"], given, PROPOSED, **settings).record()
            for given in (
                {"ids": ids, "mask": mask},
                {"ids": ids.numpy().astype("int32"), "mask": mask.numpy()},
                [{"ids": ids, "mask": mask}],
            )
        ]
        assert records[0].equals(records[1])
        assert records[0].equals(records[2])
        by_position = settings | {"x": ":input[0]"}
        in_order = InformationPlane(
            model, ["encoder|first"], [(ids, mask)], PROPOSED, **by_position
        ).record()
        assert in_order.equals(records[0])
        without = InformationPlane(model, ["encoder|first"], ids, PROPOSED, **by_position).record()
        assert not without.entropy.sel(layer=OUTPUT).equals(records[0].entropy.sel(layer=OUTPUT))

    def test_tokens_count_as_names_and_that_is_said(self):
        model, ids = Tokens(words=4), torch.randint(4, (32, 1), generator=seeded())
        plane = InformationPlane(model, {"e": "embed"}, ids, PROPOSED, x_out="[logits]")
        with pytest.warns(InputWarning, match=r"X holds whole numbers.*names.*discrete=\['X'"):
            record = plane.record()
        assert record.names == "X"
        counts = np.unique(ids, return_counts=True)[1] / 32
        expected = np.log2((counts**1.01).sum()) / (1 - 1.01)
        assert float(record.entropy.sel(layer="X").squeeze()) == pytest.approx(expected, abs=1e-9)

    def test_a_model_of_real_numbers_gets_them_and_they_are_quantities(self):
        pixels = torch.randint(256, (32, 6), generator=seeded())
        model = mlp()
        records = [
            InformationPlane(model, ["1"], given, PROPOSED).record()
            for given in (pixels.to(torch.uint8), pixels, pixels.float(), pixels.numpy())
        ]
        assert all(record.equals(records[0]) for record in records)
        assert "names" not in records[0].attrs
        low = mlp().to(torch.bfloat16)
        large = pixels + 256
        with pytest.raises(ValueError, match=r"whole numbers that torch.bfloat16 cannot"):
            InformationPlane(low, ["1"], large, PROPOSED, dtype=None)

    def test_ids_out_of_range_are_the_models_own_error(self):
        plane = InformationPlane(
            Tokens(words=3), ["embed"], torch.arange(16)[:, None], PROPOSED, x_out="[logits]"
        )
        with pytest.raises(ValueError, match=r"the model cannot run on inputs.*index out of range"):
            plane.record()

    def test_whole_and_real_inputs_ask_which_is_x(self):
        class Conditional(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed, self.linear = nn.Embedding(10, 6), nn.Linear(6, 6)

            def forward(self, x, t):
                return self.linear(x + self.embed(t))

        given = [(normal(16, 6), torch.arange(16) % 10)]
        with pytest.raises(ValueError, match=r"say which.*x=':input\[0\]' or ':input\[1\]'"):
            InformationPlane(Conditional(), ["linear"], given, PROPOSED).record()
        plane = InformationPlane(Conditional(), ["linear"], given, PROPOSED, x=":input[0]")
        assert torch.equal(plane.activations()["X"][0].float(), given[0][0])

    def test_a_layer_can_be_x(self):
        model, ids = Tokens(), self.ids(32, 7)
        plane = InformationPlane(
            model, ["encoder|first"], ids, PROPOSED, x="embed|first", x_out="[logits]"
        )
        first = plane.record().entropy.sel(layer=INPUT)
        with torch.no_grad():
            model.embed.weight[:, 1:] = 0
        # what was kept of an input is not kept of a layer
        assert not plane.record().entropy.sel(layer=INPUT).equals(first)


class Denoiser(nn.Module):
    """A small U-Net with time steps, as diffusion has it."""

    def __init__(self):
        super().__init__()
        self.time = nn.Embedding(10, 8)
        self.down = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.middle = nn.Sequential(nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv2d(8, 8, 3, padding=1))
        self.up = nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1)

    def forward(self, x, t):
        skip = self.down(x) + self.time(t)[:, :, None, None]
        return self.up(torch.cat([skip, self.middle(skip)], dim=1))


class TestNetworks:
    def test_resnet(self):
        x = normal(64, 3, 32, 32)
        layers = ["relu", "layer1", "layer2.0.relu#1", "layer4|space", "fc:input", "fc"]
        rules = PROPOSED | {"channels": MatrixRenyi(ProposedWidth(0.8), groups="channel")}
        plane = InformationPlane(resnet18(num_classes=10), layers, x, rules, batch_size=32)
        record = plane.record()
        assert record.input_mi.notnull().all()
        assert record.layer.values.tolist() == [INPUT, *layers, OUTPUT]
        same = record.sel(layer=["layer4|space", "fc:input"]).entropy
        np.testing.assert_allclose(*same.transpose("layer", ...), rtol=0, atol=1e-9)
        differs = abs(record.entropy.diff("estimator")).squeeze().max("batch")
        assert float(differs.sel(layer="layer1")) > 0.01  # maps share their channels' statistics
        assert float(differs.sel(layer="fc")) == 0  # what has no space has no channels to share

    def test_transformer(self):
        ids = torch.randint(5000, (32, 7), generator=seeded())
        layers = {
            "embedded": "embed",
            "first layer": "encoder.layers.0|tokens",
            "attention": "encoder.layers.1.self_attn[0]|first",
            "hidden": ":output[hidden][0]",
        }
        plane = InformationPlane(
            Tokens(),
            layers,
            ids,
            PROPOSED,
            x_out="[logits]",
            discrete=["X"],
            targets={"length": np.arange(32) % 3},
        )
        with pytest.raises(ValueError, match=r"length.*discrete"):
            InformationPlane(
                Tokens(),
                layers,
                ids,
                PROPOSED,
                x_out="[logits]",
                discrete=["X"],
                targets={"length": np.array(list("ab") * 16)},
            )
        record = plane.record()
        assert record.input_mi.notnull().all()

    def test_diffusion(self):
        x, t = normal(32, 1, 8, 8), torch.arange(32) % 10
        plane = InformationPlane(
            Denoiser(),
            ["down", "middle", "up:input"],
            {"x": x, "t": t},
            PROPOSED,
            x=":input[x]",
            targets={"t": t},
        )
        record = plane.record()
        assert record.input_mi.notnull().all()
        assert record.target_mi.notnull().all()
        assert record.dimensions.values.tolist() == [64, 128, 128, 256, 64]


class TestNothingHappensToTheUser:
    def test_random_numbers_of_all_kinds(self):
        class Restless(nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = nn.Linear(6, 6)

            def forward(self, x):
                return self.linear(x) + drawn()

        def drawn():
            return torch.rand(()) + np.random.rand() + random.random()  # noqa: NPY002

        def draw(x, y):
            return float(drawn())

        def states():
            of_numpy = np.random.get_state()[1:3]  # noqa: NPY002
            return torch.get_rng_state().tolist(), random.getstate(), of_numpy

        model = Restless()
        before = states()
        loader = DataLoader(TensorDataset(normal(32, 6)), 8, shuffle=True)
        plane = InformationPlane(model, ["linear"], loader, {"mine": draw, **PROPOSED})
        plane.record()
        after = states()
        assert after[:2] == before[:2]
        assert np.array_equal(after[2][0], before[2][0])
        assert after[2][1] == before[2][1]

    def test_a_vae_trains_as_if_nobody_looked(self):
        def trained(look):
            torch.manual_seed(1)
            model, x = Variational(), normal(32, 6)
            plane = InformationPlane(model, ["encoder"], x, PROPOSED, x_out="[0]")
            optimizer = torch.optim.SGD(model.parameters(), 0.1)
            for _ in range(3):
                if look:
                    plane.record()
                optimizer.zero_grad()
                ((model(x)[0] - x) ** 2).mean().backward()
                optimizer.step()
            return model.encoder.weight.detach()

        assert torch.equal(trained(look=True), trained(look=False))

    def test_the_noise_of_a_seed_is_the_same_in_each_record(self):
        model, x = Variational(), normal(64, 6)
        settings = {"x_out": "[0]", "batch_size": 32}
        free = InformationPlane(model, ["encoder"], x, PROPOSED, **settings)
        fixed = InformationPlane(model, ["encoder"], x, PROPOSED, seed=3, **settings)
        first = [plane.record() for plane in (free, fixed)]
        torch.rand(5)
        assert not free.record().equals(first[0])
        assert fixed.record().equals(first[1])

    def test_training_mode_is_that_of_training_and_leaves_no_trace(self):
        model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))
        state = {name: value.clone() for name, value in model.state_dict().items()}
        x = normal(64, 6) + 3
        plane = InformationPlane(model, ["1"], x, PROPOSED, training=True)
        norm = plane.activations()["1"][0]
        torch.testing.assert_close(norm.mean(0), torch.zeros(8).double(), rtol=0, atol=1e-6)
        assert (plane.activations()[OUTPUT] == 0).double().mean() > 0.3
        evaluated = InformationPlane(model.eval(), ["1"], x, PROPOSED).activations()["1"][0]
        assert float(evaluated.mean(0).abs().max()) > 0.1
        assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


class TestAnEstimatorThatRaises:
    def test_costs_its_own_values_alone(self):
        def broken(x, y):
            raise RuntimeError("no licence")

        plane = InformationPlane(mlp(), ["1"], normal(16, 6), {"mine": broken, **PROPOSED})
        with pytest.warns(UserWarning, match=r"\['mine'\] are missing.*no licence") as told:
            record = plane.record()
        assert told[0].filename == __file__
        assert record.failures == "mine: no licence"
        assert record.sel(estimator="mine").input_mi.isnull().all()
        alone = InformationPlane(plane.model, ["1"], normal(16, 6), PROPOSED).record()
        assert record.input_mi.sel(estimator=["proposed"]).equals(alone.input_mi)

    def test_a_callable_that_fails_for_one_pair_keeps_the_others(self):
        rules = {"cca": CanonicalCorrelations(), **PROPOSED}
        plane = InformationPlane(mlp(), ["1"], normal(64, 6), rules)
        with pytest.warns(UserWarning, match=r"\['cca'\].*a canonical correlation of x and y is 1"):
            record = plane.record().sel(estimator="cca").squeeze()
        # X′ is a linear function of the layer before it
        assert record.output_mi.isnull().values.tolist() == [False, True, True]
        assert record.input_mi.isnull().values.tolist() == [True, False, False]

    def test_if_all_raise_the_first_error_is_told(self):
        def broken(x, y):
            raise RuntimeError("no licence")

        plane = InformationPlane(mlp(), ["1"], normal(16, 6), {"mine": broken})
        with pytest.raises(RuntimeError, match="no licence"):
            plane.record()

    def test_one_without_a_width_for_a_layer_is_one_that_raises(self):
        narrow = MatrixRenyi({"X": ProposedWidth(0.8)})
        plane = InformationPlane(mlp(), ["1"], normal(16, 6), {"narrow": narrow, **PROPOSED})
        with pytest.warns(UserWarning, match="no width is set for the variable"):
            assert plane.record().sel(estimator="narrow").input_mi.isnull().all()


def test_labels_of_rows_are_not_ignored():
    x = pd.DataFrame(normal(16, 6).numpy(), index=range(16))
    y = pd.Series(np.arange(16) % 2, index=range(16))
    InformationPlane(mlp(), ["1"], x, PROPOSED, targets={"Y": y})
    shuffled = y.sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match=r"targets\['Y'\] has other row labels.*\.loc\[batches"):
        InformationPlane(mlp(), ["1"], x, PROPOSED, targets={"Y": shuffled})
    with pytest.raises(ValueError, match=r"y has other row labels than x.*y\.loc\[x\.index\]"):
        PROPOSED["proposed"](x, x.sample(frac=1, random_state=0))


def test_weights_times_ten_and_copies_of_rows():
    """Reports IDNNs#12 and ibsgd#7."""
    model, x = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2)), normal(64, 6)
    rules = PROPOSED | {"previous": MatrixRenyi(PreviousWidth(5), standardize=False)}
    plane = InformationPlane(model, ["1"], torch.cat([x, x]), rules)
    before = plane.record().input_mi.sel(layer="1").squeeze()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(10)
    after = plane.record().input_mi.sel(layer="1").squeeze()
    moved = abs(after - before)
    assert float(moved.sel(estimator="proposed")) < 3e-4
    assert float(moved.sel(estimator="previous")) > 0.5
    assert float(after.max()) <= 6 + 1e-9  # there are 64 different rows


def test_an_estimator_of_ones_own_meets_names_as_columns():
    seen = []

    def spy(x, y):
        seen.append(y)
        return 0.0

    labels = np.array(["b", "a", "c", "a"] * 4)
    InformationPlane(mlp(), ["1"], normal(16, 6), {"spy": spy}, targets={"Y": labels}).record()
    columns = [y for y in seen if y.shape == (16, 3) and set(y.unique().tolist()) <= {0, 1}]
    assert columns
    assert columns[0][:4].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 0, 0]]
    rules = {"cca": CanonicalCorrelations(), **PROPOSED}
    plane = InformationPlane(mlp(), ["1"], normal(16, 6), rules, targets={"Y": labels})
    with pytest.warns(UserWarning, match="canonical correlation of x and y is 1"):
        record = plane.record()
    entropy = record.target_entropy.sel(estimator="cca").item()
    assert entropy == pytest.approx(1.5)  # counted
