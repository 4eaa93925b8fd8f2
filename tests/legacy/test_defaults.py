"""What a version took by default may be spelled out, and means the same."""

import ast

import pytest

from tests.old_scripts import MODEL, run_text
from tests.old_signatures import OLD_CALLS
from tinylstm.legacy.dialect import Dialect
from tinylstm.legacy.held import held_of
from tinylstm.legacy.script import spoken_keras

CALLS = [(version, call) for version, calls in OLD_CALLS.items() for call in calls]
METHODS = """
from keras.models import Sequential
model.fit(x, y, batch_size=None, epochs=1, verbose=0, callbacks=None, validation_split=0.0,
          validation_data=None, shuffle=True, class_weight=None, sample_weight=None,
          initial_epoch=0, steps_per_epoch=None, validation_steps=None)
model.evaluate(x, y, batch_size=None, verbose=0, sample_weight=None, steps=None)
model.predict(x, batch_size=None, verbose=0, steps=None)
model.train_on_batch(x, y, sample_weight=None, class_weight=None, reset_metrics=True)
model.test_on_batch(x, y, sample_weight=None, reset_metrics=True)
model.compile('adam', 'mse', metrics=None, loss_weights=None, sample_weight_mode=None,
              weighted_metrics=None, target_tensors=None)
batches = [(x, y)]
model.fit_generator(iter(batches), steps_per_epoch=1, epochs=1, verbose=0, callbacks=None,
                    validation_data=None, validation_steps=None, class_weight=None,
                    max_queue_size=10, workers=1, use_multiprocessing=False, shuffle=True,
                    initial_epoch=0)
model.evaluate_generator(iter(batches), steps=1, callbacks=None, max_queue_size=10, workers=1,
                         use_multiprocessing=False, verbose=0)
model.predict_generator(iter([x]), steps=1, callbacks=None, max_queue_size=10, workers=1,
                        use_multiprocessing=False, verbose=0)
from keras import losses, metrics
model.compile('adam', losses.CategoricalCrossentropy(from_logits=False, label_smoothing=0, axis=-1,
    reduction='auto', name='cost'), [metrics.CategoricalAccuracy(name='right', dtype=None),
                                     metrics.BinaryAccuracy(threshold=0.5)])
print(model.metrics_names)
lines = []
model.summary(line_length=None, positions=None, print_fn=None)
model.summary(print_fn=lines.append, expand_nested=False, show_trainable=False)
print(len(lines))
model.train_on_batch(x, y, reset_metrics=False)
"""


def plain(call):
    """The call with what it must be given alone."""
    tree = ast.parse(call, mode="eval")
    tree.body.keywords = []
    return ast.unparse(tree)


def settings_of(made):
    """What tells one from another: numbers, names, choices, and an optimiser's rule."""
    kept = {
        name: value
        for name, value in vars(held_of(made)).items()
        if isinstance(value, int | float | str | tuple | None) and name not in ("name", "_made")
    }
    return kept | {"rule": made.rule.tobytes()} if hasattr(made, "rule") else kept


@pytest.mark.parametrize(("version", "call"), CALLS)
def test_a_default_that_is_spelled_out_asks_for_nothing(version, call):
    with spoken_keras(Dialect(version=version)):
        from keras import callbacks, initializers, layers, optimizers

        names = {}
        for module in (callbacks, initializers, layers, optimizers):
            names |= vars(module)
        made, meant = eval(call, dict(names)), eval(plain(call), dict(names))
    assert type(made) is type(meant)
    assert settings_of(made) == settings_of(meant)


def test_the_defaults_of_methods_may_be_spelled_out(tmp_path):
    ran = run_text(tmp_path, MODEL + METHODS)
    assert ran.lines[0] == "['loss', 'right', 'binary_accuracy']"
    assert ran.lines[-1] == "11"
    assert "train_on_batch(reset_metrics=...) is not supported" in ran.err
