"""What happens between the compiled calls of a training: callbacks, as in Keras."""

from typing import TYPE_CHECKING

from ..surface.absent import getattr_of
from .backup import BackupAndRestore
from .callback import Callback, LambdaCallback
from .checkpoint import ModelCheckpoint
from .csv_logger import CSVLogger
from .gradients import GradientNorms
from .history import History
from .learning_rate import LearningRateScheduler, ReduceLROnPlateau
from .recorder import Recorder
from .stopping import EarlyStopping, TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "GradientNorms",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "Recorder",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
]

if not TYPE_CHECKING:  # for whom there would be every name
    __getattr__ = getattr_of(__name__, __all__)
