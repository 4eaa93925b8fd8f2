"""ONNX Runtime and the checks of the onnx package, where they are installed."""

import pytest

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
NEAR = {"rtol": 0, "atol": 1e-5}


def session_of(content):
    """A graph as ONNX Runtime runs it, after the checks of the onnx package."""
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


def run(session, x, **states):
    """{name: what goes out}; x is the first input."""
    names = [one.name for one in session.get_outputs()]
    given = {session.get_inputs()[0].name: x, **states}
    return dict(zip(names, session.run(names, given), strict=True))
