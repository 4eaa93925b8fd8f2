"""The GRU layer; its equations are in ``kernels/cells/gru.py``, ``gru_reset_before.py``."""

from __future__ import annotations

from typing import Unpack

from ..constraints import ConstraintLike
from ..initializers import InitializerLike
from ..kernels.cells import gru, gru_reset_before
from ..regularizers import RegularizerLike
from ..surface.arguments import choice
from .activation import ActivationLike
from .recurrent import RecurrentArguments
from .rnn import RNN


class GRU(RNN):
    """Gated recurrent unit (Cho et al. 2014): its reset gate behind the product with U, or before.

    ::

        z = x W + b[0]                   blocks u | r | g
        z_h = h_prev U + b[1]            likewise
        u, r = sigma(z_u + z_h_u), sigma(z_r + z_h_r)       g = phi(z_g + r * z_h_g)
        h = u * h_prev + (1 - u) * g

    With ``reset_after=False``, as it was first published, there is one bias, b, and
    ``g = phi(x W_g + b_g + (r * h_prev) U_g)``.

    Parameters
    ----------
    units : int
        H, the width of the state and of the output.
    activation : str, default="tanh"
        phi: linear, tanh, sigmoid, relu, hard_sigmoid, hard_sigmoid_keras2.
    recurrent_activation : str, default="sigmoid"
        sigma, likewise.
    use_bias : bool, default=True
    kernel_initializer, recurrent_initializer, bias_initializer : str or callable
        Of W (D, 3H), U (H, 3H) and b (2, 3H), or (3H) with ``reset_after=False``.
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or Regularizer, optional
        A penalty on W, U or b: see `tinylstm.regularizers`.
    kernel_constraint, recurrent_constraint, bias_constraint : str or Constraint, optional
        What W, U or b are after each update: see `tinylstm.constraints`.
    dropout, recurrent_dropout : float, default=0
        As in `LSTM`.
    reset_after : bool, default=True
        Keras' default since 2.4. False: the only form of Keras 1, the default until 2.3, and that
        of ONNX; threads do not share the units of a row, and its steps take longer.
    **kwargs
        Of `Recurrent`: return_sequences (every step is put out, not the last alone), return_state
        (``layer(x)`` returns the state too), go_backwards (the last step is read first), stateful
        or state_mode (where a sample's first step starts from), zero_output_for_mask (zeros at
        masked steps). Of `Layer`: name, trainable, input_shape, batch_input_shape, dtype.

    Source: as ``keras.layers.GRU``, whose weights load without permutation.
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
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        **kwargs: Unpack[RecurrentArguments],
    ) -> None:
        reset_after = choice(reset_after, "reset_after")
        super().__init__(
            gru if reset_after else gru_reset_before,
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
        self.reset_after = reset_after
