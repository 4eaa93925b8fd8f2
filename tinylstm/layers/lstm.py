"""The LSTM layer; its equations are in ``kernels/cells/lstm.py``."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from .. import initializers
from ..constraints import ConstraintLike
from ..initializers import InitializerLike
from ..kernels.cells import lstm
from ..regularizers import RegularizerLike
from ..surface.arguments import choice
from .activation import ActivationLike
from .recurrent import RecurrentArguments
from .rnn import RNN


class LSTM(RNN):
    """Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

    ::

        z = x W + h_prev U + b           blocks i | f | g | o
        i, f, o = sigma(z_i), sigma(z_f), sigma(z_o)        g = phi(z_g)
        c = f * c_prev + i * g           h = o * phi(c)

    Parameters
    ----------
    units : int
        H, the width of the state and of the output.
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
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or Regularizer, optional
        A penalty on W, U or b: see `tinylstm.regularizers`.
    kernel_constraint, recurrent_constraint, bias_constraint : str or Constraint, optional
        What W, U or b are after each update: see `tinylstm.constraints`.
    dropout, recurrent_dropout : float, default=0
        Probability with which, in training, a feature of x or a unit of h_prev is left out of
        z = x W + h_prev U + b, for all steps of a sequence alike; the others are scaled by
        1 / (1 - rate). With recurrent dropout each gate has masks of its own, without it they
        share one, as in Keras.
    **kwargs
        Of `Recurrent`: return_sequences (every step is put out, not the last alone), return_state
        (``layer(x)`` returns the state too), go_backwards (the last step is read first), stateful
        or state_mode (where a sample's first step starts from), zero_output_for_mask (zeros at
        masked steps). Of `Layer`: name, trainable, input_shape, batch_input_shape, dtype.

    Source: as ``keras.layers.LSTM``, whose weights load without permutation.
    """

    fixed = ("cell",)

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        **kwargs: Unpack[RecurrentArguments],
    ) -> None:
        super().__init__(
            lstm,
            units,
            activation,
            recurrent_activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            **kwargs,
        )
        self.unit_forget_bias = choice(unit_forget_bias, "unit_forget_bias")

    def _initial_bias(self, shape, rng):
        H = self.units
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, rng)
        i, g_o = (
            initializers.of_shape(self.bias_initializer, (n,), rng, self.initial("bias"))
            for n in (H, 2 * H)
        )
        return np.concatenate([i, np.ones(H), g_o])  # blocks i | f | g, o
