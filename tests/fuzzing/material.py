"""What the calls of a sequence are made of: data, layers, callbacks and generators of one's own."""
# ruff: noqa: F401, F403, F405  (names for the sequences)

import copy
import pickle
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

import tinylstm
from tinylstm import *
from tinylstm import callbacks as calls
from tinylstm import constraints, initializers, regularizers
from tinylstm.plotting.recording import StateRecorder

from .sharing_all import share_all


class Stop(Exception):
    """Raised by what a user has written."""


def data(*shape):
    """Random numbers, the same for the same shape."""
    return np.random.default_rng(shape).normal(size=shape)


def shares(*shape):
    """Rows of numbers that sum to 1."""
    y = np.random.default_rng(shape).random(shape) + 0.1
    return y / y.sum(axis=-1, keepdims=True)


def classes(count, *shape):
    """Whole numbers below count."""
    return np.random.default_rng(shape).integers(0, count, shape)


def with_value(a, value):
    """The array as floats, with one element replaced."""
    a = np.array(a, float)
    a.reshape(-1)[-1] = value
    return a


def batches(*ones):
    """A generator of these."""
    yield from ones


def many(*ones):
    """A generator of these, again and again, for longer than is needed."""
    for _ in range(20):
        yield from ones


class Batches:
    """Keras' Sequence of these."""

    def __init__(self, *ones, count=None):
        self.ones, self.count = ones, len(ones) if count is None else count

    def __len__(self):
        return self.count

    def __getitem__(self, k):
        return self.ones[k]

    def on_epoch_end(self):
        pass


@kernel
def put_out(layer, batch, flags, theta, work):
    """y = 1."""
    view(work, layer.y, (batch.rows * batch.chain * layer.y_steps * layer.units,))[:] = 1


@kernel
def put_back(layer, batch, flags, theta, grad, work):
    """dx = 0."""
    view(work, layer.dx, (batch.rows * batch.chain * layer.steps * layer.fan_in,))[:] = 0


class Own(Layer):
    """A layer that says of itself what it is made with."""

    kernels = (put_out, put_back)
    each_row = True

    def __init__(self, tensors=None, buffers=None, output=None, settings=None, **kwargs):
        super().__init__(**kwargs)
        self.said = {} if tensors is None else tensors, {} if buffers is None else buffers, output
        self.fields = {} if settings is None else settings

    def tensors(self):
        return self.said[0]

    def buffers(self, steps, rows, traced=False):
        return self.said[1]

    def output_shape(self, input_shape):
        return input_shape if self.said[2] is None else self.said[2]


class Doing(calls.Callback):
    """A callback that does something after each epoch, or at another time."""

    def __init__(self, action, at="on_epoch_end"):
        self.action, self.at = action, at

    def at_times(self, name):
        if name == self.at:
            self.action(self.model)

    def on_train_begin(self, logs=None):
        self.at_times("on_train_begin")

    def on_epoch_begin(self, epoch, logs=None):
        self.at_times("on_epoch_begin")

    def on_epoch_end(self, epoch, logs=None):
        self.at_times("on_epoch_end")

    def on_train_end(self, logs=None):
        self.at_times("on_train_end")


class Narrow(calls.Callback):
    """A callback whose methods take no epoch."""

    def on_epoch_end(self, logs=None):
        pass

    def on_train_begin(self):
        pass


def stop(*args):
    """What a user's function raises."""
    raise Stop


def writing(array, value):
    """What writes into data that a training reads."""
    return lambda model: array.fill(value)


def setting(name, value):
    """What sets an attribute of the model, or writes into an array of it."""

    def change(model):
        if name.endswith("[:]"):
            getattr(model, name[:-3])[:] = value
        else:
            setattr(model, name, value)

    return change
