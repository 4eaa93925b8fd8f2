"""The recurrent operators: LSTM, GRU and RNN."""

import numpy as np

from ....files.refusals import named
from ..vocabulary import NUMBERS, activation_of, columns, operator_of
from .chain import masks_behind, settled
from .layers import need_array
from .shapes import with_steps
from .values import (
    BATCH,
    FEATURES,
    ONE,
    STEPS,
    WAYS,
    Counts,
    Filled,
    Flow,
    Given,
    OtherAxes,
    Unknown,
    Way,
    length_of,
    said,
)

INPUTS = "X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"
DIRECTIONS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
IN_TIME = (STEPS,), (BATCH,), (FEATURES,)
END_TO_END = (BATCH, STEPS), (ONE,), (FEATURES,)
SWAPPED = [1, 0, 2]  # axes of layout 1 in the order of layout 0


def recurrent(node, inputs):
    """An operator, in its directions: all steps, the last h, and the last c of an LSTM."""
    operator = operator_of(node.operator, node.attributes.get("linear_before_reset", 0))
    given = dict(zip(INPUTS, inputs, strict=False))
    need_plain(node, given)
    batch_first = bool(node.attributes.get("layout", 0))
    flow = flow_of(given, batch_first)
    backwards = directions_of(node)
    mode = {"state_mode": "batch_carried"} if flow.axes == END_TO_END else {}
    states = [given.get(f"initial_{name}") for name in operator.states]
    settings = settings_of(node, operator, len(backwards)) | mode
    if stateful(states, len(backwards), batch_first):
        settings["stateful"] = True
    units, weights = weights_of(operator, given, len(backwards), flow.lengths[FEATURES])
    settings |= {"units": units, "use_bias": given.get("B") is not None}
    ways = tuple(
        Way(flow.chain, operator, settings, flow.turned ^ back, own, node.name)
        for back, own in zip(backwards, weights, strict=True)
    )
    lengths = flow.lengths | {FEATURES: units, WAYS: len(ways)}
    steps, rows, features = flow.axes
    every = (steps, (WAYS,), rows, features)
    last = ((WAYS,), rows, features)
    if batch_first:
        every, last = (rows, steps, (WAYS,), features), (rows, (WAYS,), features)
    packed = given["X"].packed
    found = Flow(None, every, lengths, flow.turned, ways, packed=packed)
    of_last = Flow(None, last, lengths, False, ways, "h", packed=packed)
    return [found, of_last, of_last._replace(state="goes on")][: 1 + len(operator.states)]


def need_plain(node, given):
    """Refuse what the layers here have not."""
    told = node.attributes
    refused = {
        "peepholes (its input P)": given.get("P") is not None,
        "clip": bool(told.get("clip", 0)),
        "input_forget=1": bool(told.get("input_forget", 0)),
    }
    for what, there in refused.items():
        if there:
            raise Unknown("no layer here has these equations", "the plain equations", what)


def directions_of(node):
    """For each direction, whether it reads from the last step on."""
    direction = node.attributes.get("direction", "forward")
    if direction not in DIRECTIONS:
        raise Unknown("there is no such direction", ", ".join(DIRECTIONS), named(direction))
    return DIRECTIONS[direction]


def flow_of(given, batch_first):
    """What is read, (steps, samples, features)."""
    flow = given["X"]
    packed = getattr(flow, "packed", None)
    flow = settled(flow._replace(packed=None) if packed else flow)
    flow = with_steps(flow)
    axes = flow.axes
    if batch_first and len(axes) == 3:
        axes = tuple(axes[k] for k in SWAPPED)
    if axes not in (IN_TIME, END_TO_END):
        expected = "(steps, samples, features), or all samples end to end"
        raise OtherAxes("it reads other axes", expected, said(flow))
    if masks_behind(flow.chain) != (packed or frozenset()):
        raise Unknown("it reads masked steps", "Pack before it", said(flow))
    counts = given.get("sequence_lens")
    if is_everywhere(counts, length_of(flow, (STEPS,))):
        counts = None
    if counts is not None and not (isinstance(counts, Counts) and counts.of == packed):
        expected = "no sequence_lens: which steps count is seen by a Masking, in x itself"
        raise Unknown("it is told the lengths of samples", expected, said(counts))
    if counts is None and packed:
        raise Unknown("it is not told how many steps count", "lengths of Pack", "none")
    return flow._replace(axes=axes)


def is_everywhere(counts, length):
    """Whether every sample has all steps."""
    if isinstance(counts, np.ndarray):
        return bool(np.all(counts == length))
    return counts == Filled(length)


def settings_of(node, operator, count):
    """The activations, as arguments of the layer."""
    arguments = operator.activations
    default = ["Sigmoid" if name.startswith("rec") else "Tanh" for name in arguments] * count
    names = node.attributes.get("activations", default)
    if len(names) != len(default):
        raise Unknown("it has other activations", f"{len(default)} of them", named(names))
    numbers = [list(node.attributes.get(f"activation_{name}", ())) for name in ("alpha", "beta")]
    found = {}
    for argument, name in zip(arguments * count, names, strict=True):
        own = [
            values.pop(0) if values else usual
            for values, usual in zip(numbers, NUMBERS.get(name, ()), strict=False)
        ]
        ours = activation_of(name, own)
        if ours is None or found.setdefault(argument, ours) != ours:
            expected = "those of a layer here, the same for g and h and for both directions"
            raise Unknown("it has other activations", expected, named(names))
    return found


def stateful(states, count, batch_first):
    """Whether it goes on from states that come in; otherwise it starts from zeros."""
    came = [is_given(state, count, batch_first) for state in states]
    if any(came) and not all(came):
        raise Unknown("only one of its states comes in", "h and c", "one of them")
    return any(came)


def is_given(state, count, batch_first):
    """Whether a state comes in; not where it is zeros.

    Raises
    ------
    Unknown
        If it is something else.
    """
    known = state.value if isinstance(state, Filled) else state
    if known is None or (isinstance(known, np.ndarray | float | int) and not np.any(known)):
        return False
    if isinstance(state, Given) and len(state.rows) == count:
        axes = [state.axes[k] for k in SWAPPED] if batch_first else state.axes
        if tuple(axes[1:]) == ((BATCH,), (FEATURES,)):
            return True
    expected = "zeros, or an input of the graph, a row for each direction"
    raise Unknown("it starts from what is no state", expected, said(state))


def weights_of(operator, given, count, features):
    """The units, and for each direction the weights of its layer."""
    gates = len(operator.gates)
    recurrent = given["R"]
    need_array(recurrent, count, None, None)
    units = recurrent.shape[2]
    columns_of_all = gates * units
    need_array(recurrent, count, columns_of_all, units)
    arrays = [need_array(given["W"], count, columns_of_all, features), recurrent]
    if given.get("B") is not None:
        arrays.append(need_array(given["B"], count, 2 * columns_of_all))
    return units, [columns(operator, *own) for own in zip(*arrays, strict=True)]
