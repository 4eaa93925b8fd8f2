"""The epochs of a training: compiled calls, and who is told of what between them."""

from contextlib import closing, nullcontext
from functools import partial

import numpy as np

from ..callbacks import History
from ..kernels.training.loop import LAST_LOSS, LOSS
from ..surface.arguments import whole_number
from .nonfinite import warn_once
from .passes import run_pass, tell
from .program import PLAN_FIELD
from .resuming import Backups


class Training:
    """What one call of `fit` trains, and who watches it.

    Watched by anybody but the history, each epoch ends a compiled call; else a call may run many.

    Parameters
    ----------
    run, test : Run
        Over the data, and over those of a validation, or None.
    epochs : (int, int)
        Number of the first epoch, and of the one after the last.
    callbacks : list of Callback
    display : callable or None
        Makes the display of the progress.
    validated : callable
        Whether a validation follows an epoch.
    reset : bool
        The state becomes zero after each epoch.
    earlier : dict, optional
        What a backup has of an earlier training, in which it goes on; the model is back there.
    """

    def __init__(self, run, test, epochs, callbacks, display, validated, reset, earlier=None):
        self.model, self.run, self.test, self.epochs = run.model, run, test, epochs
        self.callbacks, self.display = callbacks, display
        self.validated, self.reset = validated, reset
        start = epochs[0] * run.batches.count
        self.start = whole_number(start, "initial_epoch times batches", least=0)
        others = display is not None or test is not None or callbacks
        self.watched, self.earlier = bool(others) or run.staged, earlier
        self.history = History()
        self.logs = {}  # of the last epoch that was watched

    def train(self, shuffle, verbose):
        """Run it; returns the history, which the model has from now on if anything was trained."""
        model, history = self.model, self.history
        model.stop_training = False
        self.open_display()
        former, updates = model.history, model.optimizer.iterations
        try:
            model.history = history
            self.begin(shuffle, verbose)
            with nullcontext() if self.display is None else closing(self.display):
                self.run_epochs()
        except BaseException:
            if model.optimizer.iterations == updates:  # nothing was trained
                model.history = former
            raise
        model.history = history  # also where a callback has trained the model
        return history

    def open_display(self):
        """Make the display; it and the history are told what callbacks are told, and when."""
        self.callbacks = [*self.callbacks, self.history]
        if self.display is not None:
            self.display = self.display()
            self.callbacks.append(self.display)

    def begin(self, shuffle, verbose):
        """Tell the callbacks whom they serve, and that it begins; write the plan of the loop."""
        model, run = self.model, self.run
        params = {"epochs": self.epochs[1], "initial_epoch": self.epochs[0], "verbose": verbose}
        params |= run.params()
        if self.test is not None:
            params["validation_samples"] = self.test.params()["samples"]
        run.fields[PLAN_FIELD["start"]] = self.start
        if self.earlier is not None:
            params["resumed"] = True
        for callback in self.callbacks:
            callback.set_model(model)
            callback.set_params(dict(params))
        tell(self.callbacks, "on_train_begin", {})
        self.backups = Backups([one for one in self.callbacks if one is not self.display])
        begun = 0  # whether the first epoch is one that goes on, whose order was drawn
        if self.earlier is not None:
            begun = self.backups.go_on(run, self.earlier, shuffle)
            self.start += self.earlier["batch"]
        run.shuffle(shuffle, model.epochs_seen - begun - self.epochs[0])
        run.fields[PLAN_FIELD["drawn"]] = model.epochs_seen
        run.fields[PLAN_FIELD["reset"]] = self.reset and not self.watched

    def run_epochs(self):
        """Compiled calls until the last epoch has ended, or somebody stops it."""
        model, run, done = self.model, self.run, self.start
        self.one_by_one = any(callback.wants_batches() for callback in self.callbacks)
        self.of_chunks = [callback for callback in self.callbacks if callback.wants_chunks()]
        if self.display is not None and done % run.batches.count:  # a backup within an epoch
            self.display.on_epoch_begin(done // run.batches.count)
        while done < self.epochs[1] * run.batches.count and not model.stop_training:
            if not run.ready(done):
                break
            first, epoch, done = done, done // run.batches.count, self.call(done)
            count = run.batches.count  # known where a generator has come to its end
            if done % count and not model.stop_training and not run.ready(done):
                model.stop_training = True
            ended = done == (epoch + 1) * count
            if self.watched and (ended or model.stop_training):
                self.end_epoch(epoch, ended)
            if done % count:  # the epoch goes on: its sums move to where the next call finds them
                run.results[0] = run.results[done // count - epoch]
            self.backups.look(run, done, done - first)
        if self.reset and done > self.epochs[0] * run.batches.count:
            model.state.reset()
        run.end()
        tell(self.callbacks, "on_train_end", self.logs)

    def call(self, first):
        """One compiled call from a batch on, and all are told; returns the number of the next."""
        run, callbacks = self.run, self.callbacks
        count, epoch = run.batches.count, first // run.batches.count
        if self.watched and first % count == 0:
            tell(callbacks, "on_epoch_begin", epoch, {})
        if self.one_by_one:
            tell(callbacks, "on_train_batch_begin", first % count, {})
        limit = (epoch + 1 if self.watched else self.epochs[1]) * count
        done = self.advance(first, first + 1 if self.one_by_one else limit)
        if self.one_by_one:
            tell(callbacks, "on_train_batch_end", first % run.batches.count, run.logs())
        if self.of_chunks:
            tell(self.of_chunks, "on_chunk_end", done - first, run.logs())
        return done

    def advance(self, first, limit):
        """The call itself; returns the number of the batch after the last.

        A Ctrl-C is heard when it returns, or just after: what it has done is noted all the same; so
        it is in the child of a fork, where it returns to nobody.
        """
        model, run, done = self.model, self.run, first
        count = run.batches.count
        note = partial(self.note_updates, first, model.optimizer.iterations)
        try:
            model.note_call = note
            done, last = run.chunk(first, limit)
            if done < last:
                row = done // count - first // count
                skip_nonfinite(run, *divmod(done, count), row, self.callbacks)
                done += 1
            self.note_epochs(first, done)
        except BaseException:
            note(done)
            raise
        finally:
            model.note_call = None
        return done

    def note_updates(self, first, updates, done=0):
        """Note what a call did until it ended early: so many batches, or as many as there were
        updates since it began after that many."""
        self.note_epochs(first, max(done, first + self.model.optimizer.iterations - updates))

    def note_epochs(self, first, done):
        """Count the orders that were drawn and, where nobody else watches, give the history its
        epochs.

        May be called again for the same batches.
        """
        model, run = self.model, self.run
        model.epochs_seen = max(model.epochs_seen, int(run.fields[PLAN_FIELD["drawn"]]))
        if not self.watched:
            epoch = first // run.batches.count
            model.history.extend(epoch, run.columns(done // run.batches.count - epoch))

    def end_epoch(self, epoch, ended):
        """Validate from zeros on scratch state, where it is time, and tell the callbacks.

        ended: all batches of the epoch were run.
        """
        self.logs = self.run.logs()
        if self.run.measure:
            told = [callback for callback in self.callbacks if callback.wants_gradients()]
            tell(told, "on_gradients", epoch, self.run.norms())
        if self.test is not None and self.validated(epoch):
            with self.model.state.scratch(zero=True):
                run_pass(self.test, "test", self.callbacks)
            self.logs |= self.test.logs("val_")
        tell(self.callbacks, "on_epoch_end", epoch, self.logs)
        if self.reset:
            self.model.state.reset()
        if ended:
            self.run.end_epoch()


def skip_nonfinite(run, epoch, batch, row, callbacks):
    """A batch whose loss is not finite changed nothing: say so, once in a fit, and go on."""
    loss = run.results[row, LAST_LOSS]
    warn_once(
        run,
        "loss",
        f"The loss of batch {batch} in epoch {epoch + 1} is {loss}: its update was left out, "
        "the weights are those of the batch before.",
    )
    with np.errstate(invalid="ignore"):  # infinities of both signs
        run.results[row, LOSS] += loss
    tell(callbacks, "on_nonfinite", epoch, batch, loss)
