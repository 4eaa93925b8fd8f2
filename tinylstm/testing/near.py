"""Whether two arrays are the same, and how they differ where not."""

import numpy as np

SAME = {"float64": 1e-10, "float32": 1e-4}  # normwise: the same sums, in another order
PROPORTIONAL = 1e-6


def error(a, b):
    """Normwise error of a against b, max |a - b| / max |b|; infinite where one is not finite."""
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    gap, scale = np.abs(a - b).max(initial=0.0), np.abs(b).max(initial=0.0)
    return float(gap / scale if scale > 0 else gap)


def place(a, b):
    """The index at which two arrays differ most, as text: [1, 2]."""
    if a.shape != b.shape:
        return f"of shape {a.shape} against {b.shape}"
    with np.errstate(invalid="ignore"):
        gap = np.nan_to_num(np.abs(a - b), nan=np.inf)
    index = np.unravel_index(gap.argmax(), gap.shape)
    return f"[{', '.join(str(int(k)) for k in index)}]"


def relation(found, right):
    """In a few words how a wrong array comes from the right one, or "" where nothing is seen."""
    if not np.isfinite(found).all():
        return "it is not finite"
    scale, along = np.abs(right).max(initial=0.0), float(np.sum(right * right))
    if not found.any():
        return "it is zero everywhere"
    if scale == 0 or not np.isfinite(along) or along == 0:
        return ""
    factor = float(np.sum(found * right)) / along
    if found.size < 2 or np.abs(found - factor * right).max() > PROPORTIONAL * scale * abs(factor):
        return ""
    return "its sign is turned" if abs(factor + 1) < 1e-6 else f"it is {factor:.4g} times as large"
