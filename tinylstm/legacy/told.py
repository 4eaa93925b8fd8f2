"""What callbacks of a script are told: of the script's model, and what their version told them."""

from ..callbacks import Callback
from ..surface.arguments import listed
from .dialect import spoken
from .generators import is_stream
from .logs import Logs


class Told(Callback):
    """Tells a callback of a script all that this package says.

    Parameters
    ----------
    callback : Callback
    model : legacy.model.Sequential
    verbose
        As the script said it.
    """

    def __init__(self, callback, model, verbose):
        self.callback, self.old_model, self.verbose = callback, model, verbose
        self.wants_batches, self.looks_between = callback.wants_batches, callback.looks_between
        self.wants_chunks, self.check_arguments = callback.wants_chunks, callback.check_arguments

    def set_model(self, model):
        self.callback.set_model(self.old_model)

    def set_params(self, params):
        self.callback.set_params(params | {"verbose": self.verbose})


def handed_on(name):
    """A method that calls the callback's, with logs that answer ``acc`` and ``accuracy`` alike."""

    def tell(self, *arguments):
        method = getattr(self.callback, name)
        *first, logs = arguments
        if not isinstance(logs, dict):
            method(*arguments)
            return
        both = Logs(logs)
        method(*first, both)
        logs.clear()  # what it has written, and in which order, the others find too
        logs.update(both)

    return tell


for _name in dir(Callback):
    if _name.startswith("on_"):
        setattr(Told, _name, handed_on(_name))


class ToldOfBatches(Told):
    """Tells a callback what Keras up to 2.2 did between batches: the values of each batch alone."""

    def on_train_batch_begin(self, batch, logs=None):
        self.before = self.so_far if batch else {}
        params = self.callback.params
        self.done = batch * params["batch_size"]
        self.size = min(params["batch_size"], params["samples"] - self.done)
        super().on_train_batch_begin(batch, {"batch": batch, "size": self.size})

    def on_train_batch_end(self, batch, logs=None):
        self.so_far = dict(logs)
        alone = {"batch": batch, "size": self.size}
        for name, mean in logs.items():  # mean: over all batches of the epoch so far
            total = mean * (self.done + self.size) - self.before.get(name, 0.0) * self.done
            alone[name] = total / self.size
        super().on_train_batch_end(batch, alone)


class ValidationFirst(Callback):
    """Before 2.4 an epoch's logs, and so the history, began with what was validated."""

    def on_epoch_end(self, epoch, logs=None):
        for name in [name for name in logs if not name.startswith("val_")]:
            logs[name] = logs.pop(name)


def told(given, model):
    """The callbacks of a call with these arguments, told as this version of Keras did; what is
    none is left to be refused."""
    callbacks = given.get("callbacks")
    callbacks = [callbacks] if isinstance(callbacks, Callback) else listed(callbacks, "callbacks")
    alone = spoken().number < (2, 3) and not is_stream(given.get("x"))
    found = [*callbacks]
    for k, one in enumerate(callbacks):
        if isinstance(one, Callback):
            kind = ToldOfBatches if alone and one.wants_batches() else Told
            found[k] = kind(one, model, given["verbose"])
    validated = given.get("validation_data") is not None or given.get("validation_split")
    return [ValidationFirst(), *found] if validated and not spoken().counts_steps else found
