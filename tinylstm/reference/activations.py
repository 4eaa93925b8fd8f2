"""Activations, and their derivatives as functions of what they put out, or of what comes in."""

import math

import numpy as np


@np.errstate(over="ignore")  # exp(-z) = inf rightly gives 0
def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def softmax(z):
    """Softmax of each row of z (N,K)."""
    y = np.zeros_like(z)
    for n in range(len(z)):
        e = np.exp(z[n] - np.max(z[n]))
        y[n] = e / np.sum(e)
    return y


def softmax_backward(y, dy):
    """Gradient of z from the output y (N,K) and its gradient dy (N,K)."""
    dz = np.zeros_like(y)
    for n in range(len(y)):
        dz[n] = y[n] * (dy[n] - np.sum(dy[n] * y[n]))  # dy_j/dz_k = y_j * ([j = k] - y_k)
    return dz


def normal_distribution(z):
    """The share of a standard normal distribution that is below z."""
    return np.vectorize(lambda one: 0.5 * (1.0 + math.erf(one / math.sqrt(2.0))), otypes=[float])(z)


def normal_density(z):
    return np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi)


ACTIVATION = {
    "linear": lambda z: z,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "relu": lambda z: np.maximum(z, 0.0),
    "hard_sigmoid": lambda z: np.clip(z / 6.0 + 0.5, 0.0, 1.0),  # Keras 3
    "hard_sigmoid_keras2": lambda z: np.clip(0.2 * z + 0.5, 0.0, 1.0),  # Keras 1 and 2
    "softmax": softmax,  # its derivative is softmax_backward
}
DERIVATIVE = {
    "linear": lambda y: np.ones_like(y),
    "tanh": lambda y: 1.0 - y**2,
    "sigmoid": lambda y: y * (1.0 - y),
    "relu": lambda y: np.where(y > 0.0, 1.0, 0.0),
    "hard_sigmoid": lambda y: np.where((y > 0.0) & (y < 1.0), 1.0 / 6.0, 0.0),
    "hard_sigmoid_keras2": lambda y: np.where((y > 0.0) & (y < 1.0), 0.2, 0.0),
}
OF_INPUT = {  # the activation, and its derivative, both as functions of what comes in
    "elu": (
        lambda z: np.where(z > 0.0, z, np.expm1(z)),
        lambda z: np.where(z > 0.0, 1.0, np.exp(z)),
    ),
    "gelu": (
        lambda z: z * normal_distribution(z),
        lambda z: normal_distribution(z) + z * normal_density(z),
    ),
}


def leaky_relu(z, slope):
    return np.where(z > 0.0, z, slope * z)


def leaky_relu_backward(z, dy, slope):
    return np.where(z > 0.0, dy, slope * dy)
