"""What README.md and docs/ show is true: blocks run and print what is shown, names and links exist.

How a block says what it is: see ``tests/documents.py``.
"""

import ast
import re
import sys

import numpy as np
import pytest
from PIL import Image
from tinylstm.kernels import kinds
from tinylstm.kernels.signatures import address_for

from tests.documents import (
    DOCUMENTS,
    FENCE,
    KINDS,
    NOT_RUN,
    PAGES,
    ROOT,
    blocks,
    picture_of,
    pictures,
    run,
    same,
)
from tests.tolerances import DIFFERENCES
from tinylstm import Dense, Layer, Sequential, gradient_check, kernel, view

APART = 12  # a picture may be from the same one drawn on another machine, in shades of 255
EXAMPLES = ROOT / "docs" / "examples"
LINES = {  # its functions, and of how many lines they have fewer
    "own_layer": (("elman_forward", "elman_backward", "Elman"), 60),
    "own_cell": (("peephole", "peephole_backward"), 45),
    "own_loss": (("quantile",), 15),
}
SCRIPT = EXAMPLES / "own_layer.py"
PEERS = "torch", "onnxruntime", "keras", "tf_keras"
PLACE = re.compile(r"(\w+)\(\) +((?:\w+/)+\w+\.py)")  # name()   folder/file.py
PATH = re.compile(r"\b(?:kernels|tinylstm|demos|tests|docs)/[\w/.]*\w\.(?:py|md)\b")
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")

named = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
each_page = pytest.mark.parametrize(
    "path", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda path: path.stem
)


@pytest.fixture(scope="module")
def ran():
    """Blocks of every document with what they printed; namespaces of the documents by name."""
    return {}


@named
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras
def test_what_is_shown_is_what_is_printed(path, ran):
    for peer in peers_in(path):
        pytest.importorskip(peer)
    for keras in ("keras", "tf_keras"):  # names of layers are counted, in all tests together
        if keras in sys.modules:
            sys.modules[keras].backend.clear_session()
    namespace, printed = ran.setdefault(path.stem, {"__name__": "__main__"}), None
    places = iter(pictures(path))
    for block in blocks(path):
        if block.kind == "output":
            assert same(block.text, printed), f"{block} shows\n{block.text}\nbut gets\n{printed}"
        elif block.kind != "text":
            printed = run(block, namespace)
            if "figure" in namespace:
                place = next(places)
                apart = distance(picture_of(namespace.pop("figure")), Image.open(place))
                assert apart < APART, f"{place}: python -m tests.documents {path}"
    assert not [*places], "pictures that no block draws"


def peers_in(path):
    """What a page imports that is not installed with the package."""
    text = "\n".join(block.text for block in blocks(path) if block.kind == "python")
    return [peer for peer in PEERS if re.search(rf"(?m)^(import|from) {peer}\b", text)]


def distance(one, other):
    """How far apart two pictures are, in shades of 255 a pixel; the same size or infinitely far."""
    if one.size != other.size:
        return np.inf
    one, other = (np.asarray(picture.convert("RGB"), int) for picture in (one, other))
    return np.abs(one - other).mean()


def test_pictures_that_differ_are_told_apart():
    place = ROOT / "docs" / "_static" / "figures" / "quickstart-gates.png"
    gates, influence = Image.open(place), Image.open(place.with_stem("quickstart-influence"))
    assert distance(gates, gates) == 0
    assert distance(gates, influence) == np.inf
    assert distance(gates, influence.resize(gates.size)) > APART


@each_page
def test_every_block_says_what_it_is(path):
    kinds = [block.kind for block in blocks(path)]
    assert set(kinds) <= set(KINDS)
    for before, kind in zip(["text", *kinds], kinds, strict=False):
        assert kind != "output" or before in ("python", "sh")


@each_page
def test_files_and_links_exist(path):
    text = path.read_text(encoding="utf-8")
    for name in {*PATH.findall(text), *PLACE.findall(text)}:
        file = name if isinstance(name, str) else name[1]
        assert (ROOT / file).is_file(), file
    for link in LINK.findall(FENCE.sub("", text)):
        if "://" not in link:
            target, _, anchor = link.partition("#")
            page = path.parent / target if target else path
            assert page.exists(), link
            assert not anchor or anchor in anchors(page), link


