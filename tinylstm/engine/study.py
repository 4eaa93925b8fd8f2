"""One pass at a time, to look at: forward, backward, every gate of every step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data import gate
from ..kernels.tables import HOLD
from ..layers.composite import flow
from ..layers.recurrent import Recurrent
from ..owners import Owner
from ..surface.arguments import choice, find
from ..surface.errors import NoSuchName, mismatch
from ..surface.types import Array
from .program import Program, compiled_passes


def to_rows(a, batches):
    """(samples, steps, ...) as the kernels order it: time first, or one long sequence."""
    if not batches.chained:
        a = a.swapaxes(0, 1)
    return a.reshape(-1, a.shape[-1])


def from_rows(rows, batches, steps):
    """The kernels' rows, or (steps, rows, ...), as (samples, steps, ...): a view."""
    if batches.chained:
        return rows.reshape(batches.chain, steps, rows.shape[-1])
    return rows.reshape(steps, batches.rows, rows.shape[-1]).swapaxes(0, 1)


class Pass:
    """A forward pass of one batch whose workspace is kept for what follows.

    Parameters
    ----------
    model : Sequential
    layers : list of Layer
        The whole chain, or one layer with its activation.
    x : array (N, T, D) or (N, D)
    states, mask, training, traced
        As in `Sequential.forward` and `trace`.
    """

    model = Owner("That of its layers, which has the last pass itself.")

    def __init__(self, model, layers, x, states, mask, training, traced):
        self.model, self.changes = model, model.changes
        plan = model.state.batches(len(x), len(x), goes_on=states is None)
        vector, carry = self._incoming(states, plan)
        self.batches = plan = plan._replace(carry=carry)
        self.shape = x.shape
        steps = x.shape[1] if x.ndim == 3 else 1
        shape = steps, plan.rows, plan.chain
        if traced:  # a workspace of its own, so that two traces can be compared
            program = Program(model.network, layers, *shape, traced=True, study=True)
        else:
            program = model.network.program(*shape, layers, study=True)
        self.program, self.layers, self.went_back = program, layers, False
        program.set_carry(carry)
        program.batch["rows"], program.batch["chain"] = plan.rows, plan.chain
        program.batch["training"] = choice(training, "training")
        program.batch["step"] = model.optimizer.iterations if model.optimizer is not None else 0
        x3 = x.reshape(len(x), steps, x.shape[-1])
        self._write("x", to_rows(x3, plan))
        hold = np.zeros(x3.shape[:2], np.int8) if mask is None else gate.checked_mask(mask, x)
        program.flags[: hold.size] = to_rows(hold[..., None], plan)[:, 0]
        self.vector("state_in")[:] = vector
        self.forward()

    def _incoming(self, states, plan):
        """The state vector to start from, and which layers start from it."""
        state = self.model.state
        if states is None:
            held = state.rows == plan.rows and not state.free and state.hand_on
            return (state.values if held else 0), plan.carry
        need_states(states, sum(len(layer.state_names) for layer in state.layers))
        vector, rows = state.vector_of(states, state.layers)
        if rows != plan.rows:
            raise mismatch("The state has other rows than the batch.", plan.rows, rows)
        named = {layer.name for layer in state.layers} if not isinstance(states, dict) else states
        return vector, tuple(
            1 if layer.name in named else carry
            for layer, carry in zip(state.layers, plan.carry, strict=True)
        )

    def forward(self, count=None):
        """Run the first layers (all) forward, after something in the workspace was changed too."""
        program, model = self.program, self.model
        run, _ = compiled_passes(model.dtype)
        run(
            program.table,
            count or len(self.layers),
            program.batch,
            program.flags,
            model.theta,
            program.work,
        )

    def backward(self, count=None, theta=None, grad=None):
        """Run them back from what `dy` and `dstates` hold; gradients go to the model's vector.

        Through other parameters, and to another vector, where they are given.
        """
        program, model = self.program, self.model
        program.set_backward()
        _, run = compiled_passes(model.dtype)
        with model.in_one_piece:
            run(
                program.table,
                count or len(self.layers),
                program.batch,
                program.flags,
                model.theta if theta is None else theta,
                model.grad if grad is None else grad,
                program.work,
            )
            self.went_back = True

    def vector(self, name):
        """A state vector of the workspace, by its name in the batch's table."""
        size = self.batches.rows * self.model.state.units
        return self.program.view(int(self.program.batch[name][0]), (size,))

    def _write(self, name, rows):
        self.program.view(int(self.program.plan[name][0]), rows.shape)[...] = rows

    def _read(self, offset, steps, features):
        rows = self.program.view(offset, (self.shape[0] * steps, features))
        return from_rows(rows, self.batches, steps)

    def y(self):
        """A copy of the outputs, (samples, units) or (samples, steps, units)."""
        program = self.program
        y = self._read(int(program.plan["y"][0]), program.y_steps, program.y_features)
        return y.copy() if self.has_steps() else y[:, 0].copy()

    def has_steps(self):
        """Whether the output has an axis of steps."""
        return len(flow(self.layers, self.shape[1:])[1]) == 2

    def set_dy(self, dy):
        """Put an upstream gradient, of the output's shape, where the backward pass reads it."""
        expected = self.y().shape
        dy = gate.real_array(dy, self.model.dtype, "dy")
        if dy.shape != expected:
            raise mismatch("dy does not fit the output.", f"shape {expected}", f"shape {dy.shape}")
        rows = to_rows(dy if dy.ndim == 3 else dy[:, None], self.batches)
        self.program.view(self.program.dy, rows.shape)[...] = rows

    def set_dstates(self, dstates):
        """The same for the gradient of the final states; zeros where there is none."""
        vector = 0
        if dstates is not None:
            vector, rows = self.model.state.vector_of(dstates, self.model.state.layers)
            if rows != self.batches.rows:
                raise mismatch("dstates has other rows than the batch.", self.batches.rows, rows)
        self.vector("dstate_out")[:] = vector

    def states(self, name):
        """Copies out of a state vector: {layer name: [h, c]}."""
        state, vector = self.model.state, self.vector(name)
        return {
            layer.name: [a.copy() for a in state.views(layer, vector, self.batches.rows).values()]
            for layer in state.layers
            if layer in self.layers
        }

    def final_states(self):
        """The states after the last step: {layer name: [h, c]}, each (rows, units)."""
        return self.states("state_out")

    def dx_read(self):
        """The gradient of the numbers that are read first: of x, or of the rows of an Embedding."""
        if not self.layers[0].reads_numbers:
            return self.dx().reshape(len(self.dx()), self.program.steps, -1)
        place, width = int(self.program.table["dy"][0]), int(self.program.table["units"][0])
        return self._read(place, self.program.steps, width).copy()

    def dx(self):
        """A copy of the gradient of the input."""
        dx = self._read(int(self.program.table["dx"][0]), self.program.steps, self.program.features)
        return dx.reshape(self.shape).copy()


