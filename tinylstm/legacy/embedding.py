"""The Embedding of Keras 1: what differs from the other layers."""

from .. import Dropout, Embedding
from ..surface.errors import warn
from .dialect import spoken


class Dropping(Embedding):
    """An Embedding whose words are dropped, in training, for a whole batch."""

    def __init__(self, *args, dropout, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields = self.fields | {"rate": Dropout(dropout).rate}


class OldEmbedding:
    """Keras 1's Embedding: ``dropout`` drops words for a whole batch. Keras 2 left it out."""

    further = ("dropout",)

    def spoken_defaults(self, given):
        dropped = given.pop("dropout", None)
        if dropped and spoken().number >= (2,):
            warn("Embedding(dropout=) dropped words in Keras 1 alone: --keras-version 1 does so.")
        elif dropped:
            self.engine_kind = Dropping
            given["dropout"] = dropped
        return given
