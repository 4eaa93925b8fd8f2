"""The Embedding of Keras 1: what differs from the other layers."""

from ..layers.dropout import checked_dropout
from ..surface.errors import warn
from .dialect import spoken


class OldEmbedding:
    """Keras 1's Embedding: ``dropout`` drops words for a whole batch. Keras 2 left it out."""

    further = ("dropout",)
    dropout = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.dropout:
            self.fields = self.fields | {"rate": checked_dropout(self.dropout)}

    def spoken_defaults(self, given):
        self.dropout = given.pop("dropout", None) or None
        if self.dropout and spoken().number >= (2,):
            warn("Embedding(dropout=) dropped words in Keras 1 alone: --keras-version 1 does so.")
            self.dropout = None
        return given