class Gradients(dict[str, dict[str, Array]]):
    """Gradients by layer and tensor: ``grads["lstm"]["kernel"]``; copies.

    Attributes
    ----------
    x : array
        Of the input, in its shape; None where it is numbers of an Embedding.
    states : dict
        Of the states that came in: {layer name: [dh0, dc0]}.
    """

    def __init__(self, made: Pass) -> None:
        model = made.model
        for layer in model.layers:
            tensors = model.views(layer, model.grad)
            if tensors:
                self[layer.name] = {name: array.copy() for name, array in tensors.items()}
        self.x = None if made.layers[0].reads_numbers else made.dx()
        self.states = made.states("dstate_in")

    def __missing__(self, name: str) -> dict[str, Array]:
        return find(self, name, "layer with gradients", NoSuchName)

    def __repr__(self) -> str:
        norms = [
            f"{layer}/{name} {array.shape} {np.linalg.norm(array):.3g}"
            for layer, tensors in self.items()
            for name, array in tensors.items()
        ]
        return f"<gradients, with their shapes and norms: {', '.join(norms)}>"


class LayerTrace:
    """What one recurrent layer did at every step: arrays (samples, steps, units), in time order.

    Of an LSTM: z (pre-activations, four blocks i | f | g | o), i, f, g, o, c, h; after
    `Sequential.backward` also dz, dh, dc: the gradients that reach them, from all later steps and
    the step's own output. Of a SimpleRNN: z, g, h, dz, dh. Of a GRU: u, r, g, h, dz, dh; its z is
    not one sum, and dz is the gradient of b + x W. They are the very buffers that the kernels
    wrote, and this trace's alone.
    """

    def __init__(self, made: Pass, layer: Recurrent) -> None:
        program, plan = made.program, made.batches
        k = program.layers.index(layer)
        steps = int(program.table["steps"][k])
        buffers = program.buffers(layer, plan.rows, plan.chain)
        flags = program.flags[int(program.table["x_flags"][k]) :][: steps * plan.rows * plan.chain]
        self._pass, self._gradients = made, {}
        self._names = layer.name, layer.gate_names, tuple(layer.state_names), layer.go_backwards
        self._masked = from_rows(flags[:, None] & HOLD, plan, steps)[..., 0] != 0
        traced = layer.traced(buffers)
        for name, array in traced.items():
            of_another = name[:1] == "d" and (name == "dz" or name[1:] in traced)
            found = self._gradients if of_another else vars(self)
            found[name] = from_rows(array, plan, steps)

    @property
    def layer_name(self) -> str:
        """Name of the layer."""
        return self._names[0]

    @property
    def gate_names(self) -> tuple[str, ...]:
        """Names of the cell's gates, in its order."""
        return self._names[1]

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of its states; the first one is the output."""
        return self._names[2]

    @property
    def go_backwards(self) -> bool:
        """Whether the layer read the steps from the last to the first."""
        return self._names[3]

    @property
    def masked(self) -> NDArray[np.bool_]:
        """Which steps were masked, (samples, steps): there z and the gates mean nothing."""
        return self._masked

    def past_u(self) -> dict[str, Array]:
        """The gradients again, but those alone that went through no U since they left the output.

        Returns
        -------
        dict
            ``{"dh": ..., "dz": ...}``: arrays as the trace has them under these names.

        Raises
        ------
        ValueError
            If `Sequential.backward` was not called, or the model has changed since.
        """
        made = self._pass
        model = None if made is None else made.model
        if model is None or not made.went_back or made.changes != model.changes:
            raise mismatch(
                "Gradients are split on a way back through the weights of the way forward.",
                "model.trace(x), model.backward(dy), and then this",
                self._why_not_again(),
            )
        layer = next(layer for layer in made.layers if layer.name == self.layer_name)
        with model._lock:
            theta, grad = model.theta.copy(), model.grad.copy()
            model.network.parameters.view(layer, "recurrent_kernel", theta)[...] = 0
            blocks = made.program.buffers(layer, made.batches.rows, made.batches.chain)["u_blocks"]
            kept = blocks.copy()  # where dropout is inside, U is read from these
            blocks[...] = 0
            made.backward(theta=theta, grad=grad)
            found = {name: array.copy() for name, array in self._gradients.items()}
            blocks[...] = kept
            made.backward(grad=grad)  # what the trace holds is the whole again
        return found

    def _why_not_again(self):
        """Why there can be no further way back, in words."""
        if self._pass is None or self._pass.model is None:
            return "a copy of a trace, or one whose model is gone"
        return "a model that has changed since" if self._pass.went_back else "no way back yet"

    def __getstate__(self):
        """What `pickle` and `copy` take along: the arrays that can be read now."""
        arrays = {name: array for name, array in vars(self).items() if not name.startswith("_")}
        gradients = self._gradients if self._gradients and self._pass.went_back else {}
        said = {"_names": self._names, "_masked": self._masked}
        return arrays | gradients | said | {"_gradients": {}, "_pass": None}

    def __getattr__(self, name: str) -> Array:
        gradients = vars(self).get("_gradients", {})
        if name in gradients and self._pass.went_back:
            return gradients[name]
        known = ", ".join([key for key in vars(self) if not key.startswith("_")] + [*gradients])
        expected = "model.backward(dy) first" if name in gradients else f"one of {known}"
        raise mismatch("The trace has no such array.", expected, name, AttributeError)

    def __dir__(self):
        return [*super().__dir__(), *self._gradients]

    def __repr__(self) -> str:
        arrays = {k: v for k, v in vars(self).items() if not k.startswith("_")}
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        return f"<trace of (samples, steps, width): {shapes}; after backward {[*self._gradients]}>"


class Trace(dict[str, LayerTrace]):
    """Traces of the recurrent layers by name, and the output ``y`` and final ``states``."""

    def __init__(self, made: Pass) -> None:
        for layer in made.layers:
            if layer.state_names:
                self[layer.name] = LayerTrace(made, layer)
        self.y, self.states = made.y(), made.final_states()

    def __missing__(self, name: str) -> LayerTrace:
        return find(self, name, "recurrent layer of this trace", NoSuchName)


def need_states(states, count):
    """Refuse one array that cannot be so many states behind each other: targets, say."""
    if isinstance(states, np.ndarray) and (states.ndim != 3 or len(states) != count):
        raise mismatch(
            "The second argument is states, where to start from.",
            f"{{layer name: arrays}}, or a list of {count} arrays; y is not needed here, and "
            "gradients come from model.backward(dy) afterwards",
            f"one array of shape {states.shape}",
        )


def forward(model, x, states, mask, training, traced=False):
    """See `Sequential.forward`; the pass is kept for `backward`."""
    model.need_built("forward")
    x = gate.input_samples(x, model)
    model.last_pass = None  # this one may use its workspace
    model.last_pass = made = Pass(model, model.network.chain, x, states, mask, training, traced)
    return made


def backward(model, dy, dstates):
    """See `Sequential.backward`."""
    made = model.last_pass
    if made is None or made.changes != model.changes:
        came = "no pass yet" if made is None else "a pass, and other weights or states since"
        raise mismatch("backward follows a forward pass.", "model.forward(x) first", came)
    made.set_dy(dy)
    made.set_dstates(dstates)
    made.backward()
    return Gradients(made)
