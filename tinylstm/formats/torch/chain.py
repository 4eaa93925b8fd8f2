"""One module behind the other: what gives so many features stands before what reads as many.

That says in which order x goes through modules, where it is not known (files of safetensors have
tensors in the order of their names), and of which class one is, where its tensors leave it open.
"""

from itertools import islice

from ...files.refusals import named
from ...surface.errors import mismatch
from ..matching import listed

MOST = 8  # modules whose orders are tried


def settled(options, ways=(True, False)):
    """The modules in the order of ``forward``, each of one class.

    Parameters
    ----------
    options : list of list of Module
        What each can be.
    ways : tuple of bool
        What is tried: whether they are in their order already.

    Raises
    ------
    ValueError
        If there is none, or more than one.
    """
    for ordered in ways:
        if not ordered and len(options) > MOST:
            raise unclear([one[0] for one in options])
        found = [*islice(chains(options, ordered), 2)]
        if len(found) == 2:
            raise between(*found)
        if found:
            return [*found[0]]
    raise mismatch(
        "The modules do not fit one behind the other.",
        "each reads as many features as the one before it gives, and an nn.Embedding comes first",
        ", ".join(f"{named(one.name)}: {said(*one.widths)}" for one, *_ in options),
    )


def chains(options, ordered, given=None):
    """Each way in which they fit behind what gives so many features: tuples of modules.

    ordered : bool
        Whether the first of them comes first.
    """
    if not options:
        yield ()
    for k, own in enumerate(options[:1] if ordered else options):
        others = [*options[:k], *options[k + 1 :]]
        for module in own if not is_late(own[0], others) else ():
            reads, gives = module.widths
            if given is None or reads == given:
                yield from ((module, *rest) for rest in chains(others, ordered, gives))


def is_late(module, others):
    """Whether one of an nn.Sequential is behind another one of it by its number."""
    parent, number = module.place
    places = (one.place for one, *_ in others)
    return number is not None and any(
        other == parent and n is not None and n < number for other, n in places
    )


def between(one, other):
    """What to raise where modules fit in these two ways."""
    if [a.name for a in one] != [b.name for b in other]:
        return unclear(one)
    kinds = next((a.kind, b) for a, b in zip(one, other, strict=True) if a.kind != b.kind)
    kind, module = kinds
    return mismatch(
        f"The tensors of {named(module.name)} do not say what it is.",
        f"from_torch(..., modules={{{module.name!r}: {kind!r}}}), where it is an nn.{kind}",
        f"{listed(module.tensors.items())}, as of an nn.{kind} or {module.kind}",
    )


def unclear(modules):
    """What to raise where modules fit in several orders."""
    return mismatch(
        "It is not clear in which order x goes through the modules.",
        f"from_torch(..., order={[one.name for one in modules]}), or another one",
        "no order",
    )


def said(reads, gives):
    """Features that a module reads and gives, in words."""
    return f"{'whole numbers' if reads is None else reads} to {gives}"
