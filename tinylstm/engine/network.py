"""A built model, as what runs it sees it: its parts, one vector of parameters, its state."""

from .. import optimizers
from ..data.arrays import ALIGNMENT, aligned
from ..layers.composite import flow
from ..whole import at_once, sets
from .program import Program, steps_of

PROGRAMS = 8  # workspaces of the batch shapes used last


class Network:
    """What a model has from its build on, until its layers change.

    Parameters
    ----------
    chain : list of Layer
        The parts of all layers, in the order in which they run.
    state : State
    parameters : Parameters
        Where each tensor lies in the vector.
    theta : array (P,)
        The parameters, of the model's dtype, aligned.
    seed : int
        Of dropout and of the order of samples.
    draws : numpy.random.Generator
        Where the initial values of further layers would be drawn from.

    Attributes
    ----------
    theta, grad : array (P,)
        Parameters and their gradients. They keep their place.
    """

    def __init__(self, chain, state, parameters, theta, seed, draws):
        self.chain, self.state, self.parameters = chain, state, parameters
        self.dtype, self.seed, self.draws = theta.dtype, seed, draws
        self.theta, self.grad = theta, aligned(len(theta), self.dtype)
        self._gradients = self.grad  # of several threads
        self.no_optimizer = optimizers.SGD()  # of what only predicts
        self.no_optimizer.build(0, self.dtype)
        self.ready = set()  # kinds of runs whose kernels are compiled
        self.seconds_per_batch = {}  # measured, by kind of run and shape of a batch
        self._programs = {}
        self._multiply_adds = {}  # counted, by shape of a sample and kind of layer
        self._output_shapes = {}  # by shape of a sample

    def views(self, layer, vector):
        """The layer's tensors by name, in a vector laid out as the parameters: views."""
        return self.parameters.views(layer, vector)

    def tensor(self, part, name):
        """One tensor of a part, where the parameters are."""
        return self.parameters.view(part, name, self.theta)

    def shape_of_output(self, x):
        """Shape of one sample of the output for samples x."""
        shape, known_shapes = x.shape[1:], self._output_shapes
        if shape not in known_shapes:
            known_shapes[shape] = flow(self.chain, shape)[1]
        return known_shapes[shape]

    def program(
        self, steps, rows, chain, layers=None, study=False, others=0, together=False, beside=0
    ):
        """The tables and workspace for a batch shape, made once and kept.

        beside: bytes that the call reserves beside them.
        """
        layers = self.chain if layers is None else layers
        sharing = {"others": others, "together": together}
        key = (steps, rows, chain, layers[0], len(layers), study, *sharing.values())
        return self.made_once(
            key,
            lambda: Program(
                self, layers, steps, rows, chain, study=study, beside=beside, **sharing
            ),
        )

    def made_once(self, key, make):
        """What was made under a key; the last ones in the order of use are kept."""
        found = self._programs.pop(key, None)
        if found is None:
            found = make()
            while len(self._programs) >= PROGRAMS:
                del self._programs[next(iter(self._programs))]
        self._programs[key] = found
        return found

    def forgetting(self):
        """A change: what was made for a loss and an optimiser is made anew."""
        return sets(self, _programs={}, ready=set())

    def seeded(self, seed):
        """A part of a change: another seed, which programs have that are made from now on."""
        return sets(self, seed=seed, _programs={})

    def gradient_size(self, threads):
        """Elements of the gradients of so many threads, which share no line of the cache."""
        if threads == 1:
            return len(self.theta)
        return threads * -(-len(self.theta) // ALIGNMENT) * ALIGNMENT

    def gradients(self, threads):
        """A gradient for each of so many threads, in one vector; the first is `grad`."""
        size = self.gradient_size(threads)
        if threads > 1 and len(self._gradients) < size:
            longer = aligned(size, self.dtype)
            at_once(sets(self, _gradients=longer, grad=longer[: len(self.theta)]))
        return self.grad if threads == 1 else self._gradients[:size]

    def multiply_adds(self, shape, wide=False):
        """Those of a sample's forward pass, for samples of a shape: what large models spend on.

        Each step counts alike, though the first one from a zero state leaves h_prev U out.

        wide: only those of the layers that are.
        """
        key = shape, wide
        if key not in self._multiply_adds:
            shapes, _ = flow(self.chain, shape)
            self._multiply_adds[key] = sum(
                steps_of(shape) * part.multiply_adds()
                for part, shape in zip(self.chain, shapes, strict=True)
                if part.is_wide or not wide
            )
        return self._multiply_adds[key]

    @property
    def rows_apart(self):
        """Whether threads may share the rows of a batch: no row of a layer knows of another."""
        return all(part.each_row or part.each_step for part in self.chain)
