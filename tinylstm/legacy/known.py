"""What old scripts alone are made of, known by its name in files: see `surface.plain`."""

from ..initializers import TruncatedNormal
from ..surface.plain import KNOWN_OF_OLD, know
from .drawn import GateByGate, Identity, Orthogonal, Seeded
from .embedding import Dropping
from .updates import BOUNDED_TWICE, AdagradOfKeras2, NadamOfKeras2, RMSpropOfKeras2
from .values import OfOutputs, Renamed, Rounded

know(Dropping, OfOutputs, Renamed, Rounded, table=KNOWN_OF_OLD)
know(GateByGate, Identity, Orthogonal, Seeded, TruncatedNormal, table=KNOWN_OF_OLD)
know(AdagradOfKeras2, NadamOfKeras2, RMSpropOfKeras2, table=KNOWN_OF_OLD)
know(*BOUNDED_TWICE.values(), table=KNOWN_OF_OLD)
