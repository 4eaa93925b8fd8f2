"""What a page holds: a part a subject, each from a file of its own, under names that panels know.

A part is a function of the `Subject` that returns a dict of what JSON knows and of arrays, which
reach the page as ``page.data[name]``.
"""

from . import (
    checks,
    followed,
    gates,
    gradients,
    hand_over,
    influences,
    inputs,
    network,
    opening,
    training,
    weights,
)

PARTS = {
    "input": inputs.part,
    "gates": gates.part,
    "state": hand_over.part,
    "gradients": gradients.part,
    "influence": influences.part,
    "network": network.part,
    "weights": weights.part,
    "training": training.part,
    "checks": checks.part,
    "followed": followed.part,
}


def contents(subject):
    """{name: part} of a page, and what all panels need: the title, the samples, the steps,
    where the cursor is at the start."""
    about = {
        "title": subject.title,
        "samples": {
            "shown": [int(k) for k in subject.shown],
            "all": len(subject.x),
            "asked": subject.asked,
            "batch_size": subject.batch_size,
        },
        "names": subject.names[:1] if same(subject.names) else subject.names,
        "named": followed.named(subject),
        "classes": subject.classes,
        "opens": opening.place(subject),
    }
    return about | {name: part(subject) for name, part in PARTS.items()}


def same(names):
    """Whether the steps of all samples have the same names."""
    return all(one == names[0] for one in names)
