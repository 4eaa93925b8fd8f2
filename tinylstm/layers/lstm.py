"""The LSTM layer; its arithmetic is in ``kernels/layers/lstm.py``."""

import numpy as np

from .. import initializers, regularizers
from ..arguments import choice, find
from ..kernels.layers.lstm import Z_SIZE, F, G, I, O, lstm_backward, lstm_forward
from ..kernels.layers.lstm_dropout import lstm_dropout_backward, lstm_dropout_forward
from ..kernels.products import packed_size, pays
from .activation import ACTIVATIONS
from .dropout import checked_dropout
from .recurrent import Recurrent


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

    ::

        z = x W + h_prev U + b           blocks i | f | g | o
        i, f, o = sigma(z_i), sigma(z_f), sigma(z_o)        g = phi(z_g)
        c = f * c_prev + i * g           h = o * phi(c)

    Parameters
    ----------
    units : int
        H.
    activation : str, default="tanh"
        phi: linear, tanh, sigmoid, relu, hard_sigmoid, hard_sigmoid_keras2.
    recurrent_activation : str, default="sigmoid"
        sigma. ``hard_sigmoid`` is Keras 3's x/6 + 0.5, ``hard_sigmoid_keras2`` the 0.2 x + 0.5 of
        Keras 1 and 2 (the default there before 2.3).
    use_bias : bool, default=True
    unit_forget_bias : bool, default=True
        The forget gate's bias starts at 1.
    kernel_initializer, recurrent_initializer, bias_initializer : str or callable
        Of W (D, 4H), U (H, 4H) and b (4H).
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or L1L2, optional
        A penalty on W, U or b: see `tinylstm.regularizers`.
    dropout, recurrent_dropout : float, default=0
        Probability with which, in training, a feature of x or a unit of h_prev is left out of
        z = x W + h_prev U + b, for all steps of a sequence alike; the others are scaled by
        1 / (1 - rate). With recurrent dropout each gate has masks of its own, without it they
        share one, as in Keras.
    **kwargs
        Of `Recurrent` and `Layer`: return_sequences, return_state, go_backwards, stateful,
        state_mode, name, trainable, input_shape, batch_input_shape, dtype.

    Source: as ``keras.layers.LSTM``, whose weights load without permutation.
    """

    kernels = (lstm_forward, lstm_backward)
    state_names = ("h", "c")
    each_unit = each_column = True

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        unit_forget_bias=True,
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.activation, self.recurrent_activation = activation, recurrent_activation
        gates = {name: kind for name, kind in ACTIVATIONS.items() if name != "softmax"}
        names = ("linear" if name is None else name for name in (activation, recurrent_activation))
        self._activation, self._recurrent = (find(gates, name, "activation") for name in names)
        self.use_bias = choice(use_bias, "use_bias")
        self.unit_forget_bias = choice(unit_forget_bias, "unit_forget_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.dropout = checked_dropout(dropout)
        self.recurrent_dropout = checked_dropout(recurrent_dropout)
        if self.dropout or self.recurrent_dropout:
            self.kernels = (lstm_dropout_forward, lstm_dropout_backward)
            self.each_unit = self.each_column = False
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)

    @property
    def regularizers(self):
        return {
            "kernel": self.kernel_regularizer,
            "recurrent_kernel": self.recurrent_regularizer,
            "bias": self.bias_regularizer,
        }

    @property
    def fields(self):
        return super().fields | {
            "activation": self._activation,
            "recurrent_activation": self._recurrent,
            "use_bias": int(self.use_bias),
            "rate": self.dropout,
            "recurrent_rate": self.recurrent_dropout,
        }

    def tensors(self):
        D, H = self.sample_shape[-1], self.units
        tensors = {
            "kernel": ((D, 4 * H), self.kernel_initializer),
            "recurrent_kernel": ((H, 4 * H), self.recurrent_initializer),
        }
        if self.use_bias:
            tensors["bias"] = ((4 * H,), self._initial_bias)
        return tensors

    def _initial_bias(self, shape, rng):
        H = self.units
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, rng)
        i, g_o = (
            initializers.of_shape(self.bias_initializer, (n,), rng, self.initial("bias"))
            for n in (H, 2 * H)
        )
        return np.concatenate([i, np.ones(H), g_o])  # blocks i | f | g, o

    def idle_tensors(self, steps, carry):
        return () if steps > 1 or carry else ("recurrent_kernel",)  # h_prev is zero

    def traced(self, buffers):
        gates = buffers["gates"]
        planes = {name: gates[:, k] for name, k in (("i", I), ("f", F), ("g", G), ("o", O))}
        return planes | {name: buffers[name] for name in ("z", "c", "h", "dz", "dc", "dh")}

    def buffers(self, steps, rows, traced=False):
        T, B, D, H = steps, rows, self.sample_shape[-1], self.units
        kept = (T if traced else 0, B, H)  # for study only
        return {
            "h_prev": (T + 1, B, H),
            "c_prev": (T + 1, B, H),
            "z": (T, B, 4 * H) if traced else (min(T * B * 4 * H, max(Z_SIZE, B * 4 * H)),),
            "gates": (T, 4, B, H),
            "phi_c": (T, B, H),
            "dz": (T, B, 4 * H),
            "dh_running": (B, H),
            "dc_running": (B, H),
            "dc_prev": (B, H),
            "dout": (B, H),
            "dgates": (4, B, H),
            "h": kept,
            "c": kept,
            "dh": kept,
            "dc": kept,
            "packed_w": (packed_size(D, 4 * H) if pays(T * B, D, 4 * H, T) else 0,),
            "packed_u": (
                max(
                    packed_size(H, 4 * H) if pays(B, H, 4 * H, T) else 0,
                    packed_size(4 * H, H) if pays(B, 4 * H, H, T, turned=True) else 0,
                ),
            ),
        } | (self._dropout_buffers(T, B, H) if self.kernels[0] is lstm_dropout_forward else {})

    def products(self, steps, rows):
        n, D, H = steps * rows, self.sample_shape[-1], self.units
        return (n, D, 4 * H), (n, H, 4 * H), (rows, H, 4 * H)

    def _dropout_buffers(self, T, B, H):
        D = self.sample_shape[-1]
        widest = max(D, H)
        return {
            "x_mask": (4, B, D),
            "h_mask": (4, B, H),
            "w_blocks": (4, D, H),
            "u_blocks": (4, H, H),
            "thinned": (T * B, widest),
            "block": (T * B, H),
            "product": (max(T * B, H), widest),
        }
