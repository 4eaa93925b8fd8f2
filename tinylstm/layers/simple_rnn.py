"""The plain recurrent layer; its equations are in ``kernels/cells/simple_rnn.py``."""

from __future__ import annotations

from typing import Unpack

from ..constraints import ConstraintLike
from ..initializers import InitializerLike
from ..kernels.cells import simple_rnn
from ..regularizers import RegularizerLike
from .activation import ActivationLike
from .recurrent import RecurrentArguments
from .rnn import RNN


class SimpleRNN(RNN):
    """A recurrent layer whose output is its state (Elman 1990).

    ::

        z = x W + h_prev U + b           h = phi(z)

    Parameters
    ----------
    units : int
        H, the width of the state and of the output.
    activation : str, default="tanh"
        phi: linear, tanh, sigmoid, relu, hard_sigmoid, hard_sigmoid_keras2.
    use_bias : bool, default=True
    kernel_initializer, recurrent_initializer, bias_initializer : str or callable
        Of W (D, H), U (H, H) and b (H).
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or Regularizer, optional
        A penalty on W, U or b: see `tinylstm.regularizers`.
    kernel_constraint, recurrent_constraint, bias_constraint : str or Constraint, optional
        What W, U or b are after each update: see `tinylstm.constraints`.
    dropout, recurrent_dropout : float, default=0
        Probability with which, in training, a feature of x or a unit of h_prev is left out of z,
        for all steps of a sequence alike; the others are scaled by 1 / (1 - rate).
    **kwargs
        Of `Recurrent`: return_sequences (every step is put out, not the last alone), return_state
        (``layer(x)`` returns the state too), go_backwards (the last step is read first), stateful
        or state_mode (where a sample's first step starts from), zero_output_for_mask (zeros at
        masked steps). Of `Layer`: name, trainable, input_shape, batch_input_shape, dtype.

    Source: as ``keras.layers.SimpleRNN``, whose weights load as they are.
    """

    fixed = "cell", "recurrent_activation"

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
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
        **kwargs: Unpack[RecurrentArguments],
    ) -> None:
        super().__init__(
            simple_rnn,
            units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
