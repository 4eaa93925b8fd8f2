"""Masked steps, of which ONNX knows nothing, as functions that a file brings along.

ONNX knows sequences of different lengths. So the steps of a sample that count are moved to its
front (``Pack``), the recurrent operator is told how many they are, and what it puts out is moved to
where they came from (``Unpack``; ``UnpackBackwards`` where it has read from the last step on). A
masked step gets the output of the last one before it that counts, as in our layers, and zeros where
there is none.

Whoever runs the file needs nothing for that. Who reads it here knows what a function of ours means,
since its body is compared with the one that is written here.
"""

from ast import literal_eval

from .messages import attribute_of

DOMAIN, VERSION, OPSET = "tinylstm", 1, 20
OPSETS = [{"domain": "", "version": OPSET}, {"domain": DOMAIN, "version": VERSION}]
NUMBERS = """
    zero = Constant value_int=0
    one = Constant value_int=1
    features = Constant value_ints=[-1]
    steps = Constant value_ints=[1]
"""

# A line is a node: outputs = operator inputs attributes.
SOURCES = {
    # Masking: the steps not all of whose features are the value; and zeros at the others.
    "MaskNumbers(x value) y mask": """
        same = Equal x value
        differs = Not same
        counted = Cast differs to=7
        most = ReduceMax counted features keepdims=0
        mask = Greater most zero
        y = Blank x mask
    """,
    # Embedding: the numbers that are not 0.
    "MaskWords(x) mask": """
        is_zero = Equal x zero
        mask = Not is_zero
    """,
    # x (samples, steps, features), zeros at masked steps.
    "Blank(x mask) y": """
        each = Unsqueeze mask features
        nought = CastLike zero x
        y = Where each x nought
    """,
    # The steps that count at the front, and how many they are.
    "Pack(x mask) y lengths": """
        counted = Cast mask to=7
        count = ReduceSum counted steps keepdims=0
        lengths = Cast count to=6
        till = CumSum counted one
        before = Sub till one
        shape = Shape mask
        all = Gather shape one
        masked = Not mask
        others = Cast masked to=7
        others_till = CumSum others one
        behind = Sub all others_till
        place = Where mask before behind
        each = Unsqueeze place features
        whole = Shape x
        places = Expand each whole
        y = ScatterElements x places x axis=1
    """,
    # Each step where it was, and the masked ones filled.
    "Unpack(x mask) y": """
        counted = Cast mask to=7
        till = CumSum counted one
        before = Sub till one
        place = Max before zero
        any = Greater till zero
        y = Take x place any
    """,
    "UnpackBackwards(x mask) y": """
        counted = Cast mask to=7
        count = ReduceSum counted steps keepdims=1
        since = CumSum counted one reverse=1
        place = Sub count since
        any = Greater since zero
        y = Take x place any
    """,
    # The steps of x (samples, steps, features) at some places, zeros where there is not any.
    "Take(x place any) y": """
        each = Unsqueeze place features
        whole = Shape x
        places = Expand each whole
        taken = GatherElements x places axis=1
        y = Blank taken any
    """,
    # A state (directions, samples, units); where no step counts, the one before.
    "OrBefore(state mask before) y": """
        counted = Cast mask to=7
        count = ReduceMax counted steps keepdims=1
        any = Cast count to=9
        y = Where any state before
    """,
}


def function_of(head, lines):
    """The message of a function."""
    name, inputs, outputs = head.replace("(", ")").split(")")
    own, nodes = lines.strip().splitlines(), []
    used = {word for line in own for word in line.split()}
    numbers = [line for line in NUMBERS.strip().splitlines() if line.split()[0] in used]
    for line in [*numbers, *own]:
        output, operator_and_inputs = line.split(" = ")
        operator, *words = operator_and_inputs.split()
        ours = any(one.startswith(f"{operator}(") for one in SOURCES)
        nodes.append(
            {
                "input": [word for word in words if "=" not in word],
                "output": output.split(),
                "op_type": operator,
                "attribute": [number_of(word) for word in words if "=" in word],
                "domain": DOMAIN if ours else "",
            }
        )
    return {
        "name": name,
        "input": inputs.split(),
        "output": outputs.split(),
        "node": nodes,
        "opset_import": OPSETS,
        "domain": DOMAIN,
    }


def number_of(word):
    """The attribute that a word says."""
    name, value = word.split("=")
    return attribute_of(name, literal_eval(value))


FUNCTIONS = {one["name"]: one for one in (function_of(*item) for item in SOURCES.items())}
