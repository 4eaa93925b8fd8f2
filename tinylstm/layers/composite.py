"""A layer that is made of others, and the way of a sample through them."""

from ..surface.errors import mismatch
from ..surface.types import Shape
from .layer import Layer


class Composite(Layer):
    """A layer that is made of others: its parts have the kernels and the parameters."""

    kernels = ()

    def wrap(self, layer: Layer) -> None:
        """Take the dtype of a layer that it is made of, where it was given none itself.

        Raises
        ------
        ValueError
            If it was given another one.
        """
        dtypes = {one.dtype for one in (self, layer)} - {None}
        if len(dtypes) > 1:
            raise mismatch("All layers have one dtype.", self.dtype, layer.dtype)
        self._settle(dtype=dtypes.pop() if dtypes else None)

    def output_shape(self, input_shape: Shape) -> Shape:
        return flow(self.parts(), input_shape)[1]

    @property
    def streams(self) -> bool:
        return all(part.streams for part in self.parts())

    @property
    def units_out(self) -> int:
        return self.parts()[-1].units_out


def flow(parts, shape, behind=lambda part, shape: part.output_shape(shape)):
    """Shapes of the samples that the parts read, and of what the last one puts out.

    Each part reads the outputs that wait longest.
    """
    waiting, shapes = [tuple(shape)], []
    for part in parts:
        shapes.append(waiting[0])
        output = behind(part, waiting[0])
        waiting = [*waiting[part.inlets :], *[output] * part.outlets]
    return shapes, waiting[0]