def anchors(path):
    """Names under which the headings of a document can be linked to, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")))
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


@each_page
def test_functions_are_in_the_files_named_beside_them(path):
    for name, file in PLACE.findall(path.read_text(encoding="utf-8")):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        defined = {getattr(node, "name", None) for node in ast.walk(tree)}
        assert name in defined, f"{name} in {file}"


def test_commands_that_are_not_run_name_files_that_exist():
    for path in PAGES:
        for block in blocks(path):
            for command in block.text.splitlines() if block.kind == "sh" else ():
                if command.split()[0] in NOT_RUN:
                    for name in re.findall(r"[\w/]+\.py", command):
                        assert (ROOT / name).is_file(), name


def test_outputs_agree_but_for_timings_rounding_and_white_space():
    assert same("loss 0.1234, 12 of 12, 3.1e-09", "loss  0.1235, 12 of 12, 4.7e-10\n")
    assert same("x  1.0e-09  [1, 2]  +1.0e-01", "x  2.0e-09  [0, 0]  +7.0e-01")
    assert same("ready in 1.5 s (4.0 us each)", "ready in 20.1 s (39.2 us each)")
    assert not same("loss 0.1234", "loss 0.1434")
    assert not same("12 of 12", "11 of 12")
    assert not same("x  1.0e-09  [1, 2]  +1.0e-01", "x  2.0e-03  [0, 0]  +7.0e-01")
    assert not same("one", "one two")


# The layer of one's own.


@pytest.fixture
def own(ran):
    """The namespace in which the document on own layers ran its script."""
    if "own_layer" not in ran:
        ran["own_layer"] = namespace = {"__name__": "script"}
        exec(compile(SCRIPT.read_text(encoding="utf-8"), str(SCRIPT), "exec"), namespace)
    return ran["own_layer"]


@pytest.mark.parametrize("name", LINES)
def test_the_document_shows_the_script(name):
    script = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    assert script in [block.text for block in blocks(ROOT / "docs" / f"{name}.md")]


@pytest.mark.parametrize("name", LINES)
def test_what_is_ones_own_has_few_lines(name):
    text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    nodes = {node.name: node for node in ast.parse(text).body if hasattr(node, "name")}
    functions, most = LINES[name]
    lines = text.splitlines()
    count = 0
    for function in functions:
        node = nodes[function]
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        count += sum(1 for line in lines[first - 1 : node.end_lineno] if line.strip())
    assert count < most


def test_the_cell_learns(own):
    losses = own["train"]().history["loss"]
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("mode", ["stateless", "batch_carried", "stateful"])
def test_gradients_of_the_cell_in_every_mode(own, rng, mode, return_sequences):
    first = own["Elman"](5, state_mode=mode, return_sequences=True)
    second = own["Elman"](3, state_mode=mode, return_sequences=return_sequences)
    model = Sequential([first, second, Dense(2)], dtype="float64")
    model.build((None, 4, 6))
    model.compile(loss="mse")
    model.set_weights([rng.normal(scale=0.5, size=w.shape) for w in model.weights])
    if mode == "stateful":
        model.set_states([rng.normal(size=(7, 5)), rng.normal(size=(7, 3))])
    y = rng.normal(size=(7, 4, 2) if return_sequences else (7, 2))
    report = gradient_check(model, rng.normal(size=(7, 4, 6)), y)
    assert report.worst_error <= DIFFERENCES, f"\n{report}"


def test_a_trace_shows_what_the_cell_names(own, rng):
    model = Sequential([own["Elman"](3, input_shape=(4, 2), return_sequences=True)])
    trace = model.trace(rng.normal(size=(5, 4, 2)))
    np.testing.assert_array_equal(trace["elman"].h, trace.y)


@kernel
def counting_forward(layer, batch, flags, theta, work):
    """y = x, and one call more."""
    n = batch.rows * batch.chain * layer.steps * layer.units
    x, y, calls = (
        view(work, layer.x, (n,)),
        view(work, layer.y, (n,)),
        view(work, layer.buffer[0], (2,)),
    )
    for j in range(n):
        y[j] = x[j]
    calls[0] += layer.option[0]


@kernel
def counting_backward(layer, batch, flags, theta, grad, work):
    """dx = dy, and one call more."""
    n = batch.rows * batch.chain * layer.steps * layer.units
    dy, dx = view(work, layer.dy, (n,)), view(work, layer.dx, (n,))
    for j in range(n):
        dx[j] = dy[j]
    view(work, layer.buffer[0], (2,))[1] += layer.option[1]


class Counting(Layer):
    kernels = (counting_forward, counting_backward)
    fields = {"option": (1, 10, 0, 0)}  # noqa: RUF012

    def buffers(self, steps, rows, traced=False):
        return {"calls": (2,)}


@pytest.mark.uncompiled
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_loop_calls_a_kernel_of_ones_own_once_a_batch(rng, dtype):
    model = Sequential([Dense(3, input_shape=(2,)), Counting(), Dense(2)], dtype=dtype)
    model.compile("adam", "mse")
    model.fit(rng.normal(size=(12, 2)), rng.normal(size=(12, 2)), batch_size=4, epochs=5, verbose=0)
    program = model.network.program(steps=1, rows=4, chain=1)
    layer = model.layers[1]
    np.testing.assert_array_equal(program.buffers(layer, 4, 1)["calls"], [15, 150])
    for name, function, kind in zip(
        ("forward", "backward"), layer.kernels, (kinds.forward, kinds.backward), strict=True
    ):
        assert program.table[name][1] == address_for(dtype, function, kind)


def test_a_kind_of_layer_that_the_loop_cannot_call_is_refused():
    def plain(layer, batch, flags, theta, work):
        """Not a kernel."""

    @kernel
    def short(layer, batch, flags, theta):
        """An argument too few."""

    @kernel
    def turned(layer, batch, theta, flags, work):
        """Its arguments stand in another order."""

    way_out = r"\nExpected: .*docs/own_layer\.md\nReceived: "
    for pair, why in [
        *((one, "are a pair") for one in (None, (), (counting_forward,))),
        ((counting_backward, counting_forward), "compiled code can call"),
        ((plain, counting_backward), "compiled code can call"),
        ((short, counting_backward), "compiled code can call"),
        ((1, 2), "is a kernel"),
        ((turned, counting_backward), "in another order"),
    ]:
        kind = type("Wrong", (Layer,), {"kernels": pair})
        with pytest.raises(TypeError, match=why + r"\." + way_out):
            kind()
